/**
 * Sessions: a signed cookie carries a random id; everything else, the sealed API key included, lies in KV.
 * Owns `["session", id]` and `["sessions", account, id]`.
 */
import type { Committer } from "../kv/committer.ts";
import { sha256Hex } from "../kv/parts.ts";
import type { Keyring } from "./keyring.ts";

const DAY_MS = 86_400_000;
/** A session that nobody used for this long is over. */
export const IDLE_MS = 7 * DAY_MS;
/** A session is over after this long whatever happens. */
export const ABSOLUTE_MS = 30 * DAY_MS;
/** Last use is written at most this often: a page view must not cost a commit. */
const TOUCH_MS = 3_600_000;

/** A session as stored. The id in the key is a hash of the cookie's: a copy of the database signs nobody in. */
export interface Session {
  readonly id: string;
  readonly account: string;
  readonly fingerprint: string;
  readonly sandbox: boolean;
  /** The API key, sealed. */
  readonly sealed_key: string;
  /** What its browser said it is, in a few words; `null` where it said nothing. */
  readonly device: string | null;
  readonly created_ms: number;
  readonly used_ms: number;
}

/** Starts, finds and ends sessions. */
export class Sessions {
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

  /** Starts a session and returns the cookie's value. */
  async start(
    session: Omit<Session, "id" | "created_ms" | "used_ms">,
  ): Promise<{ cookie: string; session: Session }> {
    const token = crypto.getRandomValues(new Uint8Array(24)).toBase64({ alphabet: "base64url" });
    const now = this.#now();
    const stored: Session = {
      ...session,
      id: await sha256Hex(token),
      created_ms: now,
      used_ms: now,
    };
    await this.#write(stored);
    return { cookie: await this.#keyring.sign(token), session: stored };
  }

  /** The live session of a cookie's value, or `null`. */
  async find(cookie: string): Promise<Session | null> {
    const token = await this.#keyring.verify(cookie);
    if (token === null) return null;
    const found = await this.#kv.get<Session>(["session", await sha256Hex(token)]);
    const { value } = found;
    if (value === null) return null;
    const now = this.#now();
    if (now > value.used_ms + IDLE_MS || now > value.created_ms + ABSOLUTE_MS) {
      await this.end(value);
      return null;
    }
    // Checked: a sign-out at this very moment must not be undone.
    if (now > value.used_ms + TOUCH_MS) await this.#write({ ...value, used_ms: now }, found);
    return value;
  }

  /** Ends a session on the server; its cookie is worth nothing from then on. */
  async end(session: Session): Promise<void> {
    await this.#committer.commit({
      mutations: [
        { type: "delete", key: ["session", session.id] },
        { type: "delete", key: ["sessions", session.account, session.id] },
      ],
      bytes: 0,
    });
  }

  async #write(session: Session, check?: Deno.AtomicCheck): Promise<void> {
    const left = Math.min(
      session.used_ms + IDLE_MS,
      session.created_ms + ABSOLUTE_MS,
    ) - this.#now();
    const expireIn = Math.max(left, 1);
    await this.#committer.commit({
      checks: check === undefined ? [] : [{ key: check.key, versionstamp: check.versionstamp }],
      mutations: [
        { type: "set", key: ["session", session.id], value: session, expireIn },
        { type: "set", key: ["sessions", session.account, session.id], value: null, expireIn },
      ],
      bytes: 2000,
    });
  }
}
