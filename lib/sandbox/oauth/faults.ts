/**
 * Faults of the simulated provider. `SANDBOX_OAUTH_FAULTS` names one, or several separated by commas, for
 * every sign-in. The consent page offers the faults after consent for the current sign-in.
 */
import { html, json, seeOther } from "./responses.ts";

/** Faults before consent. */
const EARLY_FAULTS = {
  "no-metadata": "the metadata are a 404",
  "html-metadata": "the metadata are a web page",
  "foreign-metadata": "the metadata name another issuer",
  "down": "every answer to the app is a 503",
  "no-registration": "registering a client is refused",
  "broken-registration": "registering a client answers with a web page",
} as const;

/** Faults after consent. */
export const LATE_FAULTS = {
  "server_error": "the browser comes back with the error server_error",
  "temporarily_unavailable": "… with the error temporarily_unavailable",
  "invalid_scope": "… with the error invalid_scope",
  "wrong-issuer": "… with the name of another issuer",
  "wrong-state": "… with a state that nobody sent",
  "no-state": "… without a state",
  "no-code": "… without a code",
  "two-codes": "… with two codes",
  "wrong-code": "… with a code that nobody issued",
  "late-code": "… with a code that has run out",
  "refused-client": "the exchange does not know the client",
  "token-500": "the exchange answers 500",
  "token-html": "the exchange answers with a web page",
  "token-redirect": "the exchange answers with a redirect",
  "token-endless": "the exchange answers with more than anybody reads",
  "token-silent": "the exchange never answers",
  "no-token": "the exchange answers without a token",
  "number-token": "the token is a number",
  "spaced-token": "the token has spaces in it",
  "short-token": "the token is too short",
  "sandbox-token": "the token is one of the embedded sandbox",
} as const;

export type OAuthFault = keyof typeof EARLY_FAULTS | keyof typeof LATE_FAULTS;

/** Returns whether the word names a fault. */
export function isOAuthFault(word: string): word is OAuthFault {
  return Object.hasOwn(EARLY_FAULTS, word) || Object.hasOwn(LATE_FAULTS, word);
}

// Failing exchanges.
/** Returns the response of a failing exchange, or `null`. */
export function faultyToken(
  faults: ReadonlySet<OAuthFault>,
  signal: AbortSignal,
): Response | Promise<Response> | null {
  if (faults.has("token-500")) return json({ error: "server_error" }, 500);
  if (faults.has("token-html")) return html();
  if (faults.has("token-redirect")) return seeOther(new URL("https://elsewhere.example/"));
  if (faults.has("token-endless")) return json({ access_token: "x".repeat(100_000) });
  if (faults.has("token-silent")) {
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason), { once: true })
    );
  }
  if (faults.has("no-token")) return json({ token_type: "bearer" });
  if (faults.has("number-token")) return json({ access_token: 4711 });
  if (faults.has("spaced-token")) return json({ access_token: "sk sim with spaces" });
  if (faults.has("short-token")) return json({ access_token: "sk-sim" });
  if (faults.has("sandbox-token")) return json({ access_token: "sandbox-0123456789abcdef" });
  return null;
}
