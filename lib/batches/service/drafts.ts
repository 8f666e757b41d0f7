/**
 * Tables that were uploaded and not sent. This module owns `["draft", account, id]`, and
 * `["draft-part", account, id, version, n]`, what they hold.
 */
import { gathered, inTurns, jsonPieces } from "../../base/mod.ts";
import {
  type Committer,
  deletePrefix,
  type PartsRef,
  readParts,
  writeParts,
} from "../../store/mod.ts";
import type { Draft, NewDraft } from "./types.ts";

/** How long a draft is kept (ms). */
export const DRAFT_MS = 24 * 60 * 60_000;
/** Drafts of an account. The oldest goes when there is one more. */
export const MOST_DRAFTS = 20;

/** What lies under a draft's key. Its parts are named by `version`, so that a change leaves no gap. */
interface StoredDraft {
  readonly created_ms: number;
  readonly version: string;
  readonly parts: PartsRef;
}

/** What drafts need of the world. */
export interface DraftsContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
}

const ID = /^[0-9a-f-]{36}$/;

function draftKey(account: string, id: string): Deno.KvKey {
  return ["draft", account, id];
}

function partsKey(account: string, id: string, version?: string): Deno.KvKey {
  return ["draft-part", account, id, ...version === undefined ? [] : [version]];
}

/** Stores and finds drafts. */
export class Drafts {
  readonly #context: DraftsContext;

  constructor(context: DraftsContext) {
    this.#context = context;
  }

  async save(account: string, draft: NewDraft): Promise<string> {
    const id = crypto.randomUUID();
    await this.#write(account, id, draft, this.#context.now());
    await this.#dropOldest(account);
    return id;
  }

  async read(account: string, id: string): Promise<Draft | null> {
    const found = await this.#find(account, id);
    if (found === null) return null;
    const { created_ms, version, parts } = found;
    const bytes = await readParts(this.#context.kv, partsKey(account, id, version), parts);
    // Our own text, so that it needs no bounds.
    const draft: NewDraft = JSON.parse(new TextDecoder().decode(bytes));
    return { ...draft, id, created_ms };
  }

  async change(account: string, id: string, draft: NewDraft): Promise<boolean> {
    const found = await this.#find(account, id);
    if (found === null) return false;
    await this.#write(account, id, draft, found.created_ms);
    const { kv, committer } = this.#context;
    await deletePrefix(kv, committer, partsKey(account, id, found.version));
    return true;
  }

  async remove(account: string, id: string): Promise<void> {
    if (!ID.test(id)) return;
    const { kv, committer } = this.#context;
    await committer.commit({ mutations: [{ type: "delete", key: draftKey(account, id) }] });
    await deletePrefix(kv, committer, partsKey(account, id));
  }

  async #find(account: string, id: string): Promise<StoredDraft | null> {
    if (!ID.test(id)) return null;
    const { kv, now } = this.#context;
    const { value } = await kv.get<StoredDraft>(draftKey(account, id));
    return value === null || value.created_ms + DRAFT_MS <= now() ? null : value;
  }

  async #write(
    account: string,
    id: string,
    { name, table, fields }: NewDraft,
    created_ms: number,
  ): Promise<void> {
    const { committer } = this.#context;
    const json = await inTurns(gathered(jsonPieces({ name, table, fields })));
    const version = crypto.randomUUID();
    const key = draftKey(account, id);
    const options = { expireIn: DRAFT_MS };
    const bytes = new TextEncoder().encode(json);
    const parts = await writeParts(committer, partsKey(account, id, version), bytes, options);
    const value: StoredDraft = { created_ms, version, parts };
    await committer.commit({ mutations: [{ type: "set", key, value, ...options }] });
  }

  async #dropOldest(account: string): Promise<void> {
    const prefix = ["draft", account];
    const drafts = await Array.fromAsync(this.#context.kv.list<StoredDraft>({ prefix }));
    drafts.sort((a, b) => b.value.created_ms - a.value.created_ms);
    for (const { key } of drafts.slice(MOST_DRAFTS)) await this.remove(account, String(key[2]));
  }
}
