/** A run's events, from our own log: whole, numbered and resumable. */
import { EVENT_STREAM_HEADERS } from "../base/mod.ts";
import type { StreamOutcome } from "../runs/mod.ts";
import type { Caller } from "./credentials.ts";
import type { ProxyContext } from "./context.ts";
import { apiError } from "./headers.ts";

/** Streams the events of a run that the caller's account knows. */
export async function runEvents(
  { runs, standings }: Pick<ProxyContext, "runs" | "standings">,
  caller: Caller,
  { runId, after, mayAdopt }: {
    readonly runId: string;
    readonly after: number;
    /** Whether a run that is not known here may be recorded from now on. */
    readonly mayAdopt: boolean;
  },
): Promise<Response> {
  // The events come from our own log, so the API does not see this request. Ask it about the key here.
  if (caller.ownKey !== null) {
    const verdict = await standings.mayRead(caller.ownKey);
    if (verdict !== "accepted") return NOT_READ[verdict]();
  }
  let opened = await streamOf(runs, caller, runId, after);
  // The run may have been created elsewhere with the same key.
  if (opened.status === "unknown" && mayAdopt && await runs.adopt(caller, runId)) {
    opened = await streamOf(runs, caller, runId, after);
  }
  return opened.status === "unknown" ? apiError(404, "Run id not found") : eventsResponse(opened);
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
): Promise<StreamOutcome> {
  const account = await caller.account();
  return account === null ? { status: "unknown" } : await runs.stream(account, runId, after);
}

/** Returns the response for an opened stream, or for the reason why there is none. */
export function eventsResponse(
  opened: Exclude<StreamOutcome, { readonly status: "unknown" }>,
): Response {
  switch (opened.status) {
    case "done":
      // 204 tells an EventSource to stop.
      return new Response(null, { status: 204 });
    case "full":
      return apiError(
        429,
        `Too many live streams: ${opened.limit} are open, which is the limit. Close one and try again; nothing is lost, a stream resumes by its last event ID`,
        { "retry-after": String(opened.retryAfterSeconds) },
      );
    case "open":
      return new Response(opened.body, { headers: EVENT_STREAM_HEADERS });
  }
}

/**
 * Returns the last event ID that a client sends for a numbered log. Any other value is 0: all events follow.
 */
export function lastEventNumber(headers: Headers, query: URLSearchParams): number {
  const id = lastEventId(headers, query) ?? "";
  return /^\d{1,15}$/.test(id) ? Number(id) : 0;
}

/** The names of the last event id in a query: ours, and that of `reconnecting-eventsource` and polyfills. */
const IN_QUERY = ["last_event_id", "lastEventId"];

/**
 * The last event id that a reader sends, or `null`. The header wins. A library that was given an id, in a
 * header or in the URL, adds the later one after it when it reconnects: the last one counts.
 */
export function lastEventId(headers: Headers, query: URLSearchParams): string | null {
  // `fetch` joins headers whose names differ by case, as `@microsoft/fetch-event-source` sends them.
  const inHeader = headers.get("last-event-id")?.split(",").at(-1)?.trim();
  if (inHeader) return inHeader;
  return [...query].findLast(([name, id]) => IN_QUERY.includes(name) && id !== "")?.[1] ?? null;
}
