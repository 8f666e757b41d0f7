/** A run's events, from our own log: whole, numbered and resumable. */
import type { Caller } from "./credentials.ts";
import type { ProxyContext } from "./context.ts";
import { apiError } from "./errors.ts";

/** Streams the events of a run that the caller's account knows. */
export async function answerEvents(
  { runs }: Pick<ProxyContext, "runs">,
  caller: Caller,
  runId: string,
  after: number,
): Promise<Response> {
  const account = await caller.account();
  const answer = account === null
    ? { status: "unknown" as const }
    : await runs.stream(account, runId, after);
  // A run created elsewhere with the same key also ends here.
  if (answer.status === "unknown") return apiError(404, "Run id not found");
  // 204 tells an EventSource to stop.
  if (answer.status === "done") return new Response(null, { status: 204 });
  return new Response(answer.body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      // nginx would otherwise hold events back until its buffer is full.
      "x-accel-buffering": "no",
    },
  });
}

/** The id to go on after; the header wins, and whatever is no id means everything. */
export function lastEventId(headers: Headers, query: URLSearchParams): number {
  const text = headers.get("last-event-id") ?? query.get("last_event_id") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
