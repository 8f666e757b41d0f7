/**
 * Signs in with Parallel: OAuth 2.1's authorization code flow with PKCE. The access token is the user's API key.
 * It is sealed in the session at once.
 */
import type { Timers } from "../../base/mod.ts";
import type { Committer } from "../../store/mod.ts";
import type { Keyring } from "../keyring.ts";
import { ownPath, type SignIn, type Visitor } from "../sign_in.ts";
import { LoginError, type LoginFailure } from "./problem.ts";
import { Transactions } from "./transactions.ts";
import { type Send, transport } from "./transport.ts";

/** The dependencies of signing in with Parallel. */
export interface ParallelLoginContext {
  /** Origin of the provider. */
  readonly platformUrl: string;
  readonly fetch: typeof fetch;
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly keyring: Keyring;
  readonly signIn: SignIn;
  readonly now: () => number;
  /** The longest wait for a response of the provider (ms). */
  readonly timeoutMs?: number;
  readonly timers?: Timers;
}

/** A sign-in to start. */
export interface LoginRequest {
  /** Where the provider sends the browser back to: this app's `/auth/callback`, as the browser sees it. */
  readonly redirectUri: string;
  /** The path of this app to redirect to afterwards. */
  readonly next: string;
}

/** A callback of the provider. */
export interface LoginCallback {
  readonly parameters: URLSearchParams;
  /** The value of the browser's cookie for a tag. */
  readonly secretOf: (tag: string) => string | null;
  readonly visitor: Visitor;
}

/** Where to redirect the browser and the secret for its cookie, or why the sign-in failed. */
export type LoginStart =
  | { readonly ok: true; readonly location: string; readonly tag: string; readonly secret: string }
  | { readonly ok: false; readonly failure: LoginFailure };

/** The session's cookie value and where to redirect, or why the sign-in failed. `tag` names the used cookie. */
export type LoginEnd =
  & { readonly tag: string | null }
  & (
    | { readonly ok: true; readonly cookie: string; readonly next: string }
    | { readonly ok: false; readonly failure: LoginFailure }
  );

/** The longest redirect URI (characters): it is part of a KV key. */
const MAX_REDIRECT_URI = 1000;
/** The longest path to redirect to (characters): it must fit into the transaction. */
const MAX_NEXT = 8000;

/** Starts and completes sign-ins with Parallel. */
export class ParallelLogin {
  readonly #context: ParallelLoginContext;
  readonly #transactions: Transactions;

  constructor(context: ParallelLoginContext) {
    const { kv, committer, keyring, now } = context;
    this.#context = context;
    this.#transactions = new Transactions(kv, committer, keyring, now);
  }

  /** Opens a transaction. Rejects with the signal's reason. Each request also has a deadline. */
  async begin(request: LoginRequest, signal?: AbortSignal): Promise<LoginStart> {
    const { platformUrl, kv, committer } = this.#context;
    const { redirectUri } = request;
    const next = request.next.length > MAX_NEXT ? "/" : ownPath(request.next);
    try {
      if (redirectUri.length > MAX_REDIRECT_URI) throw new LoginError("malformed");
      const send = this.#send(signal);
      const { Clients, discover, oauth, SCOPE } = await loadProtocol();
      const server = await discover(platformUrl, send);
      const clientId = await new Clients(kv, committer).idFor(server, redirectUri, send);
      const verifier = oauth.generateRandomCodeVerifier();
      const { state, tag, secret } = await this.#transactions.open({
        next,
        redirectUri,
        clientId,
        issuer: server.issuer,
        tokenEndpoint: server.token_endpoint,
        namesIssuer: server.authorization_response_iss_parameter_supported === true,
        verifier,
      });
      const location = new URL(server.authorization_endpoint);
      const parameters = {
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: "code",
        scope: SCOPE,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        state,
      };
      for (const [name, value] of Object.entries(parameters)) {
        location.searchParams.set(name, value);
      }
      return { ok: true, location: location.href, tag, secret };
    } catch (error) {
      return { ok: false, failure: failureOf(error, next) };
    }
  }

  /**
   * Handles a callback: signs the visitor in, or returns why not. Rejects with the signal's reason. A code works
   * once, so an aborted call cannot be repeated.
   */
  async finish(callback: LoginCallback, signal?: AbortSignal): Promise<LoginEnd> {
    const { parameters, secretOf, visitor } = callback;
    const states = parameters.getAll("state");
    const [state] = states;
    if (state === undefined || state === "" || states.length > 1) {
      return { ok: false, tag: null, failure: failureOf(new LoginError("malformed"), "/") };
    }
    let tag: string | null = null;
    let next = "/";
    try {
      const candidate = await this.#transactions.tag(state);
      const transaction = await this.#transactions.redeem(state, secretOf(candidate));
      tag = candidate;
      next = transaction.next;
      const { exchange } = await loadProtocol();
      const apiKey = await exchange(transaction, parameters, this.#send(signal))
        .catch((error) => this.#afterRefusal(error, transaction.redirectUri));
      const outcome = await this.#context.signIn.withParallel(apiKey, visitor);
      if (!outcome.ok) throw new LoginError(KEY_PROBLEMS[outcome.problem]);
      return { ok: true, tag, cookie: outcome.cookie, next };
    } catch (error) {
      return { ok: false, tag, failure: failureOf(error, next) };
    }
  }

  /** Forgets a client that the provider does not know, so that the next try registers it. */
  async #afterRefusal(error: unknown, redirectUri: string): Promise<never> {
    const code = error instanceof LoginError ? error.code : null;
    if (code === "invalid_client" || code === "unauthorized_client") {
      const { kv, committer } = this.#context;
      const { Clients } = await loadProtocol();
      await new Clients(kv, committer).forget(redirectUri);
    }
    throw error;
  }

  #send(signal = new AbortController().signal): Send {
    return transport(this.#context, signal);
  }
}

/** Loads the protocol at the first sign-in, because its library is large. */
async function loadProtocol() {
  const [{ Clients }, { exchange }, { discover, SCOPE }, oauth] = await Promise.all([
    import("./clients.ts"),
    import("./exchange.ts"),
    import("./server.ts"),
    import("oauth4webapi"),
  ]);
  return { Clients, exchange, discover, SCOPE, oauth };
}

/** Maps the reason why an issued key cannot sign in to a problem of the sign-in. */
const KEY_PROBLEMS = {
  "malformed": "no-key",
  "no-sandbox": "no-key",
  "refused": "key-refused",
  "unreachable": "key-unchecked",
} as const;

function failureOf(error: unknown, next: string): LoginFailure {
  if (!(error instanceof LoginError)) throw error;
  const { problem, providerMessage, code, cause } = error;
  const reason = code ?? (cause instanceof Error ? `${cause.name}: ${cause.message}` : null);
  return { problem, providerMessage, next, reason };
}
