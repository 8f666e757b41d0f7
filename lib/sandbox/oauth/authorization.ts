/**
 * Validates a request to the authorization endpoint (RFC 6749 section 4.1, RFC 7636, and Parallel's
 * documentation). Pure.
 */

/** A valid request, to show to the user. */
export interface Authorization {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string | null;
  readonly challenge: string;
}

/** The request, or the error: sent to the app by redirect, or shown to the user if no redirect is safe. */
export type CheckedAuthorization =
  | { readonly ok: true; readonly authorization: Authorization }
  | { readonly ok: false; readonly redirect: URL }
  | { readonly ok: false; readonly message: string };

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
/** base64url of a SHA-256. */
const CHALLENGE = /^[\w-]{43}$/;

/** Validates the parameters. `registeredId` is the ID that registering their redirect URI returns. */
export function checkAuthorization(
  parameters: URLSearchParams,
  registeredId: string,
): CheckedAuthorization {
  const redirectUri = parameters.get("redirect_uri") ?? "";
  const redirect = redirectTarget(redirectUri);
  if (redirect === null) {
    return { ok: false, message: "The redirect_uri must be https, or http on this machine" };
  }
  const clientId = parameters.get("client_id") ?? "";
  // A registered ID, or the host name of an app that did not register.
  if (clientId !== registeredId && clientId !== redirect.hostname) {
    return { ok: false, message: "This client_id does not belong to this redirect_uri" };
  }
  const state = parameters.get("state");
  const refuse = (error: string, description: string): CheckedAuthorization => {
    redirect.searchParams.set("error", error);
    redirect.searchParams.set("error_description", description);
    if (state !== null) redirect.searchParams.set("state", state);
    return { ok: false, redirect };
  };
  if (parameters.get("response_type") !== "code") {
    return refuse("unsupported_response_type", "The response_type must be code");
  }
  if ((parameters.get("scope") ?? "key:read") !== "key:read") {
    return refuse("invalid_scope", "The scope must be key:read");
  }
  const challenge = parameters.get("code_challenge") ?? "";
  if (parameters.get("code_challenge_method") !== "S256" || !CHALLENGE.test(challenge)) {
    return refuse("invalid_request", "PKCE with S256 is required");
  }
  return { ok: true, authorization: { clientId, redirectUri, state, challenge } };
}

/** Returns whether a browser may be redirected there: https, or http on this machine; no fragment. */
export function redirectTarget(redirectUri: string): URL | null {
  const url = URL.parse(redirectUri);
  if (url === null || url.hash !== "" || url.username !== "" || url.password !== "") return null;
  if (url.protocol === "https:") return url;
  return url.protocol === "http:" && LOOPBACK.test(url.hostname) ? url : null;
}
