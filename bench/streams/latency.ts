/**
 * Latency from the upstream's write to the viewer's read: 10 active runs, 10 viewers each, events at
 * random moments. Ours commits every event before it shows it; the peer passes bytes on, with one
 * upstream connection a viewer. Writer and readers are one process, so there is one clock.
 */
import { join } from "node:path";
import type { BenchResult } from "../types.ts";
import { Measured, startApp } from "./measured.ts";
import { createRun, KEY } from "./runs.ts";
import { median, percentile, spreadOf } from "../statistics.ts";
import { BenchUpstream } from "./upstream.ts";
import { RawViewers } from "./viewers.ts";

const RUNS = 10, VIEWERS = 100, ROUNDS = 2, ROUND_MS = 3_000;
/** Fresh processes of each side: where one happens to lie in memory and on the cores shifts all its times. */
const PROCESSES = 3;
/** Events a second of each run. */
const RATE = 20;
const IDLE_MS = 5_000;

const decoder = new TextDecoder();

/** A server with 100 viewers on 10 runs. */
class Side implements AsyncDisposable {
  readonly #server: Measured;
  readonly #upstream: BenchUpstream;
  readonly #runIds: readonly string[];
  readonly #viewers: RawViewers;
  readonly #rests: string[] = Array.from({ length: VIEWERS }, () => "");
  #delays: number[] = [];
  #delivered = 0;
  #sent = 0;
  connections = 0;

  private constructor(server: Measured, upstream: BenchUpstream, runIds: readonly string[]) {
    this.#server = server;
    this.#upstream = upstream;
    this.#runIds = runIds;
    this.#viewers = new RawViewers((viewer, bytes) => this.#onBytes(viewer, bytes));
  }

  static async open(
    server: Measured,
    upstream: BenchUpstream,
    runIds: readonly string[],
    urlOf: (runId: string) => string,
  ): Promise<Side> {
    const side = new Side(server, upstream, runIds);
    for (let n = 0; n < VIEWERS; n++) {
      const runId = runIds[n % RUNS] ?? "";
      await side.#viewers.connect(urlOf(runId), { "x-api-key": KEY });
    }
    return side;
  }

  /** Sends events for a while and returns every delivery's delay (ms). */
  async round(): Promise<number[]> {
    this.#delays = [];
    this.#delivered = this.#sent = 0;
    const until = performance.now() + ROUND_MS;
    await Promise.all(this.#runIds.map(async (runId) => {
      for (;;) {
        // Poisson arrivals: real runs know nothing of each other.
        await sleep(-Math.log(1 - Math.random()) * 1000 / RATE);
        if (performance.now() > until) return;
        this.#sent++;
        this.#upstream.send(runId, "task_run.progress_msg.search", {
          message: `at ${performance.now().toFixed(3)} ${"data centres by city ".repeat(8)}`,
          timestamp: null,
        });
      }
    }));
    const expected = this.#sent * VIEWERS / RUNS;
    for (let tries = 0; this.#delivered < expected; tries++) {
      if (tries > 2_000) throw new Error(`${expected - this.#delivered} deliveries are missing`);
      await sleep(5);
    }
    return this.#delays;
  }

  #onBytes(viewer: number, bytes: Uint8Array): void {
    const now = performance.now();
    const text = this.#rests[viewer] + decoder.decode(bytes);
    const events = text.split("\n\n");
    this.#rests[viewer] = events.pop() ?? "";
    for (const event of events) {
      const at = /"at (\d+\.\d+) /.exec(event)?.[1];
      if (at === undefined) continue;
      this.#delivered++;
      this.#delays.push(now - Number(at));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#viewers[Symbol.dispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** What two fresh processes showed. */
interface Figures {
  /** Every delivery's delay, and every commit's time (ms). */
  readonly ours: readonly number[];
  /** On another process of the same file. */
  readonly other: readonly number[];
  readonly peer: readonly number[];
  readonly commit: readonly number[];
  /** Processor time of such a process while nothing happens (ms in a second), and by polls alone. */
  readonly idle: { readonly ours: number; readonly peer: number };
  /** Upstream connections. */
  readonly connections: { readonly ours: number; readonly peer: number };
}

/** Runs the comparison, some four minutes. */
export async function run(): Promise<BenchResult[]> {
  const processes: Figures[] = [];
  for (let process = 0; process < PROCESSES; process++) processes.push(await sideBySide());
  return rows(processes);
}

async function sideBySide(): Promise<Figures> {
  const folder = await Deno.makeTempDir();
  await using upstream = new BenchUpstream();
  using kv = await Deno.openKv(join(folder, "commits.db"));
  try {
    const app = await startApp(upstream.url, folder);
    const runIds: string[] = [];
    for (let n = 0; n < RUNS; n++) runIds.push(await createRun(app.url, upstream));
    await using ours = await Side.open(
      app,
      upstream,
      runIds,
      (runId) => `${app.url}/api/v1/tasks/runs/${runId}/events`,
    );
    const oursUpstream = upstream.connections;
    const bare = await Measured.start("bench/streams/pass_through.ts", { args: [upstream.url] });
    await using peer = await Side.open(
      bare,
      upstream,
      Array.from({ length: RUNS }, () => upstream.create()),
      (runId) => `${bare.url}/raw/${runId}`,
    );
    const peerUpstream = upstream.connections - oursUpstream;
    // Warm: the first events of a process compile its code.
    await ours.round();
    await peer.round();
    const delays = { ours: [] as number[], peer: [] as number[], commit: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      delays.ours.push(...await ours.round());
      delays.peer.push(...await peer.round());
      delays.commit.push(...await commitsDuring(kv, peer.round()));
    }
    const connections = { ours: oursUpstream, peer: peerUpstream };
    const other = await onOther(upstream, folder, runIds);
    const idle = {
      ours: await idleCost(upstream, "kv"),
      peer: await idleCost(upstream, "long".repeat(30)),
    };
    return { ...delays, other, idle, connections };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The same runs watched on another process of the same file, which does not record them. */
async function onOther(
  upstream: BenchUpstream,
  folder: string,
  runIds: readonly string[],
): Promise<number[]> {
  const second = await startApp(upstream.url, folder);
  await using side = await Side.open(
    second,
    upstream,
    runIds,
    (runId) => `${second.url}/api/v1/tasks/runs/${runId}/events`,
  );
  await side.round();
  const other: number[] = [];
  for (let round = 0; round < ROUNDS; round++) other.push(...await side.round());
  return other;
}

/**
 * What a process costs while its viewers of another process's runs get nothing (ms of processor time in a
 * second). A path that is too long for a socket leaves only the polls.
 */
async function idleCost(upstream: BenchUpstream, name: string): Promise<number> {
  const parent = await Deno.makeTempDir();
  try {
    const folder = join(parent, name);
    await using first = await startApp(upstream.url, folder);
    const runIds: string[] = [];
    for (let n = 0; n < RUNS; n++) runIds.push(await createRun(first.url, upstream));
    const second = await startApp(upstream.url, folder);
    await using side = await Side.open(
      second,
      upstream,
      runIds,
      (runId) => `${second.url}/api/v1/tasks/runs/${runId}/events`,
    );
    await side.round();
    const before = await second.figures();
    await sleep(IDLE_MS);
    const { cpuMs } = await second.figures();
    return (cpuMs - before.cpuMs) / (IDLE_MS / 1000);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

/** What a commit of one event takes while the same traffic goes through the machine (ms). */
async function commitsDuring(kv: Deno.Kv, traffic: Promise<unknown>): Promise<number[]> {
  const value = new Uint8Array(400), head = { last_id: 1, status: "running", members: [""] };
  const times: number[] = [];
  let going = true;
  const over = traffic.finally(() => going = false);
  for (let n = 0; going; n++) {
    // As often as ours commits.
    await sleep(1000 / (RUNS * RATE));
    const started = performance.now();
    await kv.atomic().set(["trace", "run", n], value).set(["head", "run"], head).commit();
    times.push(performance.now() - started);
  }
  await over;
  return times;
}

function rows(processes: readonly Figures[]): BenchResult[] {
  const [first] = processes;
  const idle = processes.map(({ idle }) => idle);
  const idleRatios = idle.map(({ ours, peer }) => ours / peer);
  const connections = first?.connections ?? { ours: NaN, peer: NaN };
  return [
    delayRow(processes, "ours", 0.5, "<= 1"),
    delayRow(processes, "ours", 0.99, "<= 1.3"),
    delayRow(processes, "other", 0.5, "< 20 ms"),
    delayRow(processes, "other", 0.99),
    {
      name: "latency: processor time of a process with 100 silent viewers of another's runs",
      value: median(idle.map(({ ours }) => ours)),
      unit: "ms in a second",
      peer: "polls alone",
      ratio: median(idleRatios),
      spread: spreadOf(idleRatios),
      target: "<= 1, within the spread",
    },
    {
      name: "latency: upstream connections",
      value: connections.ours,
      unit: "connections",
      peer: "pass-through",
      ratio: connections.ours / connections.peer,
      spread: [connections.ours / connections.peer, connections.ours / connections.peer],
      target: "10 instead of 100",
    },
  ];
}

/** The process in the middle, by its ratio. */
function delayRow(
  processes: readonly Figures[],
  side: "ours" | "other",
  p: number,
  target?: string,
): BenchResult {
  const measured = processes.map(({ peer, commit, ...sides }) => {
    const ours = sides[side];
    const times = {
      ours: percentile(ours, p),
      peer: percentile(peer, p),
      commit: percentile(commit, p),
    };
    return { ...times, count: ours.length, ratio: times.ours / (times.peer + times.commit) };
  }).sort((a, b) => a.ratio - b.ratio);
  const middle = measured[measured.length >> 1]!;
  const ratios = measured.map(({ ratio }) => ratio.toFixed(2)).join(", ");
  return {
    name: `latency, 100 viewers on 10 runs${side === "ours" ? "" : " of another process"}: p${
      p * 100
    }`,
    value: middle.ours,
    unit: "ms",
    peer: "pass-through + one KV commit",
    ratio: middle.ratio,
    spread: spreadOf(measured.map(({ ratio }) => ratio)),
    ...target !== undefined && { target },
    note: `pass-through ${middle.peer.toFixed(2)} ms, commit ${middle.commit.toFixed(2)} ms; ` +
      `${middle.count} deliveries; processes ${ratios}`,
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
