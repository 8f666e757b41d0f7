/**
 * Faults of the simulated provider. `SANDBOX_OAUTH_FAULTS` names one, or several separated by commas, for
 * every sign-in. The consent page offers the faults after consent for the current sign-in.
 */
import { html, json, seeOther } from "./responses.ts";

/** Faults before consent. */
const EARLY_FAULTS = {
  "no-metadata": "the metadata endpoint returns 404",
  "html-metadata": "the metadata endpoint returns a web page",
  "foreign-metadata": "the metadata name another issuer",
  "down": "every response to the app is a 503",
  "no-registration": "client registration is refused",
  "broken-registration": "client registration returns a web page",
} as const;

/** Faults after consent. */
export const LATE_FAULTS = {
  "server_error": "the browser comes back with the error server_error",
  "temporarily_unavailable": "… with the error temporarily_unavailable",
  "invalid_scope": "… with the error invalid_scope",
  "wrong-issuer": "… with the name of another issuer",
  "wrong-state": "… with a state that the app did not send",
  "no-state": "… without a state",
  "no-code": "… without a code",
  "two-codes": "… with two codes",
  "wrong-code": "… with a code that was never issued",
  "late-code": "… with an expired code",
  "refused-client": "the exchange does not know the client",
  "token-500": "the exchange returns 500",
  "token-html": "the exchange returns a web page",
  "token-redirect": "the exchange redirects",
  "token-endless": "the exchange returns an oversized response",
  "token-silent": "the exchange never responds",
  "no-token": "the exchange returns no token",
  "number-token": "the token is a number",
  "spaced-token": "the token contains spaces",
  "short-token": "the token is too short",
  "sandbox-token": "the token is a key of the embedded sandbox",
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
