/**
 * Fan-out: one run, 100, 1,000 and 5,000 viewers. Ours is the whole app, which records every event before it
 * shows it. The peer is a bare `Deno.serve` that sends the same bytes from memory.
 */
import type { BenchResult } from "../types.ts";
import { createRun, KEY } from "./runs.ts";
import { type Figures, Measured, startApp } from "./measured.ts";
import { median, spreadOf } from "../statistics.ts";
import { BenchUpstream } from "./upstream.ts";
import { RawViewers } from "./viewers.ts";

const SIZES = [
  { viewers: 100, events: 3_000, rounds: 5 },
  { viewers: 1_000, events: 400, rounds: 5 },
  { viewers: 5_000, events: 80, rounds: 5 },
] as const;
/** Events under way at most: enough to hide every latency, too few to overrun any buffer. */
const WINDOW = 64;
/** Viewers at once while a server warms up, and at least in all. */
const WARM_VIEWERS = 32, WARM_TOTAL = 1_000;
/** Fresh processes of each side: what one holds differs by some MB from the next. */
const PROCESSES = 3;
/** Viewers whose bytes are compared, not only counted. */
const CHECKED = 10;

/** What one round cost. */
interface Round {
  /** Deliveries a second of the clock. */
  readonly rate: number;
  /** Deliveries a second of the server's processor time. */
  readonly cpuRate: number;
}

/** A server with its viewers. */
class Side implements AsyncDisposable {
  readonly #server: Measured;
  readonly #viewers: RawViewers;
  readonly #upstream: BenchUpstream;
  readonly #runId: string;
  readonly #count: number;
  /** Bytes that every viewer has after each event. */
  readonly #upTo: number[] = [];
  readonly #received: Float64Array;
  readonly #passed: Int32Array;
  /** How many viewers have each event. */
  readonly #arrived: number[] = [];
  readonly #texts: string[];
  #sent = "";
  #complete = 0;
  #onComplete = () => {};
  memory = 0;

  private constructor(server: Measured, upstream: BenchUpstream, runId: string, count: number) {
    this.#server = server;
    this.#upstream = upstream;
    this.#runId = runId;
    this.#count = count;
    this.#received = new Float64Array(count);
    this.#passed = new Int32Array(count);
    this.#texts = Array.from({ length: CHECKED }, () => "");
    this.#viewers = new RawViewers((viewer, bytes) => this.#onBytes(viewer, bytes));
  }

  /** Connects the viewers to a server that reads the run. */
  static async open(
    server: Measured,
    { upstream, runId, url, count }: {
      upstream: BenchUpstream;
      runId: string;
      url: string;
      count: number;
    },
  ): Promise<Side> {
    const side = new Side(server, upstream, runId, count);
    let sent = 0;
    for (let served = 0; served < Math.max(count, WARM_TOTAL); served += WARM_VIEWERS) {
      await side.#warm(url, sent);
      sent += WINDOW;
    }
    const before = await server.figures();
    await side.#viewers.connectAll(count, () => side.#viewers.connect(url, headersAt(sent)));
    await side.#play(WINDOW);
    side.memory = perViewer(before, await server.figures(), count);
    return side;
  }

  /** Sends this many events to every viewer. */
  async round(events: number): Promise<Round> {
    const { cpuMs } = await this.#server.figures();
    const started = performance.now();
    await this.#play(events);
    const seconds = (performance.now() - started) / 1000;
    const deliveries = events * this.#count;
    const used = (await this.#server.figures()).cpuMs - cpuMs;
    return { rate: deliveries / seconds, cpuRate: deliveries / (used / 1000) };
  }

  /** @throws if a viewer's bytes differ from what was sent. */
  check(): void {
    for (const text of this.#texts.slice(0, this.#count)) {
      if (text !== this.#sent) throw new Error("A viewer got something else than was sent");
    }
  }

  /**
   * Serves a few viewers, who then leave. After as many as are measured the server has compiled its code
   * and its heap has the size that so many requests need: a process that has been up for a while, where
   * what a viewer more takes is a viewer's.
   */
  async #warm(url: string, sent: number): Promise<void> {
    let left = WARM_VIEWERS * WINDOW;
    let onDone = () => {};
    const done = new Promise<void>((resolve) => {
      onDone = resolve;
    });
    using passing = new RawViewers((_, bytes) => {
      left -= new TextDecoder().decode(bytes).split("\n\n").length - 1;
      if (left === 0) onDone();
    });
    await passing.connectAll(WARM_VIEWERS, () => passing.connect(url, headersAt(sent)));
    for (let n = 0; n < WINDOW; n++) this.#send(n);
    await done;
  }

  #send(n: number): string {
    return this.#upstream.send(this.#runId, "task_run.progress_msg.search", {
      message: `Query ${n}: ${"data centres by city 2026 ".repeat(8)}`,
      timestamp: "2026-01-01T00:00:00.000000Z",
    });
  }

  async #play(events: number): Promise<void> {
    const goal = this.#upTo.length + events;
    while (this.#complete < goal) {
      while (this.#upTo.length < goal && this.#upTo.length - this.#complete < WINDOW) {
        const text = this.#send(this.#upTo.length);
        this.#sent += text;
        this.#upTo.push((this.#upTo.at(-1) ?? 0) + text.length);
        this.#arrived.push(0);
      }
      await new Promise<void>((resolve) => {
        this.#onComplete = resolve;
      });
    }
  }

  #onBytes(viewer: number, bytes: Uint8Array): void {
    if (viewer < CHECKED) this.#texts[viewer] += new TextDecoder().decode(bytes);
    const received = this.#received[viewer] = this.#received[viewer]! + bytes.byteLength;
    let event = this.#passed[viewer]!;
    while (event < this.#upTo.length && this.#upTo[event]! <= received) {
      if (++this.#arrived[event]! === this.#count) this.#complete = event + 1;
      event++;
    }
    this.#passed[viewer] = event;
    if (this.#complete === event) this.#onComplete();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#viewers[Symbol.dispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** The request of a viewer that has received this many events. */
function headersAt(sent: number): Record<string, string> {
  return { "x-api-key": KEY, "last-event-id": String(sent) };
}

function perViewer(before: Figures, after: Figures, count: number): number {
  return (after.rss - before.rss) / count;
}

/** Runs the comparison, some 100 s. */
export async function run(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const size of SIZES) results.push(...await compare(size));
  return results;
}

async function compare(
  { viewers, events, rounds }: { viewers: number; events: number; rounds: number },
): Promise<BenchResult[]> {
  const memory: Pair<number>[] = [];
  for (let process = 1; process < PROCESSES; process++) {
    await sideBySide(viewers, (ours, peer) => {
      memory.push({ ours: ours.memory, peer: peer.memory });
      return Promise.resolve();
    });
  }
  const pairs: Pair<Round>[] = [];
  const connections = await sideBySide(viewers, async (ours, peer) => {
    memory.push({ ours: ours.memory, peer: peer.memory });
    for (let round = 0; round < rounds; round++) {
      pairs.push({ ours: await ours.round(events), peer: await peer.round(events) });
    }
    ours.check();
    peer.check();
  });
  return rows(viewers, { pairs, memory, connections });
}

/** A figure of both sides, measured one after the other. */
interface Pair<T> {
  readonly ours: T;
  readonly peer: T;
}

/** Measures new processes with this many viewers. Returns the number of our connections to the upstream. */
async function sideBySide(
  count: number,
  measure: (ours: Side, peer: Side) => Promise<void>,
): Promise<number> {
  const folder = await Deno.makeTempDir();
  await using upstream = new BenchUpstream();
  try {
    const app = await startApp(upstream.url, folder);
    const runId = await createRun(app.url, upstream);
    const url = `${app.url}/api/v1/tasks/runs/${runId}/events`;
    await using ours = await Side.open(app, { upstream, runId, url, count });
    const { connections } = upstream;
    const rawId = upstream.create();
    const bare = await Measured.start("bench/streams/broadcast.ts", {
      args: [`${upstream.url}/raw/${rawId}`],
    });
    await using peer = await Side.open(bare, {
      upstream,
      runId: rawId,
      url: `${bare.url}/`,
      count,
    });
    await measure(ours, peer);
    return connections;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function rows(
  viewers: number,
  { pairs, memory, connections }: {
    readonly pairs: readonly Pair<Round>[];
    readonly memory: readonly Pair<number>[];
    readonly connections: number;
  },
): BenchResult[] {
  const held = memory.map(({ ours, peer }) => ours / peer).sort((a, b) => a - b);
  const ours = median(memory.map((pair) => pair.ours));
  const ratios = pairs.map((pair) => pair.ours.rate / pair.peer.rate).sort((a, b) => a - b);
  const cpu = median(pairs.map((pair) => pair.ours.cpuRate / pair.peer.cpuRate));
  const name = `fan-out, ${viewers.toLocaleString("en")} viewers`;
  const spread = `${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)}`;
  return [
    {
      name: `${name}: deliveries`,
      value: Math.round(median(pairs.map((pair) => pair.ours.rate))),
      unit: "events/s",
      peer: "bare broadcast",
      ratio: median(ratios),
      spread: spreadOf(ratios),
      target: ">= 0.9",
      note: `${pairs.length} rounds ${spread}; by processor time ${
        cpu.toFixed(2)
      }x; ${connections} upstream connection`,
    },
    {
      name: `${name}: memory a viewer`,
      value: Math.round(ours / 102.4) / 10,
      unit: "KiB",
      peer: "bare broadcast",
      ratio: ours / median(memory.map((pair) => pair.peer)),
      spread: spreadOf(held),
      target: "<= 1.15",
      note: `${memory.length} processes of each, ${held[0]?.toFixed(2)} to ${
        held.at(-1)?.toFixed(2)
      }`,
    },
  ];
}
