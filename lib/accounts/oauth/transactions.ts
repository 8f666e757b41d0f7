/**
 * Sign-ins that are under way: each is good once, for ten minutes, in the browser that started it.
 * Owns `["login", state]`, where the state is hashed: a copy of the database completes no sign-in.
 */
import type { Committer } from "../../kv/committer.ts";
import { sha256Hex } from "../../kv/parts.ts";
import type { Keyring } from "../keyring.ts";
import { LoginError } from "./problem.ts";

/** How long the person may take at the provider (ms). */
export const LOGIN_MS = 600_000;
/** How long a callback is recognised as late or repeated (ms), rather than as one from nowhere. */
const REMEMBERED_MS = 3_600_000;

/** What is needed to complete a sign-in. */
export interface Transaction {
  /** A path of this app. */
  readonly next: string;
  readonly redirectUri: string;
  readonly clientId: string;
  readonly issuer: string;
  readonly tokenEndpoint: string;
  /** The provider promised to name itself in the callback (RFC 9207). */
  readonly namesIssuer: boolean;
  /** The PKCE code verifier (RFC 7636). */
  readonly verifier: string;
}

interface OpenLogin extends Omit<Transaction, "verifier"> {
  readonly created_ms: number;
  /** SHA-256 of what the browser's cookie holds. */
  readonly browser: string;
  readonly sealed_verifier: string;
}

/** What is left of a sign-in whose callback came. */
interface UsedLogin {
  readonly used: true;
}

/** A started sign-in: its state goes to the provider, its secret into a cookie of the browser. */
export interface OpenedLogin {
  readonly state: string;
  /** Tells the cookies of several sign-ins at once apart. */
  readonly tag: string;
  readonly secret: string;
}

/** Opens and takes sign-ins. */
export class Transactions {
  readonly #kv: Deno.Kv;
  readonly #committer: Committer;
  readonly #keyring: Keyring;
  readonly #now: () => number;

  constructor(kv: Deno.Kv, committer: Committer, keyring: Keyring, now: () => number) {
    this.#kv = kv;
    this.#committer = committer;
    this.#keyring = keyring;
    this.#now = now;
  }

  /** Opens a sign-in. */
  async open({ verifier, ...rest }: Transaction): Promise<OpenedLogin> {
    const state = randomToken();
    const secret = randomToken();
    const hash = await sha256Hex(state);
    const login: OpenLogin = {
      ...rest,
      created_ms: this.#now(),
      browser: await sha256Hex(secret),
      sealed_verifier: await this.#keyring.seal(verifier),
    };
    await this.#committer.commit({
      mutations: [{ type: "set", key: ["login", hash], value: login, expireIn: REMEMBERED_MS }],
    });
    return { state, tag: tagOf(hash), secret };
  }

  /** The tag of a state's cookie. */
  async tag(state: string): Promise<string> {
    return tagOf(await sha256Hex(state));
  }

  /**
   * Takes a sign-in: of all callbacks with its state exactly one gets it. Throws {@linkcode LoginError}
   * for one that is unknown, another browser's (which leaves it to its own), late or repeated.
   */
  async take(state: string, secret: string | null): Promise<Transaction> {
    const key = ["login", await sha256Hex(state)];
    const found = await this.#kv.get<OpenLogin | UsedLogin>(key);
    const login = found.value;
    if (login === null) throw new LoginError("unknown");
    if ("used" in login) throw new LoginError("replayed");
    if (secret === null || await sha256Hex(secret) !== login.browser) {
      throw new LoginError("foreign");
    }
    // With the same write its verifier is gone.
    const used: UsedLogin = { used: true };
    const { ok } = await this.#committer.commit({
      checks: [{ key, versionstamp: found.versionstamp }],
      mutations: [{ type: "set", key, value: used, expireIn: REMEMBERED_MS }],
    });
    if (!ok) throw new LoginError("replayed");
    const { created_ms, browser: _, sealed_verifier, ...rest } = login;
    if (this.#now() > created_ms + LOGIN_MS) throw new LoginError("expired");
    try {
      return { ...rest, verifier: await this.#keyring.open(sealed_verifier) };
    } catch (error) {
      // The instance's secret was changed, not rotated, in these ten minutes.
      throw new LoginError("unknown", { cause: error });
    }
  }
}

function randomToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

function tagOf(hash: string): string {
  return hash.slice(0, 12);
}
