/** Builds a commit from waiting events: as many as fit, encoded, with the result that they end with. */
import type { Committer } from "../../store/mod.ts";
import { cutResult, type LogEvent } from "../model/mod.ts";
import {
  batchEntry,
  batchLength,
  type EncodedEvent,
  encodeEvent,
  encodeOutput,
  type OutputRef,
} from "./trace.ts";

/** An event that waits for its commit. */
export interface Waiting {
  readonly event: LogEvent;
  /** Set on the event that ends the log: the result to store with it, or `null`. */
  readonly end?: { readonly output: string | null };
}

/** The run that the events belong to, and the writer's fence. */
export interface BatchTarget {
  readonly committer: Committer;
  readonly runId: string;
  readonly fence: number;
}

/** Events and the writes that make them durable. */
export interface Batch {
  readonly waiting: readonly Waiting[];
  readonly mutations: Deno.KvMutation[];
  /** The result stored with them, or `null` if there is none. */
  readonly output: OutputRef | null;
}

/** The size of events per commit (bytes): well below KV's limit, which output and summaries share. */
const COMMIT_BYTES = 300_000;

/**
 * Takes the events that fit one commit from the front of the queue. Stores large payloads and the result
 * at once.
 */
export async function takeBatch(
  queue: Waiting[],
  { committer, runId, fence }: BatchTarget,
): Promise<Batch> {
  const waiting: Waiting[] = [];
  const encoded: EncodedEvent[] = [];
  const outputs: Deno.KvMutation[] = [];
  let output: OutputRef | null = null;
  for (let bytes = 0; bytes < COMMIT_BYTES;) {
    const next = queue.shift();
    if (next === undefined) break;
    const { event, end } = next;
    const cut = end === undefined ? null : cutResult(event.data, end.output);
    if (cut !== null) {
      const { ref, mutations } = await encodeOutput(runId, fence, cut.result);
      output = ref;
      // Most results have one part, which needs no commit of its own.
      if (mutations.length === 1) outputs.push(...mutations);
      else await Promise.all(mutations.map((each) => committer.commit({ mutations: [each] })));
    }
    const encoding = cut === null
      ? encodeEvent(committer, runId, fence, event)
      : encodeEvent(committer, runId, fence, { ...event, data: cut.data }, cut.at);
    const ready = encoding instanceof Promise ? await encoding : encoding;
    bytes += ready.json.byteLength;
    waiting.push(next);
    encoded.push(ready);
  }
  return { waiting, output, mutations: [...outputs, ...writesOf(runId, encoded)] };
}

function writesOf(runId: string, encoded: readonly EncodedEvent[]): Deno.KvMutation[] {
  const mutations: Deno.KvMutation[] = [];
  for (let rest = encoded; rest.length > 0;) {
    const [first, ...others] = rest.slice(0, batchLength(rest));
    if (first === undefined) break;
    const { key, value } = batchEntry(runId, [first, ...others]);
    mutations.push({ type: "set", key, value });
    rest = rest.slice(1 + others.length);
  }
  return mutations;
}

/** The limit on unwritten events while the store is unavailable: 32 MiB at two bytes per character. */
const MAX_HELD_CHARS = 16 * 1024 * 1024;

/** Counts the unwritten text of one writer and of all writers of this process. */
export class HeldText {
  readonly #all: { chars: number };
  #chars = 0;

  constructor(all: { chars: number } = { chars: 0 }) {
    this.#all = all;
  }

  /** Whether this process has reached its limit. */
  get isFull(): boolean {
    return this.#all.chars > MAX_HELD_CHARS;
  }

  add(chars: number): void {
    this.#chars += chars;
    this.#all.chars += chars;
  }

  /** Call this when the text will not be written. */
  clear(): void {
    this.add(-this.#chars);
  }
}
