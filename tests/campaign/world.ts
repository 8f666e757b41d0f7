/**
 * A simulated world in one process and virtual time: an upstream, one or two Taskstream processes on one
 * store, viewers, and faults between all of them.
 */
import { activeKey } from "../../lib/runs/log/active.ts";
import { headKey } from "../../lib/runs/log/head.ts";
import { joinHistory } from "../../lib/runs/history/mod.ts";
import { ACCOUNT, newHead, newSummary, RUN } from "../runs/log_tools.ts";
import type { Chaos } from "./chaos.ts";
import { DigestWatch } from "./digests.ts";
import { FarNetwork } from "./far_kv.ts";
import { durableMessages, headOf, judge, judgeLists } from "./judge.ts";
import { MemoryStore } from "./memory_kv.ts";
import type { ChooseNetwork } from "./network.ts";
import type { Random } from "./random.ts";
import { SimulatedServer } from "./server.ts";
import type { Trace } from "./trace.ts";
import { MisbehavingUpstream } from "./upstream.ts";
import { watch, watchList } from "./viewer.ts";
import { START_MS, VirtualTime } from "./virtual_time.ts";

/** The parts of a world. */
export interface WorldOptions {
  readonly random: Random;
  readonly chaos: Chaos;
  readonly trace: Trace;
  /** The store is distant, and the network to it has faults. */
  readonly far: boolean;
  /** Names of the processes. */
  readonly servers: readonly string[];
  readonly viewers: number;
  /** Pages that show the account's list. */
  readonly lists: number;
  /** The run ends whether or not it was recorded by then. */
  readonly impatient: boolean;
  readonly upstreamNetwork: ChooseNetwork;
  readonly viewerNetwork: ChooseNetwork;
}

/** The outcome of a world. */
export interface Outcome {
  /** Length of the trace that every viewer got. */
  readonly events: number;
  /** Connections to the upstream. */
  readonly connections: number;
  /** How long it took in its own time (ms). */
  readonly tookMs: number;
}

/** More than any world needs: a longer one does not recover. */
const MAX_STEPS = 3_000_000;

/** Runs a world until every viewer has finished. Throws if one got anything but the trace. */
export async function live(options: WorldOptions): Promise<Outcome> {
  const { random, chaos, trace } = options;
  using digests = new DigestWatch();
  const time = new VirtualTime(() => digests.done());
  const store = new MemoryStore();
  seedRun(store);
  const upstream = new MisbehavingUpstream({
    trace,
    random: random.fork(),
    chaos,
    time,
    network: options.upstreamNetwork,
    gapsMs: [0, 1, 5, 300, 300, 5_000, 130_000],
    recorded: () => durableMessages(store),
    impatient: options.impatient,
    onOver: () => notify(),
  });
  const dead = new Set<string>();
  const far = options.far ? new FarNetwork(time, chaos, random.fork()) : null;
  const start = (name: string) =>
    new SimulatedServer({ name, store, time, random: random.fork(), chaos, upstream, far, dead });
  const servers = new Map(options.servers.map((name) => [name, start(name)]));
  const alive = () => [...servers.values()].filter((server) => server.alive);
  const notified = random.fork();
  // It may arrive before the stream's own end, long after it, twice or never.
  const notify = () => {
    for (let times = notified.pick([0, 1, 2]); times > 0; times--) {
      const tell = () => alive().forEach((server) => notified.chance(0.5) && server.notify());
      time.setTimeout(tell, notified.pick([0, 1, 50, 6_000]));
    }
  };
  const deaths = dying(random.fork(), chaos, time, servers, start);
  const network = options.viewerNetwork;
  const viewing = () => ({ random: random.fork(), chaos, time, network, servers: alive });
  const viewers = Array.from({ length: options.viewers }, () => watch(viewing()));
  const lists = Array.from({ length: options.lists }, () => watchList(viewing()));
  const startedMs = time.now();
  const [seen, shown] = await time.until(
    Promise.all([Promise.all(viewers), Promise.all(lists)]),
    MAX_STEPS,
  );
  deaths.abort();
  const { gaps = [] } = headOf(store);
  const { errors, happenedMs } = upstream;
  for (const events of seen) judge({ trace, seen: events, errors, gaps, happenedMs });
  judgeLists(trace, shown);
  for (const events of seen.slice(1)) {
    if (JSON.stringify(events) !== JSON.stringify(seen[0])) throw new Error("Two viewers differ");
  }
  // A paused process, or one without a store, keeps its connection after another one has taken over.
  if (upstream.mostAtOnce > 1 && far === null && !chaos.counts.has("suspended")) {
    throw new Error(`${upstream.mostAtOnce} streams of the upstream at once`);
  }
  const tookMs = time.now() - startedMs;
  await leavesNothing(time, alive, store, upstream);
  return { events: seen[0]?.length ?? 0, connections: upstream.opened, tookMs };
}

/** Kills, stops and starts processes again. */
function dying(
  random: Random,
  chaos: Chaos,
  time: VirtualTime,
  servers: Map<string, SimulatedServer>,
  start: (name: string) => SimulatedServer,
): AbortController {
  const over = new AbortController();
  const leaving = new Set<SimulatedServer>();
  const strike = () => {
    if (over.signal.aborted || chaos.over) return;
    for (const [name, server] of servers) {
      // May be longer than a lease.
      const stillMs = random.pick([1_000, 12_000, 40_000]);
      if (!leaving.has(server) && chaos.strikes("suspended", 0.02)) server.suspend(time, stillMs);
      const kills = random.chance(0.7);
      if (leaving.has(server) || !chaos.strikes(kills ? "killed" : "stopped", 0.03)) continue;
      leaving.add(server);
      // Processes on the same host find its lock free after a while.
      for (const other of servers.values()) {
        if (other !== server && other.alive) {
          other.later(() => other.pickUp(), random.between(0, 1_000));
        }
      }
      if (kills) server.kill();
      else void server.stop();
      // A process that does not stop is killed, like a container.
      time.setTimeout(() => server.kill(), 5_000);
      const again = () => void servers.set(name, start(name));
      time.setTimeout(again, 5_001 + random.pick([0, 1_000, 15_000]));
    }
    time.setTimeout(strike, random.pick([3, 50, 700, 6_000, 20_000]));
  };
  strike();
  return over;
}

/** After the last viewer nothing may be left running: no viewer, no upstream stream, no active run. */
async function leavesNothing(
  time: VirtualTime,
  alive: () => readonly SimulatedServer[],
  store: MemoryStore,
  upstream: MisbehavingUpstream,
): Promise<void> {
  // Longer than any stall, lease, backoff or window.
  await time.pass(700_000);
  const servers = alive();
  const left = servers.reduce((sum, { viewers }) => sum + viewers, 0);
  if (left > 0) throw new Error(`${left} viewers are still there`);
  if (upstream.open > 0) throw new Error(`${upstream.open} streams of the upstream are open`);
  if (store.get(activeKey(RUN)) !== undefined) throw new Error("The run is still active");
  await Promise.all(servers.map((server) => server.stop()));
  // Writes in flight.
  await time.pass(10);
  if (time.pending > 0) throw new Error(`${time.pending} timers are left`);
}

/** The run as its create left it, in its account's history. */
function seedRun(store: MemoryStore): void {
  const summary = newSummary();
  store.commit([], [
    { type: "set", key: headKey(RUN), value: { ...newHead([ACCOUNT]), recorded_ms: START_MS } },
    { type: "set", key: activeKey(RUN), value: { account: ACCOUNT, sealed_key: "" } },
    ...joinHistory(ACCOUNT, summary, { nowMs: START_MS }).mutations,
  ]);
}
