/** Reads the contents of a run's page from the store. */
import { type Weigh, weighEvents } from "../../limits/mod.ts";
import { inTurns } from "../../base/mod.ts";
import { readingOutputText, type TaskRunOutput } from "../../parallel/mod.ts";
import {
  applyStored,
  emptyView,
  type LogEvent,
  type RunPage,
  type RunRequest,
  type RunView,
  type StoredRun,
  type TracedPage,
  type TraceQuery,
} from "../model/mod.ts";
import {
  findRecord,
  readDigest,
  readHead,
  readOutput,
  readTrace,
  readUnlessGone,
  type VersionedHead,
} from "../log/mod.ts";
import { readMember, titleOf } from "../history/mod.ts";
import { foldLog, readPart } from "./trace_part.ts";

/**
 * Returns everything about a run, or `null` if the account does not have it. `weigh` can delay or reject
 * the read.
 */
export async function readPage(
  kv: Deno.Kv,
  account: string,
  runId: string,
  weigh: Weigh = () => undefined,
): Promise<RunPage | null> {
  const found = await findRun(kv, account, runId, readHead(kv, runId));
  if (found === null) return null;
  const { head, record } = found;
  await weigh(record.inputBytes + (head.output?.bytes ?? 0));
  const read = await readUnlessGone(kv, runId, () =>
    Promise.all([
      record.read(),
      readLog(kv, runId, head.last_id, weigh),
      head.output === null ? null : readOutput(kv, runId, head.output),
    ]));
  if (read === null) return null;
  const [run, log, output] = read;
  return { ...await pageOf(found, run, output), ...log };
}

/** Finds a run of an account. Reads in parallel: each step costs a round trip to a distant store. */
async function findRun<Found extends Pick<VersionedHead, "head">>(
  kv: Deno.Kv,
  account: string,
  runId: string,
  reading: Promise<Found | null>,
) {
  const [member, record, found] = await Promise.all([
    readMember(kv, account, runId),
    findRecord(kv, runId),
    reading,
  ]);
  return member === null || record === null || found === null ? null : { member, record, ...found };
}

type FoundRun = NonNullable<Awaited<ReturnType<typeof findRun>>>;

/** A run's page without its trace. */
async function pageOf(
  { head, member }: Pick<FoundRun, "head" | "member">,
  run: StoredRun,
  output: string | null,
): Promise<Omit<RunPage, "events" | "view">> {
  return {
    run,
    title: member.title ?? titleOf(run.input),
    output: await readResultText(output),
    output_text: output,
    ended: head.ended,
    ended_ms: head.ended_ms,
    ...(head.gaps === undefined ? {} : { gaps: head.gaps }),
  };
}

/** Returns a run's request and result without its trace, or `null` if the account does not have it. */
export async function readResult(
  kv: Deno.Kv,
  account: string,
  runId: string,
  weigh: Weigh = () => undefined,
): Promise<Pick<RunPage, "run" | "output"> | null> {
  const found = await findRun(kv, account, runId, readHead(kv, runId));
  if (found === null) return null;
  const { record, head: { output: ref } } = found;
  await weigh(record.inputBytes + (ref?.bytes ?? 0));
  const read = await readUnlessGone(kv, runId, () =>
    Promise.all([
      record.read(),
      ref === null ? null : readOutput(kv, runId, ref),
    ]));
  if (read === null) return null;
  const [run, output] = read;
  return { run, output: await readResultText(output) };
}

/** Which part of a trace to read, and how. */
export interface TraceReading {
  readonly query: TraceQuery;
  readonly weigh?: Weigh;
  /** Removes the parts of events that the reader may not see. A search does not find them either. */
  readonly publishing?: (run: StoredRun) => (event: LogEvent) => LogEvent;
}

/** Returns a run's page with a part of its trace, or `null` if the account does not have the run. */
export async function readTraced(
  kv: Deno.Kv,
  account: string,
  runId: string,
  { query, weigh = () => undefined, publishing = () => (event) => event }: TraceReading,
): Promise<TracedPage | null> {
  const found = await findRun(kv, account, runId, readDigest(kv, runId));
  if (found === null) return null;
  const { head, digest, record } = found;
  await weigh(record.inputBytes + (head.output?.bytes ?? 0));
  const run = await readUnlessGone(kv, runId, record.read);
  if (run === null) return null;
  const log = { kv, runId, lastId: head.last_id, ended: head.ended, weigh };
  const read = await readUnlessGone(kv, runId, () =>
    Promise.all([
      readPart({ ...log, publish: publishing(run) }, query),
      foldLog(log, digest, run.created_ms),
      head.output === null ? null : readOutput(kv, runId, head.output),
    ]));
  if (read === null) return null;
  const [{ events, part }, { view, timeline }, output] = read;
  return { ...await pageOf(found, run, output), view, timeline, events, part };
}

async function readResultText(text: string): Promise<TaskRunOutput>;
async function readResultText(text: string | null): Promise<TaskRunOutput | null>;
async function readResultText(text: string | null): Promise<TaskRunOutput | null> {
  return text === null ? null : await inTurns(readingOutputText(text));
}

/** Reads a run's events and folds them on the way, yielding to other work. */
async function readLog(
  kv: Deno.Kv,
  runId: string,
  to: number,
  weigh: Weigh,
): Promise<{ readonly events: readonly LogEvent[]; readonly view: RunView }> {
  const events: LogEvent[] = [];
  let view = emptyView();
  const range = { from: 1, to, output: null, weigh: weighEvents(weigh) };
  for await (const event of readTrace(kv, runId, range)) {
    events.push(event);
    view = applyStored(view, event);
  }
  return { events, view };
}

/** The contents of a notification about a run. */
export interface RunBrief extends RunRequest {
  /** `null` if there is none, or if it is larger than asked for. */
  readonly output: TaskRunOutput | null;
  readonly ended_ms: number | null;
}

/** Returns a run without its trace, with a result up to a size in bytes. */
export async function readBrief(
  kv: Deno.Kv,
  account: string,
  runId: string,
  maxBytes: number,
): Promise<RunBrief | null> {
  const request = await readRequest(kv, account, runId);
  const found = request === null ? null : await readHead(kv, runId);
  if (request === null || found === null) return null;
  const { output: ref, ended_ms } = found.head;
  if (ref === null || ref.bytes > maxBytes) return { ...request, output: null, ended_ms };
  const text = await readUnlessGone(kv, runId, () => readOutput(kv, runId, ref));
  return text === null ? null : { ...request, output: await readResultText(text), ended_ms };
}

/** The data of a run without its request, which may be large. */
export type RunBasics = Pick<StoredRun, "run_id" | "processor" | "created_ms">;

/** Returns a run without its request, or `null` if the account does not have it. */
export async function readBasics(
  kv: Deno.Kv,
  account: string,
  runId: string,
): Promise<RunBasics | null> {
  const [member, record] = await Promise.all([
    readMember(kv, account, runId),
    findRecord(kv, runId),
  ]);
  return member === null ? null : record;
}

/** Returns a run without its trace: its request and its progress. `weigh` can delay or reject the read. */
export async function readRequest(
  kv: Deno.Kv,
  account: string,
  runId: string,
  weigh: Weigh = () => undefined,
): Promise<RunRequest | null> {
  const found = await findRun(kv, account, runId, readHead(kv, runId));
  if (found === null) return null;
  const { member, record, head: { status, last_id, ended } } = found;
  await weigh(record.inputBytes);
  const run = await readUnlessGone(kv, runId, record.read);
  if (run === null) return null;
  return { run, title: member.title ?? titleOf(run.input), status, last_id, ended };
}
