/**
 * Real processes, sockets and database: SIGKILL ends one of two servers on one file, then the other, at moments
 * that a seed decides, while the upstream keeps closing its streams.
 */
import { connectSSE, type SSEEvent } from "../../lib/sse/mod.ts";
import { Server } from "../process/server.ts";
import { RUN } from "../runs/log_tools.ts";
import { Chaos } from "./chaos.ts";
import { isMessage, judge } from "./judge.ts";
import { badNetwork, GOOD } from "./network.ts";
import { Random } from "./random.ts";
import { makeTrace } from "./trace.ts";
import { MisbehavingUpstream } from "./upstream.ts";

const KEY = "pk-campaign-0123456789";
const VIEWERS = 3;

/** The outcome of a seed. */
export interface KillReport {
  readonly kills: number;
  readonly faults: number;
  readonly events: number;
}

/** Kills servers this many times. Throws if a viewer got anything but the trace. */
export async function playKills(seed: number, kills: number): Promise<KillReport> {
  const random = new Random(seed);
  const chaos = new Chaos(random.fork(), 12);
  const networks = random.fork();
  // Each kill happens in its own part of the trace.
  const part = 8;
  const trace = makeTrace(random.fork(), { messages: part * (kills + 1), hugeBytes: 1 << 20 });
  const seen: SSEEvent[][] = Array.from({ length: VIEWERS }, () => []);
  // Events that a viewer has seen are durable.
  const recorded = () =>
    Math.max(...seen.map((events) => events.filter(({ event }) => isMessage(event)).length));
  const upstream = new MisbehavingUpstream({
    trace,
    random: random.fork(),
    chaos,
    time: { now: Date.now, setTimeout },
    // A stall takes two minutes of real time. The simulated worlds cover it.
    network: (size) =>
      chaos.strikes("upstream's network", 0.6)
        ? { ...badNetwork(networks, size), how: networks.pick(["end", "reset"]), delayMs: 0 }
        : GOOD,
    gapsMs: [0, 1, 5, 50],
    // The run continues until the last kill.
    recorded: () => struck < kills ? 0 : recorded(),
  });
  let struck = 0;
  await using api = serveUpstream(upstream);
  const env = { PARALLEL_API_URL: api.url, LOG_LEVEL: "error" };
  await using one = await Server.start(env);
  await using two = await one.twin();
  const servers = [one, two];
  await create(one.url);
  const watching = Promise.all(seen.map((events, n) => watch(events, () => servers[n % 2]!.url)));
  watching.catch(() => {});
  for (; struck < kills; struck++) {
    const moment = random.between(struck * part + 2, (struck + 1) * part);
    await Promise.race([until(() => recorded() >= Math.min(moment, countOf(trace))), watching]);
    const server = servers[struck % 2]!;
    await server.stop("SIGKILL");
    await server.start();
  }
  await watching;
  for (const events of seen) judge({ trace, seen: events, errors: upstream.errors });
  const faults = [...chaos.counts.values()].reduce((sum, count) => sum + count, 0);
  return { kills, faults, events: seen[0]?.length ?? 0 };
}

function countOf(trace: { readonly events: readonly { readonly kind: string }[] }): number {
  return trace.events.filter(({ kind }) => kind === "message").length;
}

/** The upstream on a port of this machine. */
function serveUpstream(upstream: MisbehavingUpstream): AsyncDisposable & { url: string } {
  const never = new AbortController().signal;
  const answer = upstream.fetchFor(never);
  const quiet = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const server = Deno.serve(quiet, (request) => {
    if (request.method === "POST") {
      const run = { ...Object(upstream.run), created_at: null, modified_at: null };
      return Response.json(run, { status: 202 });
    }
    return answer(request).catch(() => new Response(null, { status: 503 }));
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function create(url: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/tasks/runs`, {
    method: "POST",
    headers: { "x-api-key": KEY, "content-type": "application/json" },
    body: JSON.stringify({ input: "A question", processor: "pro" }),
  });
  await response.body?.cancel();
  if (response.status !== 202) throw new Error(`The create answered ${response.status}`);
}

/** Watches to the end. Resumes by ID after any failure. */
async function watch(seen: SSEEvent[], url: () => string): Promise<void> {
  const events = connectSSE("", {
    repeat: true,
    fetch: (_, init) => fetch(`${url()}/api/v1/tasks/runs/${RUN}/events`, init),
    headers: { "x-api-key": KEY },
    isRetryable: () => true,
    reconnect: { initialMs: 100, maxMs: 500, maxAttempts: Infinity },
    maxLineBytes: 64 << 20,
    maxEventBytes: 64 << 20,
  });
  for await (const event of events) seen.push(event);
}

/** Polls until the condition holds: there is no event for it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 3));
}
