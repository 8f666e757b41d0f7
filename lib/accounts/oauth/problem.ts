/**
 * Why signing in with Parallel failed.
 */
import { beginning } from "../../base/mod.ts";

/** A word that the page turns into sentences. */
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
  /** It names an issuer that is not the one it was started with (RFC 9207). */
  | "wrong-issuer"
  /** The provider cannot be reached, or says that it is down. */
  | "unreachable"
  /** The provider gave no answer in time. */
  | "timeout"
  /** The provider sent an invalid answer. */
  | "broken"
  /** The provider refused to exchange the code. */
  | "exchange-refused"
  /** The access token cannot be a key of Parallel. */
  | "no-key"
  /** The API does not accept the issued key. */
  | "key-refused"
  /** The API could not be asked about the issued key. */
  | "key-unchecked";

/** What the page shows. */
export interface LoginFailure {
  readonly problem: LoginProblem;
  /** The provider's own words: plain text, short, for people. */
  readonly providerMessage: string | null;
  /** The page that the user wanted. Trying again keeps it. */
  readonly next: string;
  /** The underlying error, for the log. Contains no code, state or key. */
  readonly reason: string | null;
}

/** What is known about a failure besides its name. */
export interface LoginErrorOptions extends ErrorOptions {
  readonly providerMessage?: string | null;
  /** The OAuth error code, where the provider gave one. */
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

/** The longest text of the provider that is shown (characters). */
const SAID_LENGTH = 200;

/**
 * An `error` or `error_description` as it may be shown: only the characters that RFC 6749 (4.1.2.1)
 * allows there, and not more than a sentence. `null` where nothing is left.
 */
export function shownText(text: string | undefined): string | null {
  const clean = (text ?? "").replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]+/g, " ").trim();
  if (clean === "") return null;
  return clean.length > SAID_LENGTH ? `${beginning(clean, SAID_LENGTH - 1)}…` : clean;
}
