/** The response status of a page that reports why no run was created. Pure. */
import type { ApiFailure } from "../../lib/parallel/mod.ts";

/** Returns the rejection's own status, the API's or ours, or 502 if there was no usable response. */
export function statusOf({ kind, status }: ApiFailure): number {
  const refused = kind === "refused" || kind === "limited" || kind === "pending";
  return refused && status !== null && status >= 400 && status < 500 ? status : 502;
}

/** Status and headers, including how long a client should wait. */
export function answerOf(failure: ApiFailure): { status: number; headers: HeadersInit } {
  const seconds = failure.retryAfterSeconds ?? null;
  return {
    status: statusOf(failure),
    headers: seconds === null ? {} : { "retry-after": `${seconds}` },
  };
}
