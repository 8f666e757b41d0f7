/**
 * The provider's endpoints: from its metadata (RFC 8414), otherwise those that Parallel documents.
 */
import {
  allowInsecureRequests,
  type AuthorizationServer,
  checkProtocol,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from "oauth4webapi";
import { LoginError } from "./problem.ts";
import type { Send } from "./transport.ts";

/** The endpoints that a sign-in needs. */
export interface Server extends AuthorizationServer {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

/** The scope that issues a key: https://docs.parallel.ai/integrations/oauth-provider */
export const SCOPE = "key:read";

/** Options for requests of `oauth4webapi`. Allows plain http only if the provider's configured URL has it. */
export function requestOptions(issuer: string, send: Send) {
  return { [customFetch]: send, [allowInsecureRequests]: issuer.startsWith("http:") };
}

/**
 * The provider at an origin. If its metadata is missing, is not JSON or names another issuer, the documented
 * endpoints are used. Throws {@linkcode LoginError} if the provider is down.
 */
export async function discover(platformUrl: string, send: Send): Promise<Server> {
  const issuer = new URL(platformUrl);
  const response = await discoveryRequest(issuer, {
    algorithm: "oauth2",
    ...requestOptions(platformUrl, send),
  });
  if (response.status >= 500) throw new LoginError("unreachable");
  try {
    const metadata = await processDiscoveryResponse(issuer, response);
    const { authorization_endpoint, token_endpoint } = metadata;
    return {
      ...metadata,
      authorization_endpoint: endpoint(authorization_endpoint, platformUrl),
      token_endpoint: endpoint(token_endpoint, platformUrl),
    };
  } catch {
    return documentedServer(platformUrl);
  }
}

function endpoint(value: string | undefined, platformUrl: string): string {
  const url = new URL(value ?? "");
  checkProtocol(url, !platformUrl.startsWith("http:"));
  return url.href;
}

/** The endpoints that Parallel documents, at any origin. */
function documentedServer(platformUrl: string): Server {
  return {
    issuer: platformUrl,
    authorization_endpoint: `${platformUrl}/getKeys/authorize`,
    token_endpoint: `${platformUrl}/getKeys/token`,
    registration_endpoint: `${platformUrl}/getKeys/register`,
  };
}
