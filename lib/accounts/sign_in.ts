/**
 * Ways in. All end in the same thing: a session whose sealed key never leaves the server.
 */
import type { Upstreams } from "../upstreams.ts";
import { type Accounts, fingerprintOf, randomSandboxKey, SANDBOX_KEY_PREFIX } from "./accounts.ts";
import { deviceOf } from "./device.ts";
import type { Keyring } from "./keyring.ts";
import type { Session, Sessions } from "./sessions.ts";

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
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly keyring: Keyring;
  readonly upstreams: Upstreams;
  readonly sandboxEnabled: boolean;
  /** Told of a key that somebody has just signed in with. */
  readonly onKey?: (apiKey: string) => Promise<void>;
}

/** A key that no API would issue: reject it before it goes anywhere. */
const KEY_SHAPE = /^[\x21-\x7e]{8,512}$/;

/** No run has this id: asking for it tells a good key (404) from a bad one (401), at no cost. */
const PROBE_RUN_ID = "trun_00000000000000000000000000000000";

/** Signs people in. */
export class SignIn {
  readonly #context: SignInContext;

  constructor(context: SignInContext) {
    this.#context = context;
  }

  /**
   * Signs in with an API key, after asking its API whether it accepts it. A key that is new joins the
   * account of the open session.
   */
  async withKey(apiKey: string, visitor: Visitor): Promise<SignInOutcome> {
    if (!KEY_SHAPE.test(apiKey)) return { ok: false, problem: "malformed" };
    const probe = await this.#context.upstreams.client(apiKey).retrieve(PROBE_RUN_ID);
    if (!probe.ok) {
      const { kind, status } = probe.failure;
      if (status === 401) return { ok: false, problem: "refused" };
      // An API that is down or overrun says nothing about a key.
      const answered = status !== null && status < 500 && status !== 408 && status !== 429;
      if (kind !== "refused" || !answered) return { ok: false, problem: "unreachable" };
    }
    return await this.#start(apiKey, visitor, visitor.session?.account ?? null);
  }

  /** Signs in to the embedded sandbox with a key of its own. */
  async withSandbox(visitor: Visitor): Promise<SignInOutcome> {
    if (!this.#context.sandboxEnabled) return { ok: false, problem: "no-sandbox" };
    return await this.#start(randomSandboxKey(), visitor, visitor.session?.account ?? null);
  }

  /**
   * Signs in with a key that Parallel itself has just handed out. It joins the account `join` only while
   * that is still the one signed in. A sandbox key is none that Parallel hands out: it would make what is
   * simulated look real.
   */
  async withParallel(
    apiKey: string,
    visitor: Visitor,
    join: string | null,
  ): Promise<SignInOutcome> {
    if (!KEY_SHAPE.test(apiKey) || apiKey.startsWith(SANDBOX_KEY_PREFIX)) {
      return { ok: false, problem: "malformed" };
    }
    return await this.#start(apiKey, visitor, join === visitor.session?.account ? join : null);
  }

  async #start(apiKey: string, visitor: Visitor, join: string | null): Promise<SignInOutcome> {
    const { accounts, keyring, sessions, onKey } = this.#context;
    const account = await accounts.ofKey(apiKey, join);
    await onKey?.(apiKey);
    const { cookie } = await sessions.start({
      account: account.id,
      fingerprint: account.fingerprint,
      sandbox: account.sandbox,
      key_fingerprint: await fingerprintOf(apiKey),
      sealed_key: await keyring.seal(apiKey),
      device: deviceOf(visitor.userAgent),
    });
    // A new id at every sign-in: a session id planted before it is worth nothing after.
    if (visitor.session !== null) await sessions.end(visitor.session);
    return { ok: true, cookie };
  }
}
