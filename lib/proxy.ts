/**
 * `/api`: the Task API's paths under our own roof. So far the one that is ours in substance: a run's
 * events, made whole and resumable.
 */
import type { Services } from "./services.ts";
import type { Account } from "./state.ts";

const EVENTS = /^\/api\/(?:v1|v1beta)\/tasks\/runs\/([\w-]{1,100})\/events$/;

/** Answers a request below `/api` for whoever is signed in. */
export async function answerApi(
  services: Services,
  account: Account | null,
  request: Request,
): Promise<Response> {
  const url = new URL(request.url);
  const runId = EVENTS.exec(url.pathname)?.[1];
  if (runId === undefined) return apiError(404, "There is nothing at this path");
  if (request.method !== "GET") {
    return apiError(405, "Events are read with GET", { allow: "GET" });
  }
  if (account === null) return apiError(401, "Unauthorized: sign in first");
  const after = lastEventId(request.headers, url.searchParams);
  const answer = await services.runs.stream(account.id, runId, after);
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
function lastEventId(headers: Headers, query: URLSearchParams): number {
  const text = headers.get("last-event-id") ?? query.get("last_event_id") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

/** An error in the Task API's own shape. */
function apiError(status: number, message: string, headers: Record<string, string> = {}): Response {
  const error = { ref_id: crypto.randomUUID(), message, detail: null };
  return Response.json({ type: "error", error }, { status, headers });
}
