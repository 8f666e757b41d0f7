/** The events and results that faults add to a run. */
import type { TaskRunOutput } from "../parallel/mod.ts";
import type { Random } from "./random.ts";
import type { Topic } from "./script/topic.ts";

/** An event added by a fault, at a fraction of the run's time. */
export interface ExtraEvent {
  /** 0 to 1. */
  readonly at: number;
  readonly event: string;
  /** Builds the payload for the event's time. */
  readonly data: (timestamp: string) => string;
}

const MESSAGE = "task_run.progress_msg.";

function message(at: number, subtype: string, text: string, more: object = {}): ExtraEvent {
  const event = MESSAGE + subtype;
  return {
    at,
    event,
    data: (timestamp) => JSON.stringify({ type: event, message: text, timestamp, ...more }),
  };
}

/** Malformed payloads, each of a different kind. */
export function malformed(): ExtraEvent[] {
  return [
    {
      at: 0.12,
      event: `${MESSAGE}plan`,
      data: () => `{"type":"${MESSAGE}plan","message":"cut off`,
    },
    { at: 0.2, event: "task_run.telemetry", data: () => '{"type":"task_run.telemetry","cpu":0.4}' },
    message(0.28, "hypothesis", "An undocumented event type"),
    message(0.36, "search", "Query: a message with undocumented members", {
      score: 0.7,
      nested: { list: [1, null, "two"] },
    }),
    { at: 0.44, event: `${MESSAGE}result`, data: () => "[1,2,3]" },
    { at: 0.5, event: `${MESSAGE}result`, data: () => "null" },
    {
      at: 0.55,
      event: "task_run.progress_stats",
      data: () => '{"type":"task_run.progress_stats"}',
    },
    { at: 0.58, event: "error", data: () => "not JSON at all" },
  ];
}

/** Messages with the same timestamp: many, some of them identical. */
export function burst(topic: Topic): ExtraEvent[] {
  const equal = message(0.5, "search", "Query: one of several equal messages");
  return Array.from(
    { length: 400 },
    (_, index) =>
      index % 40 < 3 ? equal : message(
        0.5,
        "search",
        `Query: ${topic.words[index % topic.words.length]} ${index}`,
      ),
  );
}

/** One message of 2 MiB. */
export function hugeMessage(topic: Topic): ExtraEvent {
  const bytes = 2 * 1024 * 1024;
  const sentence = `What is read about ${topic.words[0]} goes on and on. `;
  const text = sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes);
  return message(0.55, "result", text);
}

const RESULT_CHARS = 5_000_000;

/** The same output, enlarged to about 5 MB if no schema forbids it. */
export function inflate(output: TaskRunOutput, random: Random): TaskRunOutput {
  const row = () => `Line ${random.int(1, 1_000_000)} of a result that is simulated to be large. `;
  const filling = Array.from({ length: 1_000 }, row).join("\n");
  const times = Math.ceil(RESULT_CHARS / filling.length);
  if (output.type === "text") {
    return { ...output, content: `${output.content}\n\n${`${filling}\n`.repeat(times)}` };
  }
  const [first, ...others] = output.basis;
  if (first === undefined) return output;
  const citation = {
    url: "https://large-archive.example/everything",
    title: "Simulated: a very large page",
    excerpts: Array.from({ length: times }, () => filling),
  };
  return {
    ...output,
    basis: [{ ...first, citations: [...(first.citations ?? []), citation] }, ...others],
  };
}
