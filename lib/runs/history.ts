/**
 * Who may see a run, and each account's history, newest first. This module owns
 * `["member", account, run_id]` and `["history", account, created_ms, run_id]`.
 */
import type { TaskRunInput } from "../parallel/types.ts";
import type { HistoryPage, OutputType, RunSummary } from "./model.ts";

/** An account's own view of a run. */
export interface Member {
  /** Set by its owner; `null`: the first line of the input. */
  readonly title: string | null;
  readonly starred: boolean;
  readonly share_token: string | null;
  /** Every index key of this run for this account, so that removal is complete. */
  readonly indexes: readonly Deno.KvKey[];
}

/** The key that makes a run visible to an account. */
export function memberKey(account: string, runId: string): Deno.KvKey {
  return ["member", account, runId];
}

/** An account's membership of a run, or `null` where the run is none of its business. */
export async function readMember(
  kv: Deno.Kv,
  account: string,
  runId: string,
): Promise<Member | null> {
  return (await kv.get<Member>(memberKey(account, runId))).value;
}

/** The key of a run's line in an account's history. */
export function historyKey(account: string, createdMs: number, runId: string): Deno.KvKey {
  return ["history", account, createdMs, runId];
}

/** An account's line for a run, or `null`. */
export async function readSummary(
  kv: Deno.Kv,
  account: string,
  createdMs: number,
  runId: string,
): Promise<RunSummary | null> {
  return (await kv.get<RunSummary>(historyKey(account, createdMs, runId))).value;
}

/** The writes that put a run into an account's history. */
export function joinHistory(account: string, summary: RunSummary): Deno.KvMutation[] {
  const key = historyKey(account, summary.created_ms, summary.run_id);
  const member: Member = { title: null, starred: false, share_token: null, indexes: [key] };
  return [
    { type: "set", key: memberKey(account, summary.run_id), value: member },
    { type: "set", key, value: summary },
  ];
}

/** The writes that take a run out of an account's history. */
export function leaveHistory(account: string, runId: string, member: Member): Deno.KvMutation[] {
  return [memberKey(account, runId), ...member.indexes].map((key) => ({ type: "delete", key }));
}

/** Ids of an account's runs that were created before a moment (Unix ms), oldest first. */
export async function* runsBefore(
  kv: Deno.Kv,
  account: string,
  beforeMs: number,
): AsyncGenerator<string> {
  const selector = { prefix: ["history", account], end: ["history", account, beforeMs] };
  for await (const { key } of kv.list(selector)) {
    const runId = key[3];
    if (typeof runId === "string") yield runId;
  }
}

/** Rough size of a summary with its key (bytes). */
export const SUMMARY_BYTES = 1200;

/** Where a page of the history starts. */
interface Cursor {
  readonly direction: "older" | "newer";
  readonly created_ms: number;
  readonly run_id: string;
}

/** One page of an account's history. A cursor that is none starts at the newest. */
export async function readHistory(
  kv: Deno.Kv,
  account: string,
  options: { readonly cursor?: string | null; readonly limit?: number },
): Promise<HistoryPage> {
  const limit = options.limit ?? 25;
  const cursor = readCursor(options.cursor ?? null);
  const prefix = ["history", account];
  const at = cursor === null ? null : historyKey(account, cursor.created_ms, cursor.run_id);
  const newer = cursor?.direction === "newer";
  const selector: Deno.KvListSelector = at === null
    ? { prefix }
    // Exclusive on both sides: the cursor names the last run already shown.
    : newer
    ? { prefix, start: [...at, ""] }
    : { prefix, end: at };
  const runs: RunSummary[] = [];
  for await (
    const { value } of kv.list<RunSummary>(selector, { limit: limit + 1, reverse: !newer })
  ) {
    runs.push(value);
  }
  const more = runs.length > limit;
  if (more) runs.pop();
  if (newer) runs.reverse();
  const first = runs[0], last = runs.at(-1);
  const hasOlder = newer || more;
  const hasNewer = newer ? more : at !== null;
  return {
    runs,
    next: hasOlder && last !== undefined ? writeCursor("older", last) : null,
    prev: hasNewer && first !== undefined ? writeCursor("newer", first) : null,
  };
}

function writeCursor(direction: Cursor["direction"], run: RunSummary): string {
  return `${direction}.${run.created_ms}.${run.run_id}`;
}

function readCursor(text: string | null): Cursor | null {
  const match = /^(older|newer)\.(\d{1,16})\.([\w-]{1,100})$/.exec(text ?? "");
  if (match === null) return null;
  const [, direction, created, runId] = match;
  return {
    direction: direction === "newer" ? "newer" : "older",
    created_ms: Number(created),
    run_id: runId ?? "",
  };
}

/** Longest title that a list carries (characters). */
const TITLE_LENGTH = 140;

/** The first line of the input, which names a run until its owner does; of an object, its members. */
export function titleOf({ input }: TaskRunInput): string {
  const text = typeof input === "string"
    ? input
    : Object.entries(input).map(([name, value]) => `${name}: ${plainText(value)}`).join(", ");
  const line = text.trim().split(/\r?\n/, 1)[0] ?? "";
  return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH - 1).trimEnd()}…` : line;
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The kind of output a request asks for. */
export function outputTypeOf(input: TaskRunInput): OutputType {
  const schema = input.task_spec?.output_schema;
  if (schema === undefined || schema === null) return "auto";
  if (typeof schema === "string") return "text";
  if (schema.type === "text" || schema.type === "auto") return schema.type;
  return "json";
}
