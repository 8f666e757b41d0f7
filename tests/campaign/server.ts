/** One Taskstream process of a simulated world. It can be stopped, killed and restarted. */
import { Committer } from "../../lib/store/committer.ts";
import { Connection } from "../../lib/store/connection.ts";
import { GuardedKv } from "../../lib/store/guarded_kv.ts";
import { patient } from "../../lib/store/open.ts";
import { TaskClient } from "../../lib/parallel/client.ts";
import { eventsResponse, lastEventNumber } from "../../lib/proxy/events.ts";
import { ListStreams } from "../../lib/runs/stream/list.ts";
import { readHistory } from "../../lib/runs/history/page.ts";
import type { RunSummary } from "../../lib/runs/model/model.ts";
import { LeaseGrace } from "../../lib/runs/log/lease.ts";
import { Recorders } from "../../lib/runs/log/recorders.ts";
import { Relay } from "../../lib/runs/stream/relay.ts";
import { ACCOUNT, RUN } from "../runs/log_tools.ts";
import type { Chaos } from "./chaos.ts";
import type { FarNetwork } from "./far_kv.ts";
import { KvHandle, type MemoryStore } from "./memory_kv.ts";
import type { Random } from "./random.ts";
import type { MisbehavingUpstream } from "./upstream.ts";
import type { VirtualTime } from "./virtual_time.ts";
import { StreamSlots } from "../../lib/limits/stream_slots.ts";

/** The dependencies of a process. */
export interface ServerOptions {
  readonly name: string;
  readonly store: MemoryStore;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly chaos: Chaos;
  readonly upstream: MisbehavingUpstream;
  /** The network to a distant store; `null`: a file on the only host of this world. */
  readonly far: FarNetwork | null;
  /** Processes that have died, on the one host of this world. */
  readonly dead: Set<string>;
}

const PICK_UP_MS = 60_000;
const GRACE_MS = 5_000;
export const HEARTBEAT_MS = 15_000;

/** A process, from its start to its end. */
export class SimulatedServer {
  readonly #handle: KvHandle;
  readonly #kv: Deno.Kv;
  readonly #timers: MortalTimers;
  readonly #recorders: Recorders;
  readonly #relay: Relay;
  readonly #dead = new AbortController();
  readonly #list: ListStreams;
  readonly #onDeath: () => void;

  constructor(options: ServerOptions) {
    const { name, store, time, random, chaos, upstream, far, dead } = options;
    const owner = `${name}-${random.between(0, 1e9)}`;
    // Another host can see the lease of a process only.
    const isGone = (id: string) => far === null && dead.has(id);
    this.#onDeath = () => dead.add(owner);
    const timers = this.#timers = new MortalTimers(time);
    this.#handle = new KvHandle({
      store,
      random: random.fork(),
      // The disk finishes without the process.
      time,
      fault: (operation) => {
        if (far !== null) return null;
        if (operation === "commit" && chaos.strikes("database locked", 0.02)) return "locked";
        if (!chaos.strikes(`${operation} fails`, 0.004)) return null;
        return random.chance(0.5) ? "failed" : "failed after commit";
      },
    });
    const kv = this.#kv = far === null ? this.#handle.kv : this.#farKv(far, time);
    const committer = new Committer(kv, {
      timers,
      onWritten: (mutations) => {
        if (mutations.some(({ key }) => key[0] === "changes")) this.#list.wake(ACCOUNT);
      },
      random: random.next,
      wait: (ms) => new Promise((resolve) => void timers.setTimeout(resolve, ms)),
    });
    this.#list = new ListStreams({
      kv,
      now: time.now,
      heartbeatMs: HEARTBEAT_MS,
      pollMs: 1_000,
      slots: new StreamSlots(1_000),
      timers,
    });
    this.#relay = new Relay({
      kv,
      isGone,
      onOrphan: (runId) => this.#recorders.start(runId),
      heartbeatMs: HEARTBEAT_MS,
      pollMs: 1_000,
      slots: new StreamSlots(1_000),
      now: time.now,
      timers,
    });
    const fetch = upstream.fetchFor(this.#dead.signal);
    const client = new TaskClient({ baseUrl: "http://up.invalid", apiKey: "k", fetch, timers });
    this.#recorders = new Recorders({
      kv: patient(kv),
      committer: committer.patient,
      ...far !== null && { grace: new LeaseGrace(GRACE_MS) },
      now: time.now,
      owner,
      isGone,
      leaseMs: 10_000,
      stallMs: 120_000,
      timers,
      leaseTimers: timers,
      random: random.next,
      log: () => {},
      clientFor: () => Promise.resolve({ client, fetch }),
      onCommitting: (runId, events) => this.#relay.prepare(runId, events),
      onDurable: (runId, events, ended) => this.#relay.publish(runId, events, ended),
      onRecording: (runId, recording) => this.#relay.recording(runId, recording),
    });
    const pickUp = () => {
      this.pickUp();
      timers.setTimeout(pickUp, PICK_UP_MS);
    };
    pickUp();
  }

  #farKv(far: FarNetwork, time: VirtualTime): Deno.Kv {
    const handle = this.#handle, timers = this.#timers;
    const connection = new Connection(far.client(handle, timers), {
      open: () => far.open(handle, timers),
      now: time.now,
      timers,
    });
    return new GuardedKv(connection);
  }

  /** Takes over runs without a recorder: every minute, and when another process has died. */
  pickUp(): void {
    this.#recorders.pickUp().catch(() => {});
  }

  /** Sets a timer that dies with the process. */
  later(run: () => void, ms: number): void {
    this.#timers.setTimeout(run, ms);
  }

  get alive(): boolean {
    return !this.#dead.signal.aborted;
  }

  /** Aborts when the process dies: its connections break. */
  get signal(): AbortSignal {
    return this.#dead.signal;
  }

  /** Viewers connected now. */
  get viewers(): number {
    return this.#relay.viewers + this.#list.viewers;
  }

  /** The account's list as a page shows it, with the ID that its stream resumes after. */
  async list(): Promise<{ readonly lastId: string; readonly runs: readonly RunSummary[] }> {
    const lastId = await this.#list.latestId(ACCOUNT);
    return { lastId, runs: (await readHistory(this.#kv, ACCOUNT, {})).runs };
  }

  /** Answers a request for the list's changes. */
  async answerList(headers: Headers): Promise<Response> {
    const answer = await this.#list.open(ACCOUNT, headers.get("last-event-id"));
    if (answer.status === "full") throw new Error("Too many lists");
    return new Response(answer.body, { headers: { "content-type": "text/event-stream" } });
  }

  /** Answers a request for the run's events. */
  async answer(headers: Headers): Promise<Response> {
    const after = lastEventNumber(headers, new URLSearchParams());
    const answer = await this.#relay.open(RUN, after, { limitKey: `account:${ACCOUNT}` });
    if (answer.status === "unknown") throw new Error("The run is gone");
    return eventsResponse(answer);
  }

  /** A notification of the API arrives here. */
  notify(): void {
    this.#recorders.notify(RUN);
  }

  /** SIGKILL. */
  kill(): void {
    this.#onDeath();
    this.#handle.die();
    this.#timers.die();
    this.#dead.abort(new TypeError("connection reset"));
  }

  /** SIGSTOP, and SIGCONT after a while: another process may have taken its runs over by then. */
  suspend(time: VirtualTime, ms: number): void {
    this.#handle.suspend();
    this.#timers.suspend();
    time.setTimeout(() => {
      this.#timers.goOn();
      this.#handle.goOn();
    }, ms);
  }

  /** SIGTERM: flushes, ends streams, exits. */
  async stop(): Promise<void> {
    await this.#recorders.drain();
    this.#relay.drain();
    this.#list.drain();
    this.kill();
  }
}

/** Timers that pause and end with their process. */
class MortalTimers {
  readonly #time: VirtualTime;
  readonly #waiting = new Set<unknown>();
  /** Timers that were due while the process was paused. */
  #suspended: (() => void)[] | null = null;
  #dead = false;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  readonly now = () => this.#time.now();

  readonly setTimeout = (run: () => void, ms: number): unknown => {
    if (this.#dead) return undefined;
    const fire = () => {
      if (this.#suspended !== null) return void this.#suspended.push(fire);
      if (this.#waiting.delete(id)) run();
    };
    const id = this.#time.setTimeout(fire, ms);
    this.#waiting.add(id);
    return id;
  };

  readonly clearTimeout = (id: unknown): void => {
    this.#waiting.delete(id);
    this.#time.clearTimeout(id);
  };

  suspend(): void {
    this.#suspended ??= [];
  }

  goOn(): void {
    const due = this.#suspended ?? [];
    this.#suspended = null;
    for (const fire of due) fire();
  }

  die(): void {
    this.#dead = true;
    for (const id of [...this.#waiting]) this.clearTimeout(id);
  }
}
