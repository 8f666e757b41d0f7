/**
 * The OAuth client of this app: registered once per redirect URI (RFC 7591). Without a registration, its id is
 * the host name, as Parallel documents. Owns `["client", redirect_uri]`.
 */
import {
  dynamicClientRegistrationRequest,
  processDynamicClientRegistrationResponse,
} from "oauth4webapi";
import type { Committer } from "../../store/mod.ts";
import { LoginError } from "./problem.ts";
import { requestOptions, SCOPE, type Server } from "./server.ts";
import type { Send } from "./transport.ts";

/** How long a registration is used (ms). Then the app registers again, in case the provider lost it. */
const REMEMBERED_MS = 7 * 86_400_000;

interface StoredClient {
  readonly issuer: string;
  readonly client_id: string;
}

/** Characters of a client id (RFC 6749, appendix A.1), with a maximum length. */
const CLIENT_ID = /^[\x20-\x7e]{1,500}$/;

/** Finds or registers the client of a redirect URI. */
export class Clients {
  readonly #kv: Deno.Kv;
  readonly #committer: Committer;

  constructor(kv: Deno.Kv, committer: Committer) {
    this.#kv = kv;
    this.#committer = committer;
  }

  /** The client id to use. Throws {@linkcode LoginError} if the provider is down. */
  async idFor(server: Server, redirectUri: string, send: Send): Promise<string> {
    const { value } = await this.#kv.get<StoredClient>(["client", redirectUri]);
    if (value?.issuer === server.issuer) return value.client_id;
    const clientId = await register(server, redirectUri, send);
    if (clientId === null) return new URL(redirectUri).hostname;
    const client: StoredClient = { issuer: server.issuer, client_id: clientId };
    const key = ["client", redirectUri];
    await this.#committer.commit({
      mutations: [{ type: "set", key, value: client, expireIn: REMEMBERED_MS }],
    });
    return clientId;
  }

  /** Forgets a client that the provider no longer knows. The next sign-in registers again. */
  async forget(redirectUri: string): Promise<void> {
    const key = ["client", redirectUri];
    await this.#committer.commit({ mutations: [{ type: "delete", key }] });
  }
}

/** Registers a client; `null` if the response is not a registration. */
async function register(server: Server, redirectUri: string, send: Send): Promise<string | null> {
  if (server.registration_endpoint === undefined) return null;
  try {
    const response = await dynamicClientRegistrationRequest(server, {
      redirect_uris: [redirectUri],
      client_name: "Taskstream",
      grant_types: ["authorization_code"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      scope: SCOPE,
    }, requestOptions(server.issuer, send));
    // Parallel does not document the status of a success. The library requires the 201 of RFC 7591.
    const created = response.ok
      ? new Response(response.body, { status: 201, headers: response.headers })
      : response;
    const { client_id } = await processDynamicClientRegistrationResponse(created);
    return CLIENT_ID.test(client_id) ? client_id : null;
  } catch (error) {
    if (error instanceof LoginError && error.problem !== "broken") throw error;
    return null;
  }
}
