/**
 * A batch in KV. This module owns `["batch", id]` and the table under it, `["batch-head", id]`,
 * `["batch-log", id, event_id]`, `["batches", account, created_ms, id]`, `["batch-active", id]`,
 * `["batch-purge", due_ms, id]` and `["batch-share", token]`.
 */
import { inTurns, joinedPieces, jsonPieces, parseJson } from "../../base/mod.ts";
import { type Committer, type PartsRef, readParts, writeParts } from "../../store/mod.ts";
import {
  applyBatchEvent,
  type BatchEvent,
  type BatchView,
  emptyBatchView,
  type InputPlan,
  NO_CELL,
  rowView,
  type TableColumn,
  type TableRow,
} from "../model/mod.ts";
import { type SetTask, withTask } from "./set_task.ts";
import type { BatchOutcome, BatchSummary } from "./types.ts";

/** The small immutable part of a batch. */
export interface BatchRecord {
  readonly account: string;
  readonly name: string;
  readonly created_ms: number;
  readonly processor: string;
  readonly price_usd: number | null;
  readonly simulated: boolean;
  /** Rows of the uploaded table. */
  readonly rows: number;
  readonly content: PartsRef;
  /** Names the stored content of an adopted batch. */
  readonly content_version?: string;
  /** The group was created elsewhere, and its runs are taken in as rows. */
  readonly adopted?: true;
}

/** The large immutable part of a batch. */
export interface BatchContent extends SetTask {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  readonly plan: InputPlan;
}

/** Rows of a request whose outcome is not known yet. */
export interface Chunk {
  /** Row and attempt of each row. */
  readonly rows: readonly (readonly [row: number, attempt: number])[];
  /** When the response was lost (Unix ms); `null` while it is pending. */
  readonly lost_ms: number | null;
}

/** Added rows, or the task of added columns. */
export interface AddedRows {
  readonly version: string;
  readonly parts: PartsRef;
  /** For runs of an adopted group: the number of their rows. */
  readonly taken?: number;
  /** The columns that they add to the table. */
  readonly columns?: readonly string[];
  /** For columns of an adopted group: the number of their set in the Taskstream that added them. */
  readonly origin?: number;
}

/** How far the list of an adopted group's runs has been read. */
export interface Adoption {
  /** The list's event to continue after; `null` for its beginning. */
  readonly cursor: string | null;
  /** Number of runs up to there. */
  readonly listed: number;
  /** Whether the list may have more. */
  readonly due: boolean;
  /** Why the batch takes no more runs, if it does not. */
  readonly note?: string;
}

/** Whether these rows or columns were added before. */
export function isAdded(added: readonly AddedRows[], version: string): boolean {
  return added.some((each) => each.version === version);
}

/** The mutable part of a batch. Only the lease holder writes it. */
export interface BatchHead {
  /** ID of the last durable event. */
  readonly last_id: number;
  /** Incremented by each process that takes the lease. */
  readonly fence: number;
  readonly lease_owner: string;
  /** When the lease expires (Unix ms); 0 if it is free. */
  readonly lease_until: number;
  readonly chunk: Chunk | null;
  /** How many unsent rows may still be sent; `null` for all. */
  readonly allowance: number | null;
  readonly added: readonly AddedRows[];
  /** Only adopted batches have it. */
  readonly taking?: Adoption;
  /** Tasks of added columns. Batches from earlier versions have none. */
  readonly sets?: readonly AddedRows[];
  /** The API key that pays: that of the last command. */
  readonly sealed_key: string;
  /** The client whose rate limit its rows count against. */
  readonly client: string | null;
  /** When the batch was deleted (Unix ms). */
  readonly deleted_ms: number | null;
  /** The token of its share link; `null` if it is not shared. */
  readonly share: string | null;
}

/** Keys. */
export const keys = {
  record: (id: string): Deno.KvKey => ["batch", id],
  content: (id: string, version?: string): Deno.KvKey => [
    "batch",
    id,
    "content",
    ...version === undefined ? [] : [version],
  ],
  added: (id: string, version: string): Deno.KvKey => ["batch", id, "added", version],
  head: (id: string): Deno.KvKey => ["batch-head", id],
  log: (id: string): Deno.KvKey => ["batch-log", id],
  event: (id: string, event: number): Deno.KvKey => ["batch-log", id, event],
  lines: (account: string): Deno.KvKey => ["batches", account],
  line: (account: string, createdMs: number, id: string): Deno.KvKey => [
    "batches",
    account,
    createdMs,
    id,
  ],
  active: (id: string): Deno.KvKey => ["batch-active", id],
  purges: (untilMs: number): Deno.KvListSelector => ({
    start: ["batch-purge"],
    end: ["batch-purge", untilMs + 1],
  }),
  purge: (dueMs: number, id: string): Deno.KvKey => ["batch-purge", dueMs, id],
  share: (token: string): Deno.KvKey => ["batch-share", token],
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes a value in parts, yielding to the event loop. */
export async function writeValue(
  committer: Pick<Committer, "commit">,
  prefix: Deno.KvKey,
  value: unknown,
): Promise<PartsRef> {
  const json = await inTurns(joinedPieces(jsonPieces(value)));
  return await writeParts(committer, prefix, encoder.encode(json));
}

/** Reads the large immutable part; `null` if there is no such batch. */
export async function readContent(
  kv: Deno.Kv,
  id: string,
  { content, content_version }: Pick<BatchRecord, "content" | "content_version">,
): Promise<BatchContent> {
  return withTask<BatchContent>(
    decoder.decode(await readParts(kv, keys.content(id, content_version), content)),
  );
}

/** Reads added rows. */
export async function readAdded<Row extends object = TableRow>(
  kv: Deno.Kv,
  id: string,
  added: AddedRows,
): Promise<readonly Row[]> {
  return JSON.parse(await readValue(kv, id, added));
}

/** Reads the task of added columns. */
export async function readSetTask(kv: Deno.Kv, id: string, added: AddedRows): Promise<SetTask> {
  return withTask(await readValue(kv, id, added));
}

async function readValue(kv: Deno.Kv, id: string, { version, parts }: AddedRows): Promise<string> {
  return decoder.decode(await readParts(kv, keys.added(id, version), parts));
}

/** Encodes an event for KV. Its ID is in the key. */
export function encodeBatchEvent({ at_ms, type, data }: BatchEvent): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify({ at_ms, type, data }));
}

/** Reads the durable events from one ID to another. */
export async function* readBatchLog(
  kv: Deno.Kv,
  id: string,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<BatchEvent> {
  if (from > to) return;
  const range = { start: keys.event(id, from), end: keys.event(id, to + 1) };
  for await (const { key, value } of kv.list<Uint8Array>(range, { batchSize: 50 })) {
    const parsed = parseJson(decoder.decode(value));
    const stored = parsed.ok ? parsed.value as Omit<BatchEvent, "id"> : null;
    if (stored !== null) yield { ...stored, id: Number(key[2]) };
  }
}

/** Applies the durable events that the view has not seen. */
export async function caughtUp(
  kv: Deno.Kv,
  id: string,
  view: BatchView,
  to: number,
): Promise<BatchView> {
  let next = view;
  for await (const event of readBatchLog(kv, id, { from: view.lastId + 1, to })) {
    next = applyBatchEvent(next, event);
  }
  return next;
}

/** The view before the first event. */
export function firstView({ name, rows }: Pick<BatchRecord, "name" | "rows">): BatchView {
  return emptyBatchView(name, rows);
}

/** The batch's line in its account's list. */
export function lineOf(
  id: string,
  { created_ms, processor, simulated }: BatchRecord,
  view: BatchView,
): BatchSummary {
  const { name, state, reason, rows, counts, spent_usd, sent_ms, outputs } = view;
  const { low, started_ms, pace } = view;
  return {
    id,
    name,
    created_ms,
    processor,
    simulated,
    state,
    reason,
    rows,
    counts,
    spent_usd,
    sent_ms,
    outputs: outputs.slice(0, MAX_NAMED).map((column) => column.name),
    low,
    started_ms,
    // What ended long ago does not matter once nothing runs.
    pace: state === "running" ? pace : [],
    outcome: state === "done" ? outcomeOf(view) : null,
  };
}

/** Result columns that a line names. */
const MAX_NAMED = 20;

function outcomeOf(view: BatchView): BatchOutcome {
  const columns = view.outputs.slice(0, MAX_NAMED).map(() => new Map<string, number>());
  let cells = 0, high = 0;
  for (let row = 1; row <= view.rows; row++) {
    for (const [at, cell] of rowView(view, row).cells?.entries() ?? []) {
      if (cell === NO_CELL) continue;
      cells++;
      const { confidence } = cell;
      if (confidence === "high") high++;
      const levels = columns[at];
      if (confidence !== null) levels?.set(confidence, (levels.get(confidence) ?? 0) + 1);
    }
  }
  const levels = columns.map((counts) => {
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    return most?.[0] ?? null;
  });
  // The removal of a row's run is also a change.
  const ended_ms = view.counts.deleted ? null : view.changed_ms;
  return { ended_ms, levels, cells, high };
}
