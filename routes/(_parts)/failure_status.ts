/** How a page answers that says why the API made no run. Pure. */
import type { ApiFailure } from "../../lib/parallel/mod.ts";

/** A refusal's own status, the API's or ours; 502 where there was no answer worth the name. */
export function statusOf({ kind, status }: ApiFailure): number {
  const refused = kind === "refused" || kind === "limited" || kind === "pending";
  return refused && status !== null && status >= 400 && status < 500 ? status : 502;
}

/** Status and headers: a client that is to wait is told how long. */
export function answerOf(failure: ApiFailure): { status: number; headers: HeadersInit } {
  const seconds = failure.retryAfterSeconds ?? null;
  return {
    status: statusOf(failure),
    headers: seconds === null ? {} : { "retry-after": `${seconds}` },
  };
}
