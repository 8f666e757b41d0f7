/**
 * Ways in. All end in the same thing: a session whose sealed key never leaves the server.
 */
import { sha256Hex } from "../kv/parts.ts";
import { type Accounts, fingerprintOf, randomSandboxKey, SANDBOX_KEY_PREFIX } from "./accounts.ts";
import { deviceOf } from "./device.ts";
import type { Keyring } from "./keyring.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { KeyStandings } from "./standing.ts";

/** Why nobody was signed in: a word that the page turns into a sentence. */
export type SignInProblem =
  /** Nothing that an API would issue as a key. */
  | "malformed"
  /** The API does not accept it. */
  | "refused"
  /** The API could not be asked; nothing was stored. */
  | "unreachable"
  /** This instance has its sandbox switched off. */
  | "no-sandbox";

/** A session's cookie value, or why there is none. */
export type SignInOutcome =
  | { readonly ok: true; readonly cookie: string }
  | { readonly ok: false; readonly problem: SignInProblem };

/** Who comes to sign in. */
export interface Visitor {
  /** The session that is open in the browser, if any. */
  readonly session: Session | null;
  readonly userAgent: string | null;
}

/** What signing in is made of. */
export interface SignInContext {
  readonly accounts: Pick<Accounts, "claim">;
  readonly sessions: Sessions;
  readonly keyring: Keyring;
  readonly standings: Pick<KeyStandings, "ask">;
  readonly sandboxEnabled: boolean;
  /** Told of a key that somebody has just signed in with. */
  readonly onKey?: (apiKey: string) => Promise<void>;
}

/** A key that no API would issue: reject it before it goes anywhere. */
const KEY_SHAPE = /^[\x21-\x7e]{8,512}$/;

/** A key as pasted, without what shells and `.env` files put around it. */
export function pastedKey(text: string): string {
  const bare = text.trim().replace(/[\u200b-\u200d\u2060\ufeff]/g, "");
  const [, , quoted] = /^(["'`])(.*)\1$/s.exec(bare) ?? [];
  return (quoted ?? bare).trim();
}

/** Signs people in. */
export class SignIn {
  readonly #context: SignInContext;

  constructor(context: SignInContext) {
    this.#context = context;
  }

  /** Why a key opens nothing now, asking its API; `null` where the API accepts it. */
  async problemWith(apiKey: string): Promise<SignInProblem | null> {
    if (!KEY_SHAPE.test(apiKey)) return "malformed";
    const { sandboxEnabled, standings } = this.#context;
    if (apiKey.startsWith(SANDBOX_KEY_PREFIX) && !sandboxEnabled) return "refused";
    const verdict = await standings.ask(apiKey);
    if (verdict === "accepted") return null;
    return verdict === "refused" ? "refused" : "unreachable";
  }

  /** Signs in with an API key that its API accepts, to that key's own account. */
  async withKey(apiKey: string, visitor: Visitor): Promise<SignInOutcome> {
    const problem = await this.problemWith(apiKey);
    return problem === null ? await this.#start(apiKey, visitor) : { ok: false, problem };
  }

  /** Signs in to the embedded sandbox with a key of its own. */
  async withSandbox(visitor: Visitor): Promise<SignInOutcome> {
    if (!this.#context.sandboxEnabled) return { ok: false, problem: "no-sandbox" };
    return await this.#start(randomSandboxKey(), visitor);
  }

  /**
   * Signs in with a key that Parallel itself has just handed out, and that the API accepts. A sandbox
   * key is none that Parallel hands out: it would make what is simulated look real.
   */
  async withParallel(apiKey: string, visitor: Visitor): Promise<SignInOutcome> {
    if (apiKey.startsWith(SANDBOX_KEY_PREFIX)) return { ok: false, problem: "malformed" };
    return await this.withKey(apiKey, visitor);
  }

  async #start(apiKey: string, visitor: Visitor): Promise<SignInOutcome> {
    const { accounts, keyring, sessions, onKey } = this.#context;
    await onKey?.(apiKey);
    const about = {
      key_fingerprint: await fingerprintOf(apiKey),
      key_sha256: await sha256Hex(apiKey),
      sealed_key: await keyring.seal(apiKey),
      device: deviceOf(visitor.userAgent),
    };
    let started: { readonly cookie: string } | null = null;
    // A key that is being removed, or whose account is, opens no session that outlives it.
    while (started === null) {
      const { account: { id, fingerprint, sandbox }, check } = await accounts.claim(apiKey);
      started = await sessions.start({ account: id, fingerprint, sandbox, ...about }, check);
    }
    // A new id at every sign-in: a session id planted before it is worth nothing after.
    if (visitor.session !== null) await sessions.end(visitor.session);
    return { ok: true, cookie: started.cookie };
  }
}
