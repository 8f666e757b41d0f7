/** The events that an upstream sends for one run, from a seed. */
import { RUN } from "../runs/log_tools.ts";
import type { Random } from "./random.ts";

/** An event of the upstream. */
export interface UpstreamEvent {
  readonly kind: "message" | "state" | "stats";
  /** The `event:` line; `null`: there is none, and the payload says it. */
  readonly type: string | null;
  readonly data: string;
}

/** A run as its upstream sees it. */
export interface Trace {
  /** In order; the first is the first state, the last the one that ends the run. */
  readonly events: readonly UpstreamEvent[];
  /** The result, if the last state does not contain it. */
  readonly result: unknown;
}

/** How a trace may differ from a plain one. */
export interface TraceOptions {
  readonly messages: number;
  /** One message has a payload of this size (bytes, about). */
  readonly hugeBytes?: number;
  /** Of the result (bytes, about). */
  readonly resultBytes?: number;
}

const TYPES = ["plan", "search", "extract", "result", "tool_call", "exec_status", "reasoning"];
const WORDS = [
  "data",
  "centre",
  "naïve",
  "☃",
  "数据",
  "🦕",
  "e\u0301",
  "\u2028",
  "a: b",
  "\\n",
  '"',
];

/** Makes a trace. */
export function makeTrace(random: Random, options: TraceOptions): Trace {
  const events: UpstreamEvent[] = [state("queued"), state("running")];
  const huge = options.hugeBytes === undefined ? -1 : random.between(1, options.messages);
  let clock = Date.UTC(2026, 0, 1);
  const messages: UpstreamEvent[] = [];
  for (let n = 1; n <= options.messages; n++) {
    // Several messages have the same timestamp, and some are identical.
    if (random.chance(0.6)) clock += random.between(1, 5000);
    const again = messages.length > 0 && random.chance(0.15)
      ? random.chance(0.7) ? messages.at(-1) : random.pick(messages)
      : undefined;
    const message = again ?? makeMessage(random, n, clock, n === huge ? options.hugeBytes : 0);
    messages.push(message);
    events.push(message);
    if (random.chance(0.25)) events.push(stats(random, n));
    if (random.chance(0.05)) events.push(state("running", { warnings: [{ message: `w${n}` }] }));
  }
  const status = random.pick([
    "completed",
    "completed",
    "completed",
    "failed",
    "cancelled",
    "action_required",
  ]);
  const content = sentence(random).repeat(Math.ceil((options.resultBytes ?? 10) / 10));
  const output = { type: "text", content, basis: [] };
  if (status !== "completed") return { events: [...events, state(status)], result: null };
  const carried = random.chance(0.5);
  return {
    events: [...events, state(status, carried ? { output } : {})],
    result: carried ? null : output,
  };
}

function makeMessage(random: Random, n: number, clock: number, bytes = 0): UpstreamEvent {
  const type = `task_run.progress_msg.${random.pick(TYPES)}`;
  const message = `${n} ${sentence(random)}${"ü".repeat(bytes / 2)}`;
  const timestamp = random.chance(0.1) ? null : new Date(clock).toISOString();
  const payload = JSON.stringify({ type, message, timestamp });
  return {
    kind: "message",
    ...random.pick<() => Omit<UpstreamEvent, "kind">>([
      () => ({ type, data: payload }),
      () => ({ type, data: payload }),
      () => ({ type, data: payload }),
      () => ({ type, data: payload.replace(/}$/, `,"extra": [1.0,  {"a":null}] }`) }),
      () => ({ type: null, data: payload }),
      () => ({ type: "task_run.tomorrow", data: `[${n},2]` }),
      () => ({ type, data: `{not json ${n}` }),
      () => ({ type, data: `{"of":\n"two lines",\n"n":${n}}` }),
    ])(),
  };
}

function stats(random: Random, n: number): UpstreamEvent {
  const source_stats = {
    num_sources_considered: n * 3,
    num_sources_read: n,
    sources_read_sample: [`http://${random.between(1, 99)}.example/`],
  };
  const type = "task_run.progress_stats";
  const data = JSON.stringify({ type, source_stats, progress_meter: Math.min(99, n) });
  return { kind: "stats", type, data };
}

/** A state without the member that changes on every connection. */
function state(status: string, more: Record<string, unknown> = {}): UpstreamEvent {
  const { output = null, ...run } = more;
  const type = "task_run.state";
  const data = JSON.stringify({
    type,
    event_id: null,
    input: null,
    run: {
      run_id: RUN,
      interaction_id: RUN,
      status,
      is_active: status === "queued" || status === "running",
      warnings: null,
      error: null,
      processor: "pro",
      ...run,
    },
    output,
  });
  return { kind: "state", type, data };
}

function sentence(random: Random): string {
  return Array.from({ length: random.between(1, 6) }, () => random.pick(WORDS)).join(" ");
}
