/** Watches a run to its end on a bad network, resuming by ID. */
import { idleAfterMs } from "../../lib/runs/stream/frames.ts";
import type { RunSummary } from "../../lib/runs/model/model.ts";
import { isActiveStatus } from "../../lib/runs/model/event.ts";
import { connectSSE, type SSEEvent } from "../../lib/sse/mod.ts";
import type { Chaos } from "./chaos.ts";
import { type ChooseNetwork, through } from "./network.ts";
import type { Random } from "./random.ts";
import { HEARTBEAT_MS, type SimulatedServer } from "./server.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** The dependencies of a viewer. */
export interface ViewerOptions {
  readonly random: Random;
  readonly chaos: Chaos;
  readonly time: VirtualTime;
  readonly network: ChooseNetwork;
  /** The processes that answer now. */
  readonly servers: () => readonly SimulatedServer[];
}

/** Watches from the first event, or joins later, until the server says that nothing is left (204). */
export async function watch(options: ViewerOptions): Promise<readonly SSEEvent[]> {
  const { random, chaos, time } = options;
  const seen: SSEEvent[] = [];
  if (random.chance(0.4)) await pass(time, random.between(0, 100_000));
  for (let finished = false; !finished;) {
    // A page from the cache resumes from an earlier ID.
    const again = chaos.strikes("resumes from an older id", 0.2)
      ? random.between(0, Math.min(5, seen.length))
      : 0;
    const lastEventId = String(seen.length - again);
    finished = true;
    const events = connectSSE("http://taskstream.invalid/events", {
      fetch: (_, { headers, signal }) =>
        fetchFrom(options, (server) => server.answer(headers), signal ?? null),
      lastEventId: lastEventId === "0" ? "" : lastEventId,
      // The end of a stream is not the end of the log. A 204 is.
      repeat: true,
      timers: time,
      network: {},
      // A browser's page retries after any response of an overloaded server.
      isRetryable: () => true,
      reconnect: { initialMs: 500, maxMs: 10_000, maxAttempts: Infinity, random: random.next },
      idleTimeoutMs: idleAfterMs(HEARTBEAT_MS),
      connectTimeoutMs: 10_000,
      maxLineBytes: 64 << 20,
      maxEventBytes: 64 << 20,
    });
    for await (const event of events) {
      take(seen, event);
      if (!chaos.strikes("viewer goes away", 0.02)) continue;
      finished = false;
      break;
    }
    if (!finished) await pass(time, random.pick([0, 10, 60_000]));
  }
  return seen;
}

/** An ID always means the same event: a repeated event must be equal. */
function take(seen: SSEEvent[], event: SSEEvent): void {
  const id = Number(event.id);
  const before = seen[id - 1];
  if (before === undefined) {
    if (id !== seen.length + 1) throw new Error(`Event ${event.id} came after ${seen.length}`);
    seen.push(event);
  } else if (before.data !== event.data || before.event !== event.event) {
    throw new Error(`Event ${event.id} was ${before.data}, and is ${event.data}`);
  }
}

/** Follows the account's list until it says that the run is over, and keeps resuming or reading it again. */
export async function watchList(options: ViewerOptions): Promise<RunSummary> {
  const { random, chaos, time } = options;
  let shown: RunSummary | undefined;
  let lastId: string | null = null;
  while (shown === undefined || isActiveStatus(shown.status)) {
    if (lastId === null) {
      const page = await readList(options);
      lastId = page.lastId;
      shown = page.runs[0];
      continue;
    }
    const events = connectSSE("http://taskstream.invalid/tasks/events", {
      fetch: (_, { headers, signal }) =>
        fetchFrom(options, (server) => server.answerList(headers), signal ?? null),
      lastEventId: lastId,
      // The end of a stream is not the end of the log. A 204 is.
      repeat: true,
      timers: time,
      network: {},
      isRetryable: () => true,
      reconnect: { initialMs: 500, maxMs: 10_000, maxAttempts: Infinity, random: random.next },
      idleTimeoutMs: idleAfterMs(HEARTBEAT_MS),
      connectTimeoutMs: 10_000,
    });
    for await (const { id, event, data } of events) {
      lastId = event === "reset" ? null : id ?? lastId;
      if (event !== "created" && event !== "changed") break;
      const told: RunSummary = JSON.parse(data);
      if (shown !== undefined && (told.progress ?? 0) < (shown.progress ?? 0)) {
        throw new Error(`A list went back from ${shown.progress} to ${told.progress}`);
      }
      shown = told;
      if (!isActiveStatus(told.status) || chaos.strikes("list goes away", 0.05)) break;
    }
  }
  return shown;
}

/** Loads the list. Retries until a process responds. */
async function readList(options: ViewerOptions): ReturnType<SimulatedServer["list"]> {
  for (;;) {
    try {
      const server = await reach(options);
      return await Promise.race([server.list(), broken(server.signal)]);
    } catch {
      await pass(options.time, 1_000);
    }
  }
}

async function reach({ random, chaos, time, servers }: ViewerOptions): Promise<SimulatedServer> {
  await pass(time, random.between(0, 50));
  const alive = servers();
  if (alive.length === 0 || chaos.strikes("viewer cannot connect", 0.05)) {
    throw new TypeError("connection refused");
  }
  return random.pick(alive);
}

async function fetchFrom(
  options: ViewerOptions,
  ask: (server: SimulatedServer) => Promise<Response>,
  signal: AbortSignal | null,
): Promise<Response> {
  const { random, chaos, time, network } = options;
  const server = await reach(options);
  if (chaos.strikes("viewer is refused", 0.05)) {
    return new Response("busy", { status: random.pick([429, 500, 502]) });
  }
  const response = await Promise.race([ask(server), broken(server.signal)]);
  if (response.body === null || response.status !== 200) return response;
  const plan = network(6_000);
  const ends = signal === null ? server.signal : AbortSignal.any([server.signal, signal]);
  const body = through(response.body, { plan, random, time, signal: ends });
  return new Response(body, { status: 200, headers: response.headers });
}

function broken(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function pass(time: VirtualTime, ms: number): Promise<void> {
  return new Promise((resolve) => void time.setTimeout(resolve, ms));
}
