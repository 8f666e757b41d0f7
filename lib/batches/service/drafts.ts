/**
 * Tables that were uploaded but not sent. This module owns `["draft", account, id]` and their contents,
 * `["draft-part", account, id, version, n]`. Fields that change without the table have a version of their own.
 */
import { beginning, inTurns, joinedPieces, jsonPieces } from "../../base/mod.ts";
import {
  type Committer,
  deletePrefix,
  type PartsRef,
  readParts,
  writeParts,
} from "../../store/mod.ts";
import type { ApiFailure } from "../../parallel/mod.ts";
import type { CreateBatchOutcome, Draft, NewDraft, UnsentDraft } from "./types.ts";

/** How long a draft is kept (ms). */
const DRAFT_MS = 24 * 60 * 60_000;
/** Drafts per account. A new draft beyond this replaces the oldest. */
const MAX_DRAFTS = 20;
/** Of a name in the list of drafts. */
const NAME_CHARS = 200;

/** Content under a version of its own. */
interface Version {
  readonly version: string;
  readonly parts: PartsRef;
}

/**
 * The value under a draft's key. A change writes its parts under a new `version`, so a draft is never
 * incomplete.
 */
interface StoredDraft extends Version {
  readonly created_ms: number;
  /** Of the table. */
  readonly name?: string;
  readonly rows?: number;
  /** The original workbook, if it has other sheets. */
  readonly file?: PartsRef | null;
  /** The form's fields, if they changed since the table was written. */
  readonly fields?: Version;
  /** When sending began; absent if it has not, or if it failed. */
  readonly claimed_ms?: number;
  /** The batch it was sent as. */
  readonly batch_id?: string;
}

/** How long a claim lasts if the sending process dies (ms). */
const CLAIM_MS = 60_000;

const BEING_SENT: ApiFailure = {
  kind: "pending",
  status: 409,
  refId: null,
  message:
    "Another click or tab sends it. If Tasks shows no batch after a minute, send the table again.",
  detail: null,
};

/** The result of claiming a draft. */
export type Claim =
  | { readonly status: "claimed" | "busy" | "unknown" }
  | { readonly status: "sent"; readonly batchId: string };

/** Dependencies of drafts. */
export interface DraftsContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
}

const ID = /^[0-9a-f-]{36}$/;
/** The version that holds a workbook's parts. */
const FILE = "file";

function draftKey(account: string, id: string): Deno.KvKey {
  return ["draft", account, id];
}

function partsKey(account: string, id: string, version?: string): Deno.KvKey {
  return ["draft-part", account, id, ...version === undefined ? [] : [version]];
}

function kept(key: Deno.KvKey, value: unknown) {
  return { type: "set", key, value, expireIn: DRAFT_MS } as const;
}

/** Stores and finds drafts. */
export class Drafts {
  readonly #context: DraftsContext;

  constructor(context: DraftsContext) {
    this.#context = context;
  }

  async save(
    account: string,
    draft: NewDraft,
    workbook: Uint8Array<ArrayBuffer> | null = null,
  ): Promise<string> {
    const id = crypto.randomUUID();
    const { committer, now } = this.#context;
    const options = { expireIn: DRAFT_MS };
    const file = workbook === null
      ? null
      : await writeParts(committer, partsKey(account, id, FILE), workbook, options);
    const written = await this.#writeDraft(account, id, draft);
    const value: StoredDraft = { created_ms: now(), file, ...written };
    await committer.commit({ mutations: [kept(draftKey(account, id), value)] });
    await this.#dropOldest(account);
    return id;
  }

  async read(account: string, id: string): Promise<Draft | null> {
    const found = await this.#find(account, id);
    if (found === null) return null;
    const { created_ms, fields, batch_id = null } = found;
    const read = async ({ version, parts }: Version) => {
      const bytes = await readParts(this.#context.kv, partsKey(account, id, version), parts);
      // We wrote this JSON, so it needs no bounds.
      return JSON.parse(new TextDecoder().decode(bytes));
    };
    const draft: NewDraft = await read(found);
    const changed = fields === undefined ? {} : { fields: await read(fields) };
    return { ...draft, ...changed, id, created_ms, batch_id };
  }

  /** The account's drafts that are not sent, the newest first. */
  async unsent(account: string): Promise<UnsentDraft[]> {
    const { kv, now } = this.#context;
    const unsent: UnsentDraft[] = [];
    for await (const { key, value } of kv.list<StoredDraft>({ prefix: ["draft", account] })) {
      const { batch_id, created_ms, name, rows } = value;
      if (batch_id !== undefined || created_ms + DRAFT_MS <= now()) continue;
      if (name === undefined || rows === undefined) continue;
      unsent.push({ id: String(key[2]), created_ms, name, rows });
    }
    return unsent.sort((a, b) => b.created_ms - a.created_ms);
  }

  /** The original workbook of a draft; `null` if none is kept. */
  async workbook(account: string, id: string): Promise<Uint8Array | null> {
    const file = (await this.#find(account, id))?.file ?? null;
    return file === null
      ? null
      : await readParts(this.#context.kv, partsKey(account, id, FILE), file);
  }

  async change(account: string, id: string, draft: NewDraft): Promise<boolean> {
    if (await this.#find(account, id) === null) return false;
    const written = await this.#writeDraft(account, id, draft);
    return await this.#replace(account, id, ({ fields: _, ...kept }) => ({ ...kept, ...written }));
  }

  /** Stores the fields of a draft's form. Its table, which may have 20 MiB, is not written again. */
  async changeFields(
    account: string,
    id: string,
    form: Readonly<Record<string, string>>,
  ): Promise<boolean> {
    if (await this.#find(account, id) === null) return false;
    const fields = await this.#writeParts(account, id, form);
    return await this.#replace(account, id, (kept) => ({ ...kept, fields }));
  }

  /**
   * Replaces what a draft consists of, and removes what is no longer part of it. A claim that another request makes
   * meanwhile stays, so a table is not sent twice.
   */
  async #replace(
    account: string,
    id: string,
    change: (draft: StoredDraft) => StoredDraft,
  ): Promise<boolean> {
    const { kv, committer } = this.#context;
    const key = draftKey(account, id);
    for (;;) {
      const entry = await kv.get<StoredDraft>(key);
      if (entry.value === null) return false;
      const value = change(entry.value);
      const write = { checks: [entry], mutations: [kept(key, value)] };
      if (!(await committer.commit(write)).ok) continue;
      for (const { version } of [entry.value, entry.value.fields ?? entry.value]) {
        if (version === value.version || version === value.fields?.version) continue;
        await deletePrefix(kv, committer, partsKey(account, id, version));
      }
      return true;
    }
  }

  /** Claims a draft for sending. Only one of several concurrent callers gets it. */
  async claim(account: string, id: string): Promise<Claim> {
    const { kv, committer, now } = this.#context;
    if (!ID.test(id)) return { status: "unknown" };
    const key = draftKey(account, id);
    for (;;) {
      const entry = await kv.get<StoredDraft>(key);
      const { value } = entry;
      if (value === null) return { status: "unknown" };
      if (value.batch_id !== undefined) return { status: "sent", batchId: value.batch_id };
      if ((value.claimed_ms ?? -Infinity) + CLAIM_MS > now()) return { status: "busy" };
      const claimed: StoredDraft = { ...value, claimed_ms: now() };
      const { ok } = await committer.commit({ checks: [entry], mutations: [kept(key, claimed)] });
      // The page keeps what is typed while it sends the form: that changes the draft, and claims nothing.
      if (ok) return { status: "claimed" };
    }
  }

  /** Creates at most one batch from the draft. A repeated request gets the same batch. */
  async sendOnce(
    account: string,
    id: string,
    create: () => Promise<CreateBatchOutcome>,
  ): Promise<CreateBatchOutcome> {
    const claim = await this.claim(account, id);
    if (claim.status === "sent") return { ok: true, batchId: claim.batchId };
    if (claim.status !== "claimed") return { ok: false, failure: BEING_SENT };
    const outcome = await create();
    await this.settle(account, id, outcome.ok ? outcome.batchId : null);
    return outcome;
  }

  /** Ends a claim with the batch that the draft became, or with `null` if creating it failed. */
  async settle(account: string, id: string, batchId: string | null): Promise<void> {
    await this.#replace(account, id, ({ claimed_ms: _, ...rest }) => ({
      ...rest,
      ...batchId !== null && { batch_id: batchId },
    }));
  }

  async remove(account: string, id: string): Promise<void> {
    if (!ID.test(id)) return;
    const { kv, committer } = this.#context;
    await committer.commit({ mutations: [{ type: "delete", key: draftKey(account, id) }] });
    await deletePrefix(kv, committer, partsKey(account, id));
  }

  /** Moves all drafts of an account to another one. Safe to repeat. */
  async moveAll(from: string, to: string): Promise<void> {
    const { kv, committer } = this.#context;
    // Move the parts first, so a draft is never visible without them.
    for (const name of ["draft-part", "draft"]) {
      for await (const { key, value } of kv.list({ prefix: [name, from] })) {
        const moved = kept([name, to, ...key.slice(2)], value);
        await committer.commit({ mutations: [moved, { type: "delete", key }] });
      }
    }
  }

  /** Removes the drafts that became a batch: they hold its table. */
  async removeOf(account: string, batchId: string): Promise<void> {
    const { kv } = this.#context;
    for await (const { key, value } of kv.list<StoredDraft>({ prefix: ["draft", account] })) {
      if (value.batch_id === batchId) await this.remove(account, String(key[2]));
    }
  }

  async removeAll(account: string): Promise<void> {
    const { kv, committer } = this.#context;
    await deletePrefix(kv, committer, ["draft", account]);
    await deletePrefix(kv, committer, ["draft-part", account]);
  }

  async #find(account: string, id: string): Promise<StoredDraft | null> {
    if (!ID.test(id)) return null;
    const { kv, now } = this.#context;
    const { value } = await kv.get<StoredDraft>(draftKey(account, id));
    return value === null || value.created_ms + DRAFT_MS <= now() ? null : value;
  }

  async #writeDraft(account: string, id: string, { name, table, fields }: NewDraft) {
    const written = await this.#writeParts(account, id, { name, table, fields });
    return { ...written, name: beginning(name, NAME_CHARS), rows: table.rows.length };
  }

  async #writeParts(
    account: string,
    id: string,
    content: NewDraft | NewDraft["fields"],
  ): Promise<Version> {
    const json = await inTurns(joinedPieces(jsonPieces(content)));
    const version = crypto.randomUUID();
    const bytes = new TextEncoder().encode(json);
    const key = partsKey(account, id, version);
    const options = { expireIn: DRAFT_MS };
    return { version, parts: await writeParts(this.#context.committer, key, bytes, options) };
  }

  async #dropOldest(account: string): Promise<void> {
    const prefix = ["draft", account];
    const drafts = await Array.fromAsync(this.#context.kv.list<StoredDraft>({ prefix }));
    drafts.sort((a, b) => b.value.created_ms - a.value.created_ms);
    for (const { key } of drafts.slice(MAX_DRAFTS)) await this.remove(account, String(key[2]));
  }
}
