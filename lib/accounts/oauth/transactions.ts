/**
 * Open sign-ins: each works once, for ten minutes, in the browser that started it. Owns
 * `["login", state]`. The state is hashed, so a copy of the database cannot complete a sign-in.
 */
import { type Committer, sha256Hex } from "../../store/mod.ts";
import type { Keyring } from "../keyring.ts";
import { LoginError } from "./problem.ts";

/** How long the user may take at the provider (ms). */
export const LOGIN_MS = 600_000;
/** How long a callback is recognised as late or repeated (ms) instead of unknown. */
const REMEMBERED_MS = 3_600_000;

/** The data to complete a sign-in. */
export interface Transaction {
  /** A path of this app. */
  readonly next: string;
  readonly redirectUri: string;
  readonly clientId: string;
  readonly issuer: string;
  readonly tokenEndpoint: string;
  /** Whether the provider promises to name itself in the callback (RFC 9207). */
  readonly namesIssuer: boolean;
  /** The PKCE code verifier (RFC 7636). */
  readonly verifier: string;
}

interface OpenLogin extends Omit<Transaction, "verifier"> {
  readonly created_ms: number;
  /** SHA-256 of the value of the browser's cookie. */
  readonly browser: string;
  readonly sealed_verifier: string;
}

/** The remains of a sign-in whose callback was answered. */
interface UsedLogin {
  readonly used: true;
}

/** A started sign-in: its state goes to the provider, its secret into a cookie of the browser. */
export interface OpenedLogin {
  readonly state: string;
  /** Distinguishes the cookies of several open sign-ins. */
  readonly tag: string;
  readonly secret: string;
}

/** Opens and completes sign-ins. */
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
   * Redeems a sign-in: exactly one callback with its state gets it. Throws {@linkcode LoginError} if it is
   * unknown, late, repeated, or belongs to another browser (which can still complete it).
   */
  async redeem(state: string, secret: string | null): Promise<Transaction> {
    const key = ["login", await sha256Hex(state)];
    const found = await this.#kv.get<OpenLogin | UsedLogin>(key);
    const login = found.value;
    if (login === null) throw new LoginError("unknown");
    if ("used" in login) throw new LoginError("replayed");
    if (secret === null || await sha256Hex(secret) !== login.browser) {
      throw new LoginError("foreign");
    }
    // The same write removes its verifier.
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
      // The instance's secret was replaced without rotation in these ten minutes.
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
