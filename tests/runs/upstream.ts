/** A Task API upstream for one run, scripted connection by connection. */
import { RUN } from "./log_tools.ts";

/** The behaviour of one connection to the event stream. */
export type Connection =
  /** Sends these frames, then ends cleanly, breaks, or stays silent. */
  | { readonly frames: readonly string[]; readonly then: "end" | "break" | "silence" }
  /** Sends what the test writes. */
  | { readonly live: ReadableStream<Uint8Array> }
  | { readonly status: number; readonly headers?: Record<string, string> };

/** An event as the upstream writes it: a type line and the payload, no id. */
export function frame(payload: Record<string, unknown>): string {
  return `event: ${payload.type}\ndata: ${JSON.stringify(payload)}\n\n`;
}

export const message = (text: string, at = 0) =>
  frame({
    type: "task_run.progress_msg.plan",
    message: text,
    timestamp: new Date(at).toISOString(),
  });

export const stats = (read: number) =>
  frame({
    type: "task_run.progress_stats",
    source_stats: { num_sources_considered: read, num_sources_read: read, sources_read_sample: [] },
    progress_meter: read,
  });

export const state = (status: string, more: Record<string, unknown> = {}) =>
  frame({
    type: "task_run.state",
    event_id: null,
    run: {
      run_id: RUN,
      status,
      is_active: status === "queued" || status === "running",
      modified_at: crypto.randomUUID(),
    },
    output: null,
    ...more,
  });

const EVENT_STREAM = { headers: { "content-type": "text/event-stream" } };

/** A scripted upstream and its requests. */
export class ScriptedUpstream {
  readonly #script: Connection[];
  readonly #result: () => Response;
  /** The response to a request for the status of the run. */
  status: () => Response = () => new Response(null, { status: 500 });
  /** Event streams opened so far, and those open now. */
  connections = 0;
  open = 0;
  requests: Request[] = [];

  constructor(script: readonly Connection[], result?: () => Response) {
    this.#script = [...script];
    this.#result = result ?? (() => new Response(null, { status: 500 }));
  }

  readonly fetch: typeof fetch = (input, init) => {
    const request = new Request(input, init);
    this.requests.push(request);
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/result")) return Promise.resolve(this.#result());
    if (!pathname.endsWith("/events")) return Promise.resolve(this.status());
    this.connections++;
    const connection = this.#script.shift();
    if (connection === undefined) return Promise.reject(new TypeError("connection refused"));
    if ("status" in connection) {
      return Promise.resolve(new Response(connection.status === 204 ? null : "{}", connection));
    }
    if ("live" in connection) return Promise.resolve(new Response(connection.live, EVENT_STREAM));
    return Promise.resolve(this.#stream(connection, request.signal));
  };

  #stream(connection: Extract<Connection, { frames: unknown }>, signal: AbortSignal): Response {
    this.open++;
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const text of connection.frames) controller.enqueue(encoder.encode(text));
        signal.addEventListener("abort", () => this.open--, { once: true });
        if (connection.then === "end") controller.close();
      },
      pull: (controller) => {
        if (connection.then === "break") controller.error(new TypeError("connection reset"));
      },
    }, { highWaterMark: 0 });
    return new Response(body, EVENT_STREAM);
  }
}
