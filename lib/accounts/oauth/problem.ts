/**
 * Why signing in with Parallel failed.
 */
import { beginning } from "../../base/mod.ts";

/** The kind of failure. The page has sentences for each. */
export type LoginProblem =
  /** The user denied it. */
  | "denied"
  /** The provider sent the browser back with another error. */
  | "provider-error"
  /** No sign-in with this state was started here, or it has expired. */
  | "unknown"
  /** Another browser started it. */
  | "foreign"
  /** Started more than ten minutes ago. */
  | "expired"
  /** This callback was already answered. */
  | "replayed"
  /** The callback is malformed. */
  | "malformed"
  /** The callback names another issuer than the sign-in was started with (RFC 9207). */
  | "wrong-issuer"
  /** The provider cannot be reached, or reports that it is down. */
  | "unreachable"
  /** The provider did not respond in time. */
  | "timeout"
  /** The provider sent an invalid response. */
  | "broken"
  /** The provider refused to exchange the code. */
  | "exchange-refused"
  /** The access token cannot be a key of Parallel. */
  | "no-key"
  /** The API does not accept the issued key. */
  | "key-refused"
  /** The API could not be asked about the issued key. */
  | "key-unchecked";

/** A failed sign-in, for the page and the log. */
export interface LoginFailure {
  readonly problem: LoginProblem;
  /** The provider's own words: plain text, short, for people. */
  readonly providerMessage: string | null;
  /** The page that the user wanted. Another attempt leads there, too. */
  readonly next: string;
  /** The underlying error, for the log. Contains no code, state or key. */
  readonly reason: string | null;
}

/** Details of a failure. */
export interface LoginErrorOptions extends ErrorOptions {
  readonly providerMessage?: string | null;
  /** The OAuth error code, if the provider sent one. */
  readonly code?: string | null;
}

/** A failure of a sign-in. One place turns it into a response. */
export class LoginError extends Error {
  override name = "LoginError";
  readonly problem: LoginProblem;
  readonly providerMessage: string | null;
  readonly code: string | null;

  constructor(problem: LoginProblem, options: LoginErrorOptions = {}) {
    super(problem, options);
    this.problem = problem;
    this.providerMessage = options.providerMessage ?? null;
    this.code = options.code ?? null;
  }
}

/** The longest message of the provider to show (characters). */
const MESSAGE_CHARS = 200;

/**
 * Cleans an `error` or `error_description` for display: keeps only the characters that RFC 6749 (4.1.2.1)
 * allows there, and about a sentence. `null` if nothing is left.
 */
export function shownText(text: string | undefined): string | null {
  const clean = (text ?? "").replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]+/g, " ").trim();
  if (clean === "") return null;
  return clean.length > MESSAGE_CHARS ? `${beginning(clean, MESSAGE_CHARS - 1)}…` : clean;
}
