/** Checks that viewers got exactly what the upstream sent: nothing lost, repeated or out of order. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { asRecord } from "../../lib/runs/model/event.ts";
import { kindOf } from "../../lib/runs/model/kinds.ts";
import { payloadOf } from "../../lib/runs/model/view.ts";
import { type Head, headKey } from "../../lib/runs/log/head.ts";
import type { RecordingGap, RunSummary } from "../../lib/runs/model/model.ts";
import type { SSEEvent } from "../../lib/sse/mod.ts";
import { RUN } from "../runs/log_tools.ts";
import type { MemoryStore } from "./memory_kv.ts";
import { SLOWEST_MS } from "./network.ts";
import type { Trace, UpstreamEvent } from "./trace.ts";
import { messagesOf } from "./upstream.ts";

/** The run's head, from any process. */
export function headOf(store: MemoryStore): Head {
  return store.get(headKey(RUN))?.value as Head;
}

/** Throws if a list does not show how the run ended. */
export function judgeLists({ events }: Trace, shown: readonly RunSummary[]): void {
  const { status } = asRecord(payloadOf(events.at(-1)!)?.run) ?? {};
  for (const run of shown) assertEquals([run.run_id, run.status], [RUN, status], "a list");
}

/** The number of the upstream's messages in the log. */
export function durableMessages(store: MemoryStore): number {
  return storedTypes(store).filter(isMessage).length;
}

/** The types of every event in the store, in order. */
function storedTypes(store: MemoryStore): string[] {
  const decoder = new TextDecoder();
  return store.list(["trace", RUN]).flatMap(({ value }) => {
    if (!(value instanceof Uint8Array)) throw new TypeError("A batch is bytes");
    const batch: readonly { type: string }[] = JSON.parse(decoder.decode(value));
    return batch.map(({ type }) => type);
  });
}

/** Whether a replay repeats this event in its place. */
export function isMessage(type: string): boolean {
  return !["state", "stats", "error"].includes(kindOf(type));
}

/** What a viewer's events are compared with. */
export interface Evidence {
  readonly trace: Trace;
  readonly seen: readonly SSEEvent[];
  /** Error events that the upstream sent. */
  readonly errors: readonly string[];
  /** The gaps that the run reports. */
  readonly gaps?: readonly RecordingGap[];
  /** When each event of the trace happened (ms). */
  readonly happenedMs?: readonly number[];
}

/** The longest time that events may have been in transit when their connection broke (ms). */
const ON_THE_WAY_MS = SLOWEST_MS;

/** Throws if a viewer's events are not the trace, except in reported gaps. */
export function judge({ trace, seen, errors, gaps = [], happenedMs = [] }: Evidence): void {
  assertEquals(seen.map(({ id }) => id), seen.map((_, at) => String(at + 1)), "ids");
  const messages = seen.filter(({ event }) => isMessage(event));
  const had = messages.map(({ event, data }) => `${event} ${data}`);
  const expected = messagesOf(trace.events).map((event) => `${typeOf(event)} ${event.data}`);
  if (had.length === expected.length) assertEquals(had, expected, "messages");
  else {
    inOrder(had, expected, "messages");
    // Only the end may be missing: the API replays active runs.
    const last = Number(messages.at(-1)?.id ?? 0);
    assert(
      gaps.some(({ after, from_ms, to_ms }) => after >= last && from_ms < to_ms),
      `${expected.length - had.length} messages are lost, and no gap is reported: ${
        JSON.stringify(gaps)
      }`,
    );
    const at = happenedMs.filter((_, index) => trace.events[index]?.kind === "message");
    for (const lost of missing(had, expected)) {
      const lostMs = at[lost]!;
      assert(
        gaps.some(({ from_ms, to_ms }) => from_ms - ON_THE_WAY_MS <= lostMs && lostMs <= to_ms),
        `a message of ${lostMs} is lost, and no gap covers that time: ${JSON.stringify(gaps)}`,
      );
    }
  }
  judgeStates(trace, seen);
  judgeStats(trace, seen);
  judgeErrors(seen, errors);
  judgeEnd(trace, seen);
}

/** A connection sends the current state. So states may be missing, but none comes twice or out of order. */
function judgeStates({ events }: Trace, seen: readonly SSEEvent[]): void {
  const states = seen.filter(({ event }) => kindOf(event) === "state").map(stateOf);
  inOrder(states, events.filter(({ kind }) => kind === "state").map(stateOf), "states");
}

/** Only the latest figures are replayed, before the messages that they follow in the trace. */
function judgeStats({ events }: Trace, seen: readonly SSEEvent[]): void {
  const stats = seen.filter(({ event }) => kindOf(event) === "stats").map(({ data }) => data);
  inOrder(stats, events.filter(({ kind }) => kind === "stats").map(({ data }) => data), "stats");
  for (const [at, { event, data }] of seen.entries()) {
    if (kindOf(event) !== "stats") continue;
    const before = messagesOf(events.slice(0, events.findIndex((one) => one.data === data))).length;
    const had = seen.slice(0, at).filter(({ event }) => isMessage(event)).length;
    assert(had >= before, `figures came after ${had} messages, and told of ${before}`);
  }
}

function judgeErrors(seen: readonly SSEEvent[], sent: readonly string[]): void {
  const errors = seen.filter(({ event }) => event === "error").map(({ data }) => data);
  assertStrictEquals(new Set(errors).size, errors.length, "an error event twice");
  for (const error of errors) assert(sent.includes(error), `never sent: ${error}`);
}

function judgeEnd({ events, result }: Trace, seen: readonly SSEEvent[]): void {
  const last = events.at(-1), end = seen.at(-1);
  assert(last !== undefined && end !== undefined);
  assertStrictEquals(stateOf(end), stateOf(last), "the end");
  const output = asRecord(payloadOf(last)?.output) ?? result;
  assertEquals(payloadOf(end)?.output ?? null, output, "the result");
}

/** Returns the indices of the members of `all` that `some` lacks. Both have the same order. */
function missing(some: readonly string[], all: readonly string[]): number[] {
  let had = 0;
  return all.flatMap((one, at) => {
    if (one !== some[had]) return [at];
    had++;
    return [];
  });
}

/** Asserts that `some` is a subsequence of `all`. */
function inOrder(some: readonly string[], all: readonly string[], what: string): void {
  let from = 0;
  for (const one of some) {
    const at = all.indexOf(one, from);
    assert(at >= 0, `${what}: ${one} is repeated, out of order or unknown`);
    from = at + 1;
  }
}

function stateOf(event: { readonly data: string }): string {
  const run = asRecord(payloadOf(event)?.run);
  return JSON.stringify([run?.status, run?.warnings ?? null]);
}

function typeOf({ type, data }: UpstreamEvent): string {
  return type ?? String(payloadOf({ data })?.type);
}
