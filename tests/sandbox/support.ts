/** A sandbox in memory, with a clock that moves only while something waits for it. */
import type { Timers } from "../../lib/base/mod.ts";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../lib/sandbox/mod.ts";
import { parseSSE, type SSEEvent } from "../../lib/sse/mod.ts";

/** 21 November 2026, noon. */
export const NOON = Date.UTC(2026, 10, 21, 12);
export const KEY = "sandbox-test";
export const ORIGIN = "http://sandbox.invalid";

/** A clock that jumps to the next timer as soon as one is set. */
export class Clock {
  ms = NOON;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();
  #manual = false;

  readonly now = () => this.ms;

  readonly timers: Timers = {
    setTimeout: (run, ms) => {
      const timer = { at: this.ms + ms, run };
      this.#timers.add(timer);
      if (!this.#manual) queueMicrotask(() => this.#next(timer));
      return timer;
    },
    clearTimeout: (timer) => this.#timers.delete(timer as { at: number; run: () => void }),
  };

  /** How many wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Runs everything until this many timers wait. */
  async untilWaiting(count: number): Promise<void> {
    for (let turn = 0; turn < 1_000 && this.waiting !== count; turn++) await settle();
    if (this.waiting !== count) throw new Error(`${this.waiting} wait, not ${count}`);
  }

  /** From now on only {@linkcode advance} moves time. */
  stop(): this {
    this.#manual = true;
    return this;
  }

  /** Moves time, firing what is due on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.ms + ms;
    for (;;) {
      // What was woken may read the store, for a few turns, before it waits again.
      for (let turn = 0; turn < 50; turn++) {
        await settle();
        if (this.waiting > 0) break;
      }
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#fire(next);
    }
    this.ms = end;
  }

  /** Moves time from timer to timer until the promise settles, for work that also reads the store. */
  async advanceUntil<T>(pending: Promise<T>): Promise<T> {
    let settled = false;
    const done = () => settled = true;
    pending.then(done, done);
    while (!settled) {
      await settle();
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (next !== undefined && !settled) this.#fire(next);
    }
    return await pending;
  }

  #next(timer: { readonly at: number; readonly run: () => void }): void {
    if (this.#timers.has(timer)) this.#fire(timer);
  }

  #fire(timer: { readonly at: number; readonly run: () => void }): void {
    this.#timers.delete(timer);
    this.ms = Math.max(this.ms, timer.at);
    timer.run();
  }
}

/** Lets everything run that can without time passing. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A sandbox, its clock, and short ways to ask it. */
export class Room {
  readonly clock: Clock;
  readonly kv: Deno.Kv;
  sandbox: Sandbox;
  readonly #options: Partial<SandboxOptions>;

  constructor(kv: Deno.Kv, clock: Clock, options: Partial<SandboxOptions>) {
    this.kv = kv;
    this.clock = clock;
    this.#options = options;
    this.sandbox = this.#open();
  }

  #open(): Sandbox {
    const { now, timers } = this.clock;
    return createSandbox({ kv: this.kv, speed: 1, now, timers, ...this.#options });
  }

  /** Another process on the same database. */
  restart(): void {
    this.sandbox.close();
    this.sandbox = this.#open();
  }

  ask(path: string, init: RequestInit & { key?: string | null } = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    const key = init.key === undefined ? KEY : init.key;
    if (key !== null) headers.set("x-api-key", key);
    return this.sandbox.fetch(new Request(ORIGIN + path, { ...init, headers }));
  }

  post(body: unknown, key: string | null = KEY): Promise<Response> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return this.ask("/v1/tasks/runs", {
      method: "POST",
      body: text,
      key,
      headers: { "content-type": "application/json" },
    });
  }

  /** Creates a run and returns its id. */
  async create(body: Record<string, unknown> = {}): Promise<string> {
    const response = await this.post({
      input: "Who built the Eiffel Tower?",
      processor: "lite",
      ...body,
    });
    if (response.status !== 202) throw new Error(await response.text());
    return (await response.json()).run_id;
  }

  async get<T = Record<string, unknown>>(path: string): Promise<T> {
    const response = await this.ask(`/v1/tasks/runs/${path}`);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return await response.json();
  }

  /** One connection to the event stream, to its end. */
  async events(runId: string): Promise<SSEEvent[]> {
    const response = await this.ask(`/v1beta/tasks/runs/${runId}/events`);
    const limits = { maxLineBytes: 16_000_000, maxEventBytes: 16_000_000 };
    return await Array.fromAsync(parseSSE(response, limits));
  }
}

/** Runs a test in a room of its own. */
export async function withRoom(
  test: (room: Room) => Promise<void>,
  options: Partial<SandboxOptions> = {},
): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  const room = new Room(kv, new Clock(), options);
  try {
    await test(room);
  } finally {
    room.sandbox.close();
    kv.close();
  }
}

/** The statuses of the state events, in order. */
export function statesOf(events: readonly SSEEvent[]): string[] {
  return events.filter(({ event }) => event === "task_run.state")
    .map(({ data }) => JSON.parse(data).run.status);
}

/** The payloads of the messages. */
export function messagesOf(
  events: readonly SSEEvent[],
): { type: string; message: string; timestamp: string }[] {
  return events.filter(({ event }) => event.startsWith("task_run.progress_msg."))
    .map(({ data }) => JSON.parse(data));
}

/** The payloads of the stats. */
export function statsOf(events: readonly SSEEvent[]) {
  return events.filter(({ event }) => event === "task_run.progress_stats")
    .map(({ data }) => JSON.parse(data));
}
