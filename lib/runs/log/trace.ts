/**
 * The trace in KV: batches of events under `["trace", run_id, first_id]`, each a JSON text in UTF-8.
 * An event too large for a batch has its payload in parts under `["part", run_id, id, fence, n]`; the
 * terminal event has the result cut out of it, which lies under `["output", run_id, attempt, n]`.
 * This module owns these keys.
 */
import {
  type Committer,
  encodeParts,
  type PartsRef,
  readText,
  writeParts,
} from "../../store/mod.ts";
import type { LogEvent } from "../model/mod.ts";

/** The size limit of a batch: below KV's 64 KiB per value, with room for its framing. */
const BATCH_BYTES = 60 * 1024;

/** The location of a run's result. */
export interface OutputRef extends PartsRef {
  /**
   * The fence of the recorder that wrote it. A recorder that lost its lease cannot damage another's
   * result.
   */
  readonly attempt: number;
}

/** An event as stored in a batch. */
interface StoredEvent {
  /** When it was received (Unix ms); `null` if the file that it was imported from does not say. */
  readonly at: number | null;
  readonly type: string;
  /** The payload: without the result if `splice` is set, empty if it is in `parts`. */
  readonly data: string;
  readonly parts?: PartsRef & { readonly fence: number };
  /** The index of the `null` that the result replaces. */
  readonly splice?: number;
}

/** An event that is ready to commit. */
export interface EncodedEvent {
  readonly id: number;
  /** The event as stored in a batch: JSON in UTF-8. */
  readonly json: Uint8Array;
}

/** The key prefixes of all recorded data of a run. */
export function tracePrefixes(runId: string): Deno.KvKey[] {
  return [["output", runId], ["part", runId], ["trace", runId], ["digest", runId]];
}

/** The punctuation that joins JSON texts into one JSON array, in UTF-8. */
const [OPEN, COMMA, CLOSE] = [0x5b, 0x2c, 0x5d];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Encodes an event for a batch. Returns a promise only for an oversize payload, whose parts are written
 * first. A live event reaches KV before other work gets a turn.
 */
export function encodeEvent(
  committer: Pick<Committer, "commit">,
  runId: string,
  fence: number,
  event: LogEvent,
  splice?: number,
): EncodedEvent | Promise<EncodedEvent> {
  const stored: StoredEvent = {
    at: event.received_ms,
    type: event.type,
    data: event.data,
    ...(splice === undefined ? {} : { splice }),
  };
  // Encode a payload of megabytes only once, for its parts.
  if (event.data.length <= BATCH_BYTES) {
    const json = encoder.encode(JSON.stringify(stored));
    if (json.byteLength <= BATCH_BYTES) return { id: event.id, json };
  }
  const payload = encoder.encode(event.data);
  return writeParts(committer, ["part", runId, event.id, fence], payload).then((ref) => {
    const small = { ...stored, data: "", parts: { ...ref, fence } };
    return { id: event.id, json: encoder.encode(JSON.stringify(small)) };
  });
}

/** The number of leading events that fit one batch (at least one). */
export function batchLength(events: readonly EncodedEvent[]): number {
  let bytes = 0, length = 0;
  for (const event of events) {
    bytes += event.json.byteLength + 1;
    if (length > 0 && bytes > BATCH_BYTES) break;
    length++;
  }
  return length;
}

/** The KV entry of a batch. */
export function batchEntry(
  runId: string,
  events: readonly [EncodedEvent, ...EncodedEvent[]],
): { readonly key: Deno.KvKey; readonly value: Uint8Array } {
  const length = events.reduce((sum, { json }) => sum + json.byteLength + 1, 1);
  const value = new Uint8Array(length);
  let end = 0;
  for (const { json } of events) {
    value[end] = end === 0 ? OPEN : COMMA;
    value.set(json, end + 1);
    end += 1 + json.byteLength;
  }
  value[end] = CLOSE;
  return { key: ["trace", runId, events[0].id], value };
}

/** Writes a result in parts. It takes effect once a head refers to it. */
export async function writeOutput(
  committer: Pick<Committer, "commit">,
  runId: string,
  attempt: number,
  json: string,
): Promise<OutputRef> {
  const ref = await writeParts(committer, outputPrefix(runId, attempt), encoder.encode(json));
  return { ...ref, attempt };
}

/** Returns the mutations of {@linkcode writeOutput}. */
export async function encodeOutput(
  runId: string,
  attempt: number,
  json: string,
): Promise<{ readonly ref: OutputRef; readonly mutations: readonly Deno.KvMutation[] }> {
  const { ref, mutations } = await encodeParts(
    outputPrefix(runId, attempt),
    encoder.encode(json),
  );
  return { ref: { ...ref, attempt }, mutations };
}

function outputPrefix(runId: string, attempt: number): Deno.KvKey {
  return ["output", runId, attempt];
}

/** Returns the JSON text of a run's result. Throws `DamagedPartsError`. */
export async function readOutput(kv: Deno.Kv, runId: string, ref: OutputRef): Promise<string> {
  return await readText(kv, outputPrefix(runId, ref.attempt), ref);
}

/** Options for reading a trace. */
export interface ReadTraceOptions {
  /** The first ID to read. */
  readonly from: number;
  /** The last ID to read: the head's last durable event. */
  readonly to: number;
  /** Splices the result back into the terminal event. `null` leaves it out. */
  readonly output: OutputRef | null;
  /** Called before a payload is read, with its size (bytes; characters if it is small). Can delay or reject. */
  readonly weigh?: (size: number) => Promise<void> | undefined;
}

/**
 * Yields the events `from` … `to` in order. Reads ahead in batches, so a slow reader holds little
 * memory.
 */
export async function* readTrace(
  kv: Deno.Kv,
  runId: string,
  options: ReadTraceOptions,
): AsyncGenerator<LogEvent> {
  const { from, to, output, weigh } = options;
  if (from > to) return;
  const selector = {
    start: ["trace", runId, await batchStart(kv, runId, from)],
    end: ["trace", runId, to + 1],
  };
  for await (const entry of kv.list<Uint8Array>(selector, { batchSize: 20 })) {
    const first = entry.key[2];
    if (typeof first !== "number") continue;
    const stored: readonly StoredEvent[] = JSON.parse(decoder.decode(entry.value));
    for (const [index, event] of stored.entries()) {
      const id = first + index;
      if (id < from) continue;
      if (id > to) return;
      // Most events need no wait. A promise for each would cost as much as reading them.
      const wait = weigh?.(event.parts?.bytes ?? event.data.length);
      if (wait !== undefined) await wait;
      const data = await dataOf(kv, runId, id, event, output);
      yield { id, received_ms: event.at, type: event.type, data };
    }
  }
}

async function dataOf(
  kv: Deno.Kv,
  runId: string,
  id: number,
  event: StoredEvent,
  output: OutputRef | null,
): Promise<string> {
  const { parts, splice } = event;
  const data = parts === undefined
    ? event.data
    : await readText(kv, ["part", runId, id, parts.fence], parts);
  if (splice === undefined || output === null) return data;
  const result = await readOutput(kv, runId, output);
  return data.slice(0, splice) + result + data.slice(splice + "null".length);
}

/** Returns the first ID of the batch that holds `id`. */
async function batchStart(kv: Deno.Kv, runId: string, id: number): Promise<number> {
  if (id === 1) return 1;
  const range = { start: ["trace", runId, 1], end: ["trace", runId, id + 1] };
  for await (const { key } of kv.list(range, { limit: 1, reverse: true })) {
    if (typeof key[2] === "number") return key[2];
  }
  return 1;
}
