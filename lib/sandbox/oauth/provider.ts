/**
 * Simulates Parallel's OAuth provider: metadata, registration, a consent page, and the exchange of codes for
 * keys that this sandbox accepts. Part of `deno task sandbox`; the app's embedded sandbox has none.
 */
import { html, json, oauthError, readForm, readJson, seeOther, unavailable } from "./responses.ts";
import { type Authorization, checkAuthorization, redirectTarget } from "./authorization.ts";
import { consentPage, problemPage } from "./consent_page.ts";
import { faultyToken, isOAuthFault, type OAuthFault } from "./faults.ts";

/** The dependencies of a provider. */
export interface ProviderOptions {
  /** Unix ms. */
  readonly now?: () => number;
  /** The faults of every sign-in. */
  readonly faults?: ReadonlySet<OAuthFault>;
}

/** A provider. */
export interface Provider {
  /** Handles a request. Returns `null` if it is not the provider's. */
  fetch(request: Request): Promise<Response | null>;
}

/** How long the user can take to decide (ms). */
const TICKET_MS = 600_000;
/** How long a code is valid (ms). RFC 6749 recommends at most ten minutes; the app redeems it at once. */
const CODE_MS = 60_000;

interface Ticket {
  readonly authorization: Authorization;
  readonly untilMs: number;
}

interface Code extends Ticket {
  readonly key: string;
  readonly faults: ReadonlySet<OAuthFault>;
}

/**
 * Creates a provider. Codes and pending consents are in memory. Clients are not stored: their IDs are
 * derived.
 */
export function createProvider(options: ProviderOptions = {}): Provider {
  const handler = new Handler(options);
  return { fetch: (request) => handler.handle(request) };
}

class Handler {
  readonly #now: () => number;
  readonly #faults: ReadonlySet<OAuthFault>;
  readonly #tickets = new Map<string, Ticket>();
  readonly #codes = new Map<string, Code>();

  constructor({ now = Date.now, faults = new Set() }: ProviderOptions) {
    this.#now = now;
    this.#faults = faults;
  }

  async handle(request: Request): Promise<Response | null> {
    const url = new URL(request.url);
    switch (`${request.method} ${url.pathname}`) {
      case "GET /.well-known/oauth-authorization-server":
        return this.#metadata(url.origin);
      case "POST /getKeys/register":
        return await this.#register(request);
      case "GET /getKeys/authorize":
        return await this.#ask(url.searchParams);
      case "POST /getKeys/authorize":
        return await this.#decide(await readForm(request), url.origin);
      case "POST /getKeys/token":
        return await this.#exchange(await readForm(request), request.signal);
      default:
        return null;
    }
  }

  #metadata(issuer: string): Response {
    if (this.#faults.has("down")) return unavailable();
    if (this.#faults.has("no-metadata")) return json({ error: "not_found" }, 404);
    if (this.#faults.has("html-metadata")) return html();
    return json({
      issuer: this.#faults.has("foreign-metadata") ? "https://elsewhere.example" : issuer,
      authorization_endpoint: `${issuer}/getKeys/authorize`,
      token_endpoint: `${issuer}/getKeys/token`,
      registration_endpoint: `${issuer}/getKeys/register`,
      token_endpoint_auth_methods_supported: ["none"],
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code"],
      scopes_supported: ["key:read"],
      code_challenge_methods_supported: ["S256"],
    });
  }

  async #register(request: Request): Promise<Response> {
    if (this.#faults.has("down")) return unavailable();
    if (this.#faults.has("no-registration")) {
      return oauthError(403, "access_denied", "No new clients");
    }
    if (this.#faults.has("broken-registration")) return html();
    const body = await readJson(request);
    const uris = Array.isArray(body.redirect_uris) ? body.redirect_uris : [];
    const [uri] = uris;
    if (typeof uri !== "string" || uris.length !== 1 || redirectTarget(uri) === null) {
      return oauthError(400, "invalid_redirect_uri", "Name one redirect URI, https or on loopback");
    }
    return json({
      client_id: await registeredId(uri),
      redirect_uris: [uri],
      token_endpoint_auth_method: "none",
    }, 201);
  }

  async #ask(parameters: URLSearchParams): Promise<Response> {
    const id = await registeredId(parameters.get("redirect_uri") ?? "");
    const checked = checkAuthorization(parameters, id);
    if (!checked.ok) {
      return "redirect" in checked ? seeOther(checked.redirect) : problemPage(400, checked.message);
    }
    this.#sweep();
    const { authorization } = checked;
    const ticket = crypto.randomUUID();
    this.#tickets.set(ticket, { authorization, untilMs: this.#now() + TICKET_MS });
    const { host, origin: redirectOrigin } = new URL(authorization.redirectUri);
    return consentPage({ host, ticket, redirectOrigin });
  }

  async #decide(form: URLSearchParams, issuer: string): Promise<Response> {
    const name = form.get("ticket") ?? "";
    const ticket = this.#tickets.get(name);
    this.#tickets.delete(name);
    if (ticket === undefined || this.#now() > ticket.untilMs) {
      return problemPage(400, "This page was already submitted, or has expired");
    }
    const { authorization } = ticket;
    const { redirectUri, state } = authorization;
    const chosen = form.get("fault") ?? "";
    const faults = new Set(isOAuthFault(chosen) ? [...this.#faults, chosen] : this.#faults);
    const back = new URL(redirectUri);
    if (state !== null && !faults.has("no-state")) {
      back.searchParams.set("state", faults.has("wrong-state") ? "nobody-sent-this" : state);
    }
    if (faults.has("wrong-issuer")) back.searchParams.set("iss", `${issuer}.elsewhere.example`);
    const error = form.get("decision") !== "allow"
      ? DENIED
      : REDIRECTED_ERRORS.find(([code]) => faults.has(code));
    if (error !== undefined) {
      back.searchParams.set("error", error[0]);
      back.searchParams.set("error_description", error[1]);
      return seeOther(back);
    }
    const code = crypto.randomUUID();
    const untilMs = this.#now() + (faults.has("late-code") ? -1 : CODE_MS);
    const key = await keyFor(form.get("key") ?? "");
    this.#codes.set(code, { authorization, untilMs, key, faults });
    if (!faults.has("no-code")) {
      back.searchParams.set("code", faults.has("wrong-code") ? "nobody-issued-this" : code);
    }
    if (faults.has("two-codes")) back.searchParams.append("code", code);
    return seeOther(back);
  }

  async #exchange(form: URLSearchParams, signal: AbortSignal): Promise<Response> {
    if (this.#faults.has("down")) return unavailable();
    const name = form.get("code") ?? "";
    const code = this.#codes.get(name);
    // A code is valid once, whatever the outcome.
    this.#codes.delete(name);
    if (form.get("grant_type") !== "authorization_code") {
      return oauthError(400, "unsupported_grant_type", "The grant_type must be authorization_code");
    }
    if (code === undefined) return oauthError(400, "invalid_grant", "Unknown code");
    if (this.#now() > code.untilMs) return oauthError(400, "invalid_grant", "The code has expired");
    const { authorization, faults, key } = code;
    if (faults.has("refused-client") || form.get("client_id") !== authorization.clientId) {
      return oauthError(401, "invalid_client", "Unknown client_id");
    }
    if (form.get("redirect_uri") !== authorization.redirectUri) {
      return oauthError(400, "invalid_grant", "Another redirect_uri");
    }
    // Not limited to the 128 characters of RFC 7636: Parallel's own example sends longer ones.
    if (await challengeOf(form.get("code_verifier") ?? "") !== authorization.challenge) {
      return oauthError(400, "invalid_grant", "The code_verifier does not match");
    }
    // MCP clients require the type, as does RFC 6749 (section 5.1).
    return faultyToken(faults, signal) ?? json({ access_token: key, token_type: "bearer" });
  }

  /** Drops expired entries, so consents cannot fill the memory. */
  #sweep(): void {
    const now = this.#now();
    for (const map of [this.#tickets, this.#codes]) {
      for (const [name, { untilMs }] of map) if (now > untilMs) map.delete(name);
    }
  }
}

const DENIED = ["access_denied", "The user denied access"] as const;
const REDIRECTED_ERRORS = [
  ["server_error", "Something broke here (simulated)"],
  ["temporarily_unavailable", "Come back later (simulated)"],
  ["invalid_scope", "Unknown scope (simulated)"],
] as const;

/** The ID for a redirect URI: always the same, so nothing needs to be stored. */
async function registeredId(redirectUri: string): Promise<string> {
  return `sim-client-${(await sha256(redirectUri)).subarray(0, 8).toHex()}`;
}

async function keyFor(choice: string): Promise<string> {
  const remembered = choice === "first" || choice === "second";
  return simulatedKey(
    remembered ? await sha256(`key ${choice}`) : crypto.getRandomValues(new Uint8Array(16)),
  );
}

async function challengeOf(verifier: string): Promise<string> {
  return (await sha256(verifier)).toBase64({ alphabet: "base64url", omitPadding: true });
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

// API keys that the simulated provider issues: an app treats them as real; only this sandbox accepts them.
// Pure.
const SIMULATED_KEY = /^sk-sim-[0-9a-f]{32}$/;

/** Makes a key of the simulated provider from 16 bytes. */
function simulatedKey(bytes: Uint8Array): string {
  return `sk-sim-${bytes.subarray(0, 16).toHex()}`;
}

/** Returns whether a key was issued by the simulated provider. */
export function isSimulatedKey(key: string): boolean {
  return SIMULATED_KEY.test(key);
}
