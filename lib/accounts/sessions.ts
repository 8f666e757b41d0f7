/**
 * Sessions. A signed cookie contains a random id. Everything else is in KV, including the sealed API key.
 * Owns `["session", id]`, `["sessions", account, id]` and, with `keys.ts`, `["adding", session_id]`.
 */
import { type Committer, deleteAll, sha256Hex } from "../store/mod.ts";
import { keyIdOf } from "./accounts.ts";
import { type Keyring, SealError } from "./keyring.ts";

const DAY_MS = 86_400_000;
/** A session ends after this time without use. */
export const IDLE_MS = 7 * DAY_MS;
/** A session ends after this time even if it is used. */
export const ABSOLUTE_MS = 30 * DAY_MS;
/** The shortest time between two writes of the last use (ms): a page view must not cost a commit. */
const TOUCH_MS = 3_600_000;
/** The most keys that KV reads at once. */
const GET_MANY = 10;

/** A session as stored. Its id is a hash of the cookie's, so a copy of the database is not enough to sign in. */
export interface Session {
  readonly id: string;
  readonly account: string;
  readonly fingerprint: string;
  readonly sandbox: boolean;
  /** Identifies the account's key that this session's runs are billed to. */
  readonly key_fingerprint: string;
  /** SHA-256 of that key. Older sessions do not have it: compute it from the sealed key. */
  readonly key_sha256?: string;
  /** The API key, sealed. */
  readonly sealed_key: string;
  /** A short description of the browser; `null` if it is unknown. */
  readonly device: string | null;
  readonly created_ms: number;
  readonly used_ms: number;
}

/** A session as it is shown to its account. */
export type SessionInfo = Omit<Session, "sealed_key" | "key_sha256">;

/** The data to start a session with. */
export type NewSession = Omit<Session, "id" | "created_ms" | "used_ms">;

/** The signed-in user, as pages may show it. Contains no key. */
export interface Account {
  /** Opaque. Stays the same as long as the history exists. */
  readonly id: string;
  /** Four characters that let a person tell their accounts apart; derived from the key, not part of it. */
  readonly fingerprint: string;
  /** Everything this account does goes to the embedded sandbox. */
  readonly sandbox: boolean;
  /** The sealed API key: useless without the instance's secret. */
  readonly sealedKey: string;
  /**
   * When the API was first seen to refuse that key (Unix ms). Runs created before can still be read, exported
   * and deleted. `null` while the API accepts the key.
   */
  readonly refusedMs: number | null;
  /** The client's address, for limits. */
  readonly client?: string;
}

/** A session, and the cookie's value that opens it. */
export interface StartedSession {
  readonly cookie: string;
  readonly session: Session;
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

  /** Starts a session and returns the cookie's value; `null` if `check` fails and no session was started. */
  async start(session: NewSession): Promise<StartedSession>;
  async start(session: NewSession, check: Deno.AtomicCheck): Promise<StartedSession | null>;
  async start(session: NewSession, check?: Deno.AtomicCheck): Promise<StartedSession | null> {
    const token = crypto.getRandomValues(new Uint8Array(24)).toBase64({ alphabet: "base64url" });
    const now = this.#now();
    const stored: Session = {
      ...session,
      id: await sha256Hex(token),
      created_ms: now,
      used_ms: now,
    };
    if (!await this.#write(stored, check)) return null;
    return { cookie: await this.#keyring.sign(token), session: stored };
  }

  /** Returns the live session of a cookie's value, or `null`. */
  async find(cookie: string): Promise<Session | null> {
    const token = await this.#keyring.verify(cookie);
    if (token === null) return null;
    const found = await this.#kv.get<Session>(["session", await sha256Hex(token)]);
    const { value } = found;
    if (value === null) return null;
    if (this.#isOver(value)) {
      await this.end(value);
      return null;
    }
    const now = this.#now();
    // With a check, so that a sign-out at this moment is not undone.
    if (now > value.used_ms + TOUCH_MS) await this.#write({ ...value, used_ms: now }, found);
    return value;
  }

  /** Ends a session on the server. Its cookie is invalid from then on. */
  async end(session: Session): Promise<void> {
    await deleteAll(this.#committer, keysOf(session.account, session.id));
  }

  /** The account's live sessions, the latest used first. */
  async list(account: string): Promise<SessionInfo[]> {
    const live: SessionInfo[] = [];
    for (const id of await this.#ids(account)) {
      const { value } = await this.#kv.get<Session>(["session", id]);
      if (value === null || this.#isOver(value)) continue;
      const { sealed_key: _, key_sha256: __, ...info } = value;
      live.push(info);
    }
    return live.sort((a, b) => b.used_ms - a.used_ms);
  }

  /** Ends a session of an account by its id. `false` if the account has no such session. */
  async endById(account: string, id: string): Promise<boolean> {
    const ids = await this.#ids(account);
    if (!ids.includes(id)) return false;
    await deleteAll(this.#committer, keysOf(account, id));
    return true;
  }

  /** Ends all of an account's sessions but one (`null`: all), and returns how many. */
  async endOthers(account: string, except: string | null): Promise<number> {
    const ids = (await this.#ids(account)).filter((id) => id !== except);
    await deleteAll(this.#committer, ids.flatMap((id) => keysOf(account, id)));
    return ids.length;
  }

  /** Ends the sessions that were opened with a key, and returns how many. */
  async endByKey(account: string, keyId: string): Promise<number> {
    const ended: string[] = [];
    for (const id of await this.#ids(account)) {
      const { value } = await this.#kv.get<Session>(["session", id]);
      if (value !== null && await this.#isOf(value, keyId)) ended.push(id);
    }
    await deleteAll(this.#committer, ended.flatMap((id) => keysOf(account, id)));
    return ended.length;
  }

  /** The given sessions that are still open. */
  async alive(ids: readonly string[]): Promise<Set<string>> {
    const alive = new Set<string>();
    for (let at = 0; at < ids.length; at += GET_MANY) {
      const keys = ids.slice(at, at + GET_MANY).map((id) => ["session", id]);
      for (const { value } of await this.#kv.getMany<Session[]>(keys)) {
        if (value !== null && !this.#isOver(value)) alive.add(value.id);
      }
    }
    return alive;
  }

  /** The hash of the key that opened a session. Throws `SealError` if no secret opens the sealed key. */
  async keyHash({ key_sha256, sealed_key }: Session): Promise<string> {
    return key_sha256 ?? await sha256Hex(await this.#keyring.open(sealed_key));
  }

  async #isOf(session: Session, keyId: string): Promise<boolean> {
    try {
      return keyIdOf(await this.keyHash(session)) === keyId;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      // The sealed key cannot be opened. The fingerprint still identifies it.
      return keyId.startsWith(session.key_fingerprint);
    }
  }

  async #ids(account: string): Promise<string[]> {
    const found = await Array.fromAsync(this.#kv.list({ prefix: ["sessions", account] }));
    return found.map(({ key }) => String(key[2]));
  }

  #isOver(session: Session): boolean {
    const now = this.#now();
    return now > session.used_ms + IDLE_MS || now > session.created_ms + ABSOLUTE_MS;
  }

  async #write(session: Session, check?: Deno.AtomicCheck): Promise<boolean> {
    const left = Math.min(
      session.used_ms + IDLE_MS,
      session.created_ms + ABSOLUTE_MS,
    ) - this.#now();
    const expireIn = Math.max(left, 1);
    const { ok } = await this.#committer.commit({
      checks: check === undefined ? [] : [{ key: check.key, versionstamp: check.versionstamp }],
      mutations: [
        { type: "set", key: ["session", session.id], value: session, expireIn },
        { type: "set", key: ["sessions", session.account, session.id], value: null, expireIn },
      ],
    });
    return ok;
  }
}

function keysOf(account: string, id: string): Deno.KvKey[] {
  return [["session", id], ["sessions", account, id], addingKey(id)];
}

/** The key under which an API key waits for its session to confirm that it is added. */
export function addingKey(id: string): Deno.KvKey {
  return ["adding", id];
}
