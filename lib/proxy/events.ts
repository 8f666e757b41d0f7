/** A run's events, from our own log: whole, numbered and resumable. */
import type { RelayAnswer, StoreNotices } from "../runs/mod.ts";
import type { Caller } from "./credentials.ts";
import type { ProxyContext } from "./context.ts";
import { apiError } from "./errors.ts";

/** Streams the events of a run that the caller's account knows. */
export async function answerEvents(
  { runs, standings, storeNotices }: Pick<ProxyContext, "runs" | "standings" | "storeNotices">,
  caller: Caller,
  runId: string,
  after: number,
): Promise<Response> {
  // The log is ours, so the API is not asked on the way: whether it accepts the key is asked here.
  if (caller.ownKey !== null) {
    const verdict = await standings.mayRead(caller.ownKey);
    if (verdict !== "accepted") return NOT_READ[verdict]();
  }
  let answer = await streamOf(runs, caller, runId, after);
  // Created elsewhere with the same key, perhaps.
  if (answer.status === "unknown" && await runs.adopt(caller, runId)) {
    answer = await streamOf(runs, caller, runId, after);
  }
  return answer.status === "unknown"
    ? apiError(404, "Run id not found")
    : eventsResponse(answer, storeNotices);
}

const NOT_READ = {
  refused: () => apiError(401, "Unauthorized: the API does not accept this key"),
  silent: () => apiError(502, "Bad gateway: the API cannot be asked whether it accepts this key"),
};

async function streamOf(
  runs: Pick<ProxyContext["runs"], "stream">,
  caller: Caller,
  runId: string,
  after: number,
): Promise<RelayAnswer> {
  const account = await caller.account();
  return account === null ? { status: "unknown" } : await runs.stream(account, runId, after);
}

/** The response that carries a run's stream, or says why there is none. */
export function eventsResponse(
  answer: Exclude<RelayAnswer, { status: "unknown" }>,
  notices: Pick<StoreNotices, "bind">,
): Response {
  // 204 tells an EventSource to stop.
  if (answer.status === "done") return new Response(null, { status: 204 });
  if (answer.status === "full") {
    const { limit, retryAfterSeconds } = answer;
    return apiError(
      429,
      `Too many live streams: ${limit} are open, which is the limit. Close one and try again; nothing is lost, a stream resumes by its last event id`,
      { "retry-after": String(retryAfterSeconds) },
    );
  }
  return streamResponse(answer.body, notices);
}

/** The response that carries a stream of ours, which says when the store is away. */
export function streamResponse(
  body: ReadableStream<Uint8Array>,
  notices: Pick<StoreNotices, "bind">,
): Response {
  return new Response(notices.bind(body), {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      // nginx would otherwise hold events back until its buffer is full.
      "x-accel-buffering": "no",
    },
  });
}

/** The id to go on after, where it is one of a run's log; anything else means everything. */
export function lastEventId(headers: Headers, query: URLSearchParams): number {
  const text = askedAfter(headers, query) ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

/**
 * The last event id that a reader names, or `null`. The header wins; `lastEventId` is what
 * `reconnecting-eventsource` and the polyfills of EventSource put into the query.
 */
export function askedAfter(headers: Headers, query: URLSearchParams): string | null {
  return headers.get("last-event-id") ?? query.get("last_event_id") ?? query.get("lastEventId");
}
