/** Somebody who watches a run to its end, on a bad network, and keeps resuming by id. */
import { connectSSE, type SSEEvent } from "../../lib/sse/mod.ts";
import type { Chaos } from "./chaos.ts";
import { type ChooseNetwork, through } from "./network.ts";
import type { Random } from "./random.ts";
import type { SimulatedServer } from "./server.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** What a viewer needs of its world. */
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
    // A page that was stored a while ago resumes before what it has seen last.
    const again = chaos.strikes("resumes from an older id", 0.2)
      ? random.between(0, Math.min(5, seen.length))
      : 0;
    const lastEventId = String(seen.length - again);
    finished = true;
    const events = connectSSE("http://taskstream.invalid/events", {
      fetch: (_, { headers, signal }) => fetchEvents(options, headers, signal ?? null),
      lastEventId: lastEventId === "0" ? "" : lastEventId,
      timers: time,
      network: {},
      // A browser's page tries again whatever an overloaded server says.
      isRetryable: () => true,
      reconnect: { initialMs: 500, maxMs: 10_000, maxAttempts: Infinity, random: random.next },
      idleTimeoutMs: 45_000,
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

/** An id means the same for ever: what comes again must be what it was. */
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

async function fetchEvents(
  { random, chaos, time, network, servers }: ViewerOptions,
  headers: Headers,
  signal: AbortSignal | null,
): Promise<Response> {
  await pass(time, random.between(0, 50));
  const alive = servers();
  if (alive.length === 0 || chaos.strikes("viewer cannot connect", 0.05)) {
    throw new TypeError("connection refused");
  }
  if (chaos.strikes("viewer is refused", 0.05)) {
    return new Response("busy", { status: random.pick([429, 500, 502]) });
  }
  const server = random.pick(alive);
  const response = await Promise.race([server.answer(headers), broken(server.signal)]);
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
