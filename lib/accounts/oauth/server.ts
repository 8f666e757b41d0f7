/**
 * The provider's endpoints: what its metadata say (RFC 8414), else what Parallel documents.
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

/** Endpoints that a sign-in needs, all known. */
export interface Server extends AuthorizationServer {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

/** The scope that gives a key: https://docs.parallel.ai/integrations/oauth-provider */
export const SCOPE = "key:read";

/** Options for requests of `oauth4webapi`; plain http only where the provider is configured so. */
export function requestOptions(issuer: string, send: Send) {
  return { [customFetch]: send, [allowInsecureRequests]: issuer.startsWith("http:") };
}

/**
 * The provider at an origin. Metadata that are missing, no JSON, or of another issuer are not used: the
 * documented endpoints stand in. Throws {@linkcode LoginError} where the provider is down.
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

/** What Parallel documents for its platform, at any origin. */
function documentedServer(platformUrl: string): Server {
  return {
    issuer: platformUrl,
    authorization_endpoint: `${platformUrl}/getKeys/authorize`,
    token_endpoint: `${platformUrl}/getKeys/token`,
    registration_endpoint: `${platformUrl}/getKeys/register`,
  };
}
