/** Shared by the tests of the log: a run in a store, a writer, viewers that read to the end. */
import type { Timers } from "../../lib/base/timers.ts";
import { Committer } from "../../lib/store/committer.ts";
import type { LogEvent } from "../../lib/runs/model/event.ts";
import { type Head, headKey } from "../../lib/runs/log/head.ts";
import { joinHistory } from "../../lib/runs/history/mod.ts";
import type { RunSummary } from "../../lib/runs/model/model.ts";
import type { Wakeups } from "../../lib/store/wakeups.ts";
import { Relay } from "../../lib/runs/stream/relay.ts";
import { LogWriter } from "../../lib/runs/log/writer.ts";
import type { WriterContext } from "../../lib/runs/log/lease.ts";
import { parseSSE, type SSEEvent } from "../../lib/sse/mod.ts";
import { instantKv } from "../campaign/memory_kv.ts";
import { StreamSlots } from "../../lib/limits/stream_slots.ts";

export const RUN = "trun_test";
export const ACCOUNT = "account";

/** One process's view of a store: its own committer, relay and name. */
export class Process {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly relay: Relay;
  readonly context: WriterContext;
  readonly clock = { now: 1_000_000 };

  constructor(
    kv: Deno.Kv,
    owner: string,
    options: {
      heartbeatMs?: number;
      pollMs?: number;
      streamLimit?: number;
      timers?: Timers;
      now?: () => number;
      onOrphan?: (runId: string) => void;
      wakeups?: Wakeups;
    } = {},
  ) {
    this.kv = kv;
    const { wakeups } = options;
    this.committer = new Committer(kv, { onWritten: (writes) => wakeups?.written(writes) });
    this.relay = new Relay({
      kv,
      heartbeatMs: options.heartbeatMs ?? 60_000,
      pollMs: options.pollMs ?? 5,
      slots: new StreamSlots(options.streamLimit ?? 20),
      now: options.now ?? (() => performance.now()),
      timers: options.timers,
      onOrphan: options.onOrphan,
      wakeups,
    });
    this.context = {
      kv,
      committer: this.committer,
      now: () => this.clock.now,
      owner,
      leaseMs: 10_000,
      onCommitting: (runId, events) => this.relay.prepare(runId, events),
      onDurable: (runId, events, ended) => this.relay.publish(runId, events, ended),
      onMembers: (runId, members) => this.relay.keepMembers(runId, members),
    };
  }

  async acquire(recorded: (event: LogEvent) => void = () => {}): Promise<LogWriter | null> {
    const writer = await LogWriter.acquire(this.context, RUN, recorded);
    if (writer !== null) this.relay.recording(RUN, true);
    return writer;
  }
}

/** The head of a run without recorded events. */
export function newHead(members: readonly string[]): Head {
  return {
    last_id: 0,
    status: "queued",
    ended: false,
    fence: 0,
    lease_owner: "",
    lease_until: 0,
    output: null,
    members,
    created_ms: 1000,
    ended_ms: null,
  };
}

/** The line of such a run in a history. */
export function newSummary(): RunSummary {
  return {
    run_id: RUN,
    title: "Test",
    status: "queued",
    processor: "lite",
    price_usd: 0.005,
    output_type: "auto",
    progress: null,
    sources_considered: null,
    sources_read: null,
    created_ms: 1000,
    ended_ms: null,
    simulated: true,
  };
}

/** Puts a new, active run into the store. */
export async function seedRun(kv: Deno.Kv): Promise<void> {
  const head = newHead([ACCOUNT]);
  const summary = newSummary();
  await new Committer(kv).commit({
    mutations: [
      { type: "set", key: headKey(RUN), value: head },
      { type: "set", key: ["active", RUN], value: { account: ACCOUNT, sealed_key: "" } },
      ...joinHistory(ACCOUNT, summary, { nowMs: 0 }).mutations,
    ],
  });
}

/** A progress message's payload. */
export function plan(message: string): string {
  return JSON.stringify({ type: "task_run.progress_msg.plan", message, timestamp: null });
}

/** The terminal state of a completed run, with its result. */
export function completed(output: unknown): string {
  const run = { run_id: RUN, status: "completed", is_active: false };
  return JSON.stringify({ type: "task_run.state", run, output, after: "kept" });
}

/** Everything a viewer gets until its stream ends. */
export async function readAll(process: Process, after = 0): Promise<SSEEvent[]> {
  const answer = await process.relay.open(RUN, after);
  if (answer.status !== "open") throw new Error(`The stream is ${answer.status}`);
  return await Array.fromAsync(parseSSE(answer.body));
}

/** A database with some of its methods replaced. */
export function wrap(kv: Deno.Kv, methods: Partial<Deno.Kv>): Deno.Kv {
  return new Proxy(kv, {
    get(target, name) {
      const own = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Runs a test on a database in memory, which answers when it does. */
export async function withMemory(test: (process: Process) => Promise<void>): Promise<void> {
  await withProcess(await Deno.openKv(":memory:"), test);
}

/** Runs a test on a store that answers within the turn, so that a fake clock need not wait for it. */
export async function withInstant(test: (process: Process) => Promise<void>): Promise<void> {
  await withProcess(instantKv(), test);
}

async function withProcess(
  kv: Deno.Kv,
  test: (process: Process) => Promise<void>,
): Promise<void> {
  const process = new Process(kv, "one");
  try {
    await seedRun(kv);
    await test(process);
  } finally {
    process.relay.drain();
    kv.close();
  }
}

/** Runs a test with two processes on one database file. */
export async function withTwo(test: (one: Process, two: Process) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const [first, second] = [await Deno.openKv(`${folder}/kv`), await Deno.openKv(`${folder}/kv`)];
  const [one, two] = [new Process(first, "one"), new Process(second, "two")];
  try {
    await seedRun(first);
    await test(one, two);
  } finally {
    one.relay.drain();
    two.relay.drain();
    first.close();
    second.close();
    await Deno.remove(folder, { recursive: true });
  }
}
