/**
 * The ways to sign in. Each starts a session whose sealed key never leaves the server.
 */
import { beginning } from "../base/mod.ts";
import { sha256Hex } from "../store/mod.ts";
import { type Accounts, fingerprintOf, randomSandboxKey, SANDBOX_KEY_PREFIX } from "./accounts.ts";
import type { Keyring } from "./keyring.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { KeyStandings } from "./standing.ts";

/** Why a sign-in failed. The page turns it into a sentence. */
export type SignInProblem =
  /** The text cannot be an API key. */
  | "malformed"
  /** The API does not accept it. */
  | "refused"
  /** The API could not be asked; nothing was stored. */
  | "unreachable"
  /** The sandbox is switched off on this instance. */
  | "no-sandbox";

/** The session's cookie value, or why the sign-in failed. */
export type SignInOutcome =
  | { readonly ok: true; readonly cookie: string }
  | { readonly ok: false; readonly problem: SignInProblem };

/** The visitor who signs in. */
export interface Visitor {
  /** The session that is open in the browser, if any. */
  readonly session: Session | null;
  readonly userAgent: string | null;
}

/** The dependencies of {@linkcode SignIn}. */
export interface SignInContext {
  readonly accounts: Pick<Accounts, "claim">;
  readonly sessions: Sessions;
  readonly keyring: Keyring;
  readonly standings: Pick<KeyStandings, "ask">;
  readonly sandboxEnabled: boolean;
  /** Called with each key that was just used to sign in. */
  readonly onKey?: (apiKey: string) => Promise<void>;
  /** Called with each key that has just signed in to an account. */
  readonly onSignedIn?: (account: string, apiKey: string) => Promise<void>;
}

/** Matches texts that can be a key. Others are rejected before they are used. */
const KEY_SHAPE = /^[\x21-\x7e]{8,512}$/;

/** A pasted key without the quotes and assignments of shells and `.env` files. */
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

  /** Asks the API about a key. Returns why it cannot sign in; `null` if the API accepts it. */
  async problemWith(apiKey: string): Promise<SignInProblem | null> {
    if (!KEY_SHAPE.test(apiKey)) return "malformed";
    const { sandboxEnabled, standings } = this.#context;
    if (apiKey.startsWith(SANDBOX_KEY_PREFIX) && !sandboxEnabled) return "refused";
    const verdict = await standings.ask(apiKey);
    if (verdict === "accepted") return null;
    return verdict === "refused" ? "refused" : "unreachable";
  }

  /** Signs in to the account of an API key, if the API accepts the key. */
  async withKey(apiKey: string, visitor: Visitor): Promise<SignInOutcome> {
    const problem = await this.problemWith(apiKey);
    return problem === null ? await this.#start(apiKey, visitor) : { ok: false, problem };
  }

  /** Signs in to the embedded sandbox with a new key. */
  async withSandbox(visitor: Visitor): Promise<SignInOutcome> {
    if (!this.#context.sandboxEnabled) return { ok: false, problem: "no-sandbox" };
    return await this.#start(randomSandboxKey(), visitor);
  }

  /**
   * Signs in with a key that Parallel has just issued, if the API accepts it. A sandbox key is refused:
   * Parallel does not issue any, and simulated runs would look real.
   */
  async withParallel(apiKey: string, visitor: Visitor): Promise<SignInOutcome> {
    if (apiKey.startsWith(SANDBOX_KEY_PREFIX)) return { ok: false, problem: "malformed" };
    return await this.withKey(apiKey, visitor);
  }

  async #start(apiKey: string, visitor: Visitor): Promise<SignInOutcome> {
    const { accounts, keyring, sessions, onKey, onSignedIn } = this.#context;
    await onKey?.(apiKey);
    const about = {
      key_fingerprint: await fingerprintOf(apiKey),
      key_sha256: await sha256Hex(apiKey),
      sealed_key: await keyring.seal(apiKey),
      device: await deviceOf(visitor.userAgent),
    };
    let started: { readonly cookie: string } | null = null, account = "";
    // The check ensures that the session does not outlive the key or its account.
    while (started === null) {
      const { account: { id, fingerprint, sandbox }, check } = await accounts.claim(apiKey);
      account = id;
      started = await sessions.start({ account: id, fingerprint, sandbox, ...about }, check);
    }
    // Every sign-in creates a new id, which prevents session fixation.
    if (visitor.session !== null) await sessions.end(visitor.session);
    await onSignedIn?.(account, apiKey);
    return { ok: true, cookie: started.cookie };
  }
}

/** The longest part of a User-Agent to parse, and the longest description (characters). */
const MAX_USER_AGENT = 512;
const MAX_DEVICE = 60;

/**
 * Describes a device, so that users can tell their sessions apart: `Firefox on Windows`, `Safari on iPhone`.
 * Returns `null` if the User-Agent names neither a browser nor a system.
 */
export async function deviceOf(userAgent: string | null): Promise<string | null> {
  // The library throws on an empty one.
  if (!userAgent?.trim()) return null;
  const { default: Bowser } = await import("bowser");
  const { browser, os, platform } = Bowser.parse(userAgent.slice(0, MAX_USER_AGENT));
  const where = platform.model ?? os.name;
  const device = [browser.name, where].filter(Boolean).join(" on ");
  return device === "" ? null : beginning(device, MAX_DEVICE);
}

/**
 * Returns where to go after signing in, as a path of this app with its query and fragment, or `/` for anything
 * that could leave the app. Parses the target like a browser and checks the result: backslashes, tabs, `//` and
 * userinfo lead to another origin, or to a path that starts like one.
 */
export function ownPath(target: string | null | undefined): string {
  const base = "http://taskstream.invalid";
  if (!target?.startsWith("/")) return "/";
  const url = URL.parse(target, base);
  if (url === null || url.origin !== base || url.username !== "" || url.password !== "") return "/";
  const path = url.pathname + url.search + url.hash;
  // `/.//evil.com` parses to the path `//evil.com`, which a browser resolves to another host, and
  // `/%5cevil.com` becomes one if a proxy decodes the path.
  return /^\/(?![/\\]|%(?:25)*(?:2f|5c))/i.test(path) ? path : "/";
}
