/**
 * A Task API that misbehaves, for one run. It keeps its protocol: a state first, then a replay of every
 * message and of the latest figures, then live events, a state before the end, nothing but the last
 * state once the run is over. Everything else may break.
 *
 * It does not finish before the log has every message, because the API does not replay finished runs.
 * No replay starts late at one of several equal messages, because it cannot be told from a new message.
 */
import { encodeSSE } from "../../lib/sse/mod.ts";
import type { Chaos } from "./chaos.ts";
import { type ChooseNetwork, through } from "./network.ts";
import type { Random } from "./random.ts";
import type { Trace, UpstreamEvent } from "./trace.ts";

/** The dependencies of the upstream. */
export interface UpstreamOptions {
  readonly trace: Trace;
  readonly random: Random;
  readonly chaos: Chaos;
  readonly time: { now(): number; setTimeout(run: () => void, ms: number): unknown };
  readonly network: ChooseNetwork;
  /** Possible delays before the next event (ms). */
  readonly gapsMs: readonly number[];
  /** The number of durable messages in the log. */
  readonly recorded: () => number;
  /** Ends even if the trace is not completely recorded: then a gap must be reported. */
  readonly impatient?: boolean;
  /** Called when the run is over, before its streams end. */
  readonly onOver?: () => void;
}

/** The API ends every stream after this long (ms). */
const WINDOW_MS = 570_000;
const STATUSES = [408, 425, 429, 500, 502, 503, 504];
/** Statuses that end a run if they persist, and must not if they are temporary. */
const REFUSALS = [400, 401, 403, 404, 410];

/** An open stream. */
interface Connection {
  send(text: string): void;
  close(): void;
}

/** Sends the trace on every connection. */
export class MisbehavingUpstream {
  readonly #options: UpstreamOptions;
  readonly #connections = new Set<Connection>();
  readonly #errors: string[] = [];
  readonly #lineEnd: string;
  /** How much of the trace has happened. */
  #happened = 1;
  /** When each event happened (ms). */
  readonly happenedMs: number[];
  /** Streams opened so far, and the most at one time. */
  opened = 0;
  mostAtOnce = 0;

  constructor(options: UpstreamOptions) {
    this.#options = options;
    this.happenedMs = [options.time.now()];
    this.#lineEnd = options.random.pick(["\n", "\n", "\r\n", "\r"]);
    this.#schedule();
  }

  /** All error events that were sent. A log has each at most once. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  /** Streams open now. */
  get open(): number {
    return this.#connections.size;
  }

  get #over(): boolean {
    return this.#happened === this.#options.trace.events.length;
  }

  /** A process's `fetch`; its connections break when the process dies. */
  fetchFor(process: AbortSignal): typeof fetch {
    return (input, init) => {
      const request = new Request(input, init);
      const { pathname } = new URL(request.url);
      if (pathname.endsWith("/result")) return this.#result();
      return pathname.endsWith("/events") ? this.#events(request, process) : this.#status();
    };
  }

  /** The run in the response to its creation. */
  get run(): unknown {
    return JSON.parse(this.#options.trace.events[0]?.data ?? "").run;
  }

  #schedule(): void {
    const { random, time, gapsMs } = this.#options;
    time.setTimeout(() => this.#happen(), random.pick(gapsMs));
  }

  #happen(): void {
    const { trace, recorded } = this.#options;
    const isLast = this.#happened === trace.events.length - 1;
    const waits = this.#options.impatient !== true;
    if (isLast && waits && recorded() < messagesOf(trace.events).length) return this.#schedule();
    const next = trace.events[this.#happened++];
    if (next === undefined) return;
    this.happenedMs.push(this.#options.time.now());
    if (isLast) this.#options.onOver?.();
    const twice = next.kind !== "message" && this.#options.chaos.strikes("sent twice", 0.3);
    for (const connection of this.#connections) {
      connection.send(this.#frame(next));
      if (twice) connection.send(this.#frame(next));
      if (isLast) connection.close();
    }
    if (!isLast) this.#schedule();
  }

  async #result(): Promise<Response> {
    const { chaos, random, trace } = this.#options;
    if (chaos.strikes("result refused", 0.3)) {
      return Response.json({ type: "error", error: { ref_id: "", message: "later" } }, {
        status: random.pick(STATUSES),
      });
    }
    if (chaos.strikes("result refused for a while", 0.2)) return this.#refusal();
    if (chaos.strikes("result unreachable", 0.1)) throw new TypeError("connection refused");
    if (chaos.strikes("result is a page", 0.1)) return new Response("<h1>Bad gateway</h1>");
    const { run, output } = JSON.parse(trace.events.at(-1)?.data ?? "");
    return await Promise.resolve(Response.json({
      run: { ...run, created_at: null, modified_at: null },
      output: output ?? trace.result,
    }));
  }

  /** A refusal of the API itself, or of an edge in front of it. */
  #refusal(): Response {
    const { random } = this.#options;
    const status = random.pick(REFUSALS);
    if (random.chance(0.4)) {
      return new Response("<h1>Access denied</h1>", {
        status,
        headers: { "content-type": "text/html" },
      });
    }
    return Response.json({ type: "error", error: { ref_id: "", message: "no" } }, { status });
  }

  /** The status of the run, requested without its stream. */
  #status(): Promise<Response> {
    const { chaos, random } = this.#options;
    if (chaos.strikes("status refused", 0.2)) {
      return Promise.resolve(new Response("{}", { status: random.pick(STATUSES) }));
    }
    if (chaos.strikes("status refused for a while", 0.2)) return Promise.resolve(this.#refusal());
    const { run } = JSON.parse(this.#latestState().data);
    return Promise.resolve(Response.json({ ...run, created_at: null, modified_at: null }));
  }

  #events(request: Request, process: AbortSignal): Promise<Response> {
    const { chaos, random } = this.#options;
    const gone = AbortSignal.any([request.signal, process]);
    if (chaos.strikes("connection refused", 0.08)) {
      return Promise.reject(new TypeError("connection refused"));
    }
    if (chaos.strikes("no answer", 0.04)) {
      return new Promise((_, reject) => {
        gone.addEventListener("abort", () => reject(gone.reason), { once: true });
      });
    }
    if (chaos.strikes("status", 0.1)) {
      const headers = random.chance(0.3) ? { "retry-after": "2" } : undefined;
      return Promise.resolve(new Response("{}", { status: random.pick(STATUSES), headers }));
    }
    if (chaos.strikes("stream refused for a while", 0.1)) return Promise.resolve(this.#refusal());
    if (chaos.strikes("a page for an answer", 0.03)) {
      const headers = { "content-type": "text/html" };
      return Promise.resolve(new Response("<h1>Maintenance</h1>", { headers }));
    }
    return Promise.resolve(this.#stream(gone));
  }

  #stream(gone: AbortSignal): Response {
    const { random, time } = this.#options;
    const encoder = new TextEncoder();
    const replay = this.#replay();
    let connection: Connection | undefined;
    const leave = () => connection && this.#connections.delete(connection);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        connection = {
          send: (text) => controller.enqueue(encoder.encode(text)),
          close: () => {
            if (leave()) controller.close();
          },
        };
        this.#connections.add(connection);
        for (const text of replay.frames) connection.send(text);
        if (this.#over || replay.stops) connection.close();
      },
      cancel: () => void leave(),
    });
    const window = connection;
    time.setTimeout(() => {
      if (window === undefined || !this.#connections.has(window)) return;
      window.send(this.#state());
      window.close();
    }, WINDOW_MS);
    this.opened++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#connections.size);
    const size = replay.frames.join("").length + 2_000;
    const plan = this.#options.network(size);
    const sent = through(body, { plan, random, time, signal: gone });
    return new Response(sent, { headers: { "content-type": "text/event-stream" } });
  }

  /** The first events of a connection. */
  #replay(): { frames: string[]; stops: boolean } {
    const { chaos, random } = this.#options;
    const frames = random.chance(0.2) ? ["\ufeff"] : [];
    if (random.chance(0.2)) frames.push(`: ping${this.#lineEnd}${this.#lineEnd}`);
    if (random.chance(0.1)) frames.push(`retry: 50${this.#lineEnd}${this.#lineEnd}`);
    const error = chaos.strikes("error event", 0.1) ? this.#error() : null;
    const opens = error !== null && random.chance(0.3);
    if (opens) frames.push(error);
    frames.push(this.#state());
    if (this.#over) return { frames, stops: true };
    const happened = this.#options.trace.events.slice(0, this.#happened);
    const messages = messagesOf(happened);
    const [from, to] = this.#part(messages);
    for (const message of messages.slice(from, to)) frames.push(this.#frame(message));
    const stops = to < messages.length && !this.#mayGoOnAfter(messages, to);
    const stats = happened.findLast(({ kind }) => kind === "stats");
    if (stats !== undefined && !stops) frames.push(this.#frame(stats));
    if (error !== null && !opens) frames.splice(random.between(1, frames.length), 0, error);
    return { frames, stops };
  }

  /** The messages of a replay: all, or fewer from a faulty server. */
  #part(messages: readonly UpstreamEvent[]): [from: number, to: number] {
    const { chaos, random, recorded, trace } = this.#options;
    const durable = recorded();
    let from = 0, to = messages.length;
    if (chaos.strikes("replay begins late", 0.1)) {
      const late = random.between(0, Math.min(durable, messages.length));
      const all = messagesOf(trace.events);
      // The message at `late` may not have happened yet.
      if (all.filter((message) => message === all[late]).length <= 1) from = late;
    }
    if (chaos.strikes("replay stops early", 0.1)) to = random.between(from, messages.length);
    return [from, to];
  }

  /** Whether the omitted messages are recorded, and differ from the next one. */
  #mayGoOnAfter(messages: readonly UpstreamEvent[], to: number): boolean {
    const { trace, recorded } = this.#options;
    const left = messages.slice(to);
    const coming = messagesOf(trace.events)[messages.length];
    return recorded() === messages.length && to > 0 && !left.includes(coming ?? left[0]!);
  }

  #error(): string {
    const { random } = this.#options;
    // The next connection gets the same error, as its reference shows.
    if (this.#errors.length === 0 || random.chance(0.6)) {
      const error = { ref_id: `ref${this.#errors.length}`, message: "hiccup", detail: null };
      this.#errors.push(JSON.stringify({ type: "error", error }));
    }
    const data = random.pick(this.#errors);
    return this.#frame({ kind: "message", type: "error", data });
  }

  #state(): string {
    return this.#frame(this.#latestState());
  }

  #latestState(): UpstreamEvent {
    const state = this.#options.trace.events.slice(0, this.#happened).findLast(({ kind }) =>
      kind === "state"
    );
    if (state === undefined) throw new Error("A trace begins with a state");
    return state;
  }

  #frame({ kind, type, data }: UpstreamEvent): string {
    // The time of the last change differs on every connection.
    const sent = kind === "state"
      ? data.replace('"run":{', `"run":{"modified_at":"t${this.opened}",`)
      : data;
    const text = encodeSSE({ event: type ?? "", data: sent });
    return (type === null ? text.replace("event: \n", "") : text).replaceAll("\n", this.#lineEnd);
  }
}

/** The part of a trace that a replay repeats. */
export function messagesOf(events: readonly UpstreamEvent[]): readonly UpstreamEvent[] {
  return events.filter(({ kind }) => kind === "message");
}
