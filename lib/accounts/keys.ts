/**
 * Adds API keys to an account and removes them. A new key gives its holder access to everything, so the
 * user must confirm it. Until then the key is stored, sealed, for the session that sent it.
 * Owns `["adding", session_id]`.
 */
import { Committer, sha256Hex } from "../store/mod.ts";
import {
  type AccountKey,
  type Accounts,
  type AddOutcome,
  keyIdOf,
  keyMutation,
  SANDBOX_KEY_PREFIX,
  type StoredAccount,
} from "./accounts.ts";
import type { Keyring } from "./keyring.ts";
import { addingKey, type Session, type Sessions } from "./sessions.ts";
import type { SignIn, SignInProblem } from "./sign_in.ts";
import type { KeyStandings } from "./standing.ts";

/** Why a key was not added. */
export type AddKeyProblem =
  | Exclude<SignInProblem, "no-sandbox">
  | Extract<AddOutcome, { readonly ok: false }>["problem"]
  /** The question is more than ten minutes old, or belongs to another session. */
  | "late";

/** What the user is asked before a key is added. */
export interface KeyQuestion {
  readonly keyId: string;
  readonly fingerprint: string;
  /** How many runs the key's holder will see. */
  readonly runs: number;
  /** The existing account of the key, which would be merged; `null` for a new key. */
  readonly history: { readonly runs: number; readonly others: readonly AccountKey[] } | null;
}

/** What {@linkcode AccountKeys} needs from its surroundings. */
export interface AccountKeysContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly keyring: Keyring;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly signIn: Pick<SignIn, "problemWith">;
  readonly standings: Pick<KeyStandings, "idle">;
  readonly countRuns: (account: string) => Promise<number>;
  /** Moves the data of an account to the one that it was merged into. */
  readonly moveAll: (from: string, to: string) => Promise<void>;
  /** Called with each key of an account that has several now. Safe to repeat. */
  readonly onAdded?: (account: string, apiKey: string) => Promise<void>;
  /** Called when a key was removed from an account. Safe to repeat. */
  readonly onRemoved?: (account: string, keyId: string) => Promise<void>;
}

/** How long a key waits to be confirmed (ms). */
const WAITING_MS = 10 * 60_000;

type Asked =
  | { readonly ok: true; readonly question: KeyQuestion }
  | { readonly ok: false; readonly problem: AddKeyProblem };

type Added =
  | { readonly ok: true; readonly merged: boolean }
  | { readonly ok: false; readonly problem: AddKeyProblem };

/** Adds and removes accounts' keys. */
export class AccountKeys {
  readonly #context: AccountKeysContext;

  constructor(context: AccountKeysContext) {
    this.#context = context;
  }

  /** Checks a key and describes what adding it would change. The user can confirm for ten minutes. */
  async ask(session: Session, apiKey: string): Promise<Asked> {
    const { accounts, committer, countRuns, keyring } = this.#context;
    const problem = await this.#problemWith(session, apiKey);
    if (problem !== null) return { ok: false, problem };
    const sealed = await keyring.seal(apiKey);
    await committer.commit({
      mutations: [{ type: "set", key: addingKey(session.id), value: sealed, expireIn: WAITING_MS }],
    });
    const keyId = keyIdOf(await sha256Hex(apiKey));
    const other = await accounts.find(apiKey);
    const keys = other === null ? [] : await accounts.keys(other.id);
    const question: KeyQuestion = {
      keyId,
      fingerprint: keyId.slice(0, 4),
      runs: await countRuns(session.account),
      history: other === null ? null : {
        runs: await countRuns(other.id),
        others: keys.filter(({ id }) => id !== keyId),
      },
    };
    return { ok: true, question };
  }

  /** Adds the waiting key of this session. `keyId` must be the key that the user was asked about. */
  async confirm(session: Session, keyId: string): Promise<Added> {
    const { kv, keyring } = this.#context;
    const { value } = await kv.get<string>(addingKey(session.id));
    const apiKey = value === null ? null : await keyring.open(value).catch(() => null);
    if (apiKey === null || keyIdOf(await sha256Hex(apiKey)) !== keyId) {
      return { ok: false, problem: "late" };
    }
    return await this.add(session, apiKey);
  }

  /** Adds a key, together with the data of its account. */
  async add(session: Session, apiKey: string): Promise<Added> {
    const { accounts, committer, keyring, moveAll, onAdded, sessions } = this.#context;
    const problem = await this.#problemWith(session, apiKey);
    if (problem !== null) return { ok: false, problem };
    const outcome = await accounts.add(session.account, apiKey);
    if (!outcome.ok) return outcome;
    await committer.commit({
      mutations: [{ type: "delete", key: addingKey(session.id) }],
    });
    const { merged } = outcome;
    if (merged !== null) {
      // Its sessions show a history that is being moved. Their keys now sign in to the other account.
      await sessions.endOthers(merged, null);
      await moveAll(merged, session.account);
    }
    await onAdded?.(session.account, apiKey);
    // Also for the session's own key, which the API may refuse later.
    const own = await keyring.open(session.sealed_key).catch(() => null);
    if (own !== null) await onAdded?.(session.account, own);
    return { ok: true, merged: merged !== null };
  }

  /** Removes a key and ends the sessions that it opened. */
  async remove(account: string, keyId: string): Promise<"removed" | "last" | "unknown"> {
    const { accounts, onRemoved, sessions, standings } = this.#context;
    await standings.idle();
    // End the sessions first: if this process died after it removed the key, nothing would end them.
    const keys = await accounts.keys(account);
    if (keys.some(({ id }) => id !== keyId)) await sessions.endByKey(account, keyId);
    const outcome = await accounts.remove(account, keyId);
    // Again, because someone may have signed in meanwhile. Also if another request has removed the key.
    if (outcome !== "last") {
      await sessions.endByKey(account, keyId);
      await onRemoved?.(account, keyId);
    }
    return outcome;
  }

  async #problemWith(session: Session, apiKey: string): Promise<AddKeyProblem | null> {
    if (session.sandbox !== apiKey.startsWith(SANDBOX_KEY_PREFIX) && apiKey !== "") return "mixed";
    const { accounts, signIn } = this.#context;
    if ((await accounts.find(apiKey))?.id === session.account) return "own";
    const problem = await signIn.problemWith(apiKey);
    return problem === "no-sandbox" ? "refused" : problem;
  }
}

// Migrates a store from layout 1, whose accounts did not list their keys, to layout 2. After an
// interruption it starts again and writes the same entries.
/** The most keys to list in one commit. */
const BATCH = 100;

/** Lists the API keys of every account, as added when the account was created. */
export async function listKeys(kv: Deno.Kv): Promise<void> {
  const committer = new Committer(kv);
  let mutations: Deno.KvMutation[] = [];
  const write = async () => {
    if (mutations.length > 0) await committer.commit({ mutations });
    mutations = [];
  };
  for await (const { key: [, sha256], value: id } of kv.list<string>({ prefix: ["key"] })) {
    const { value: account } = await kv.get<StoredAccount>(["account", id]);
    if (account === null) continue;
    mutations.push(keyMutation(id, String(sha256), account.created_ms));
    if (mutations.length === BATCH) await write();
  }
  await write();
}
