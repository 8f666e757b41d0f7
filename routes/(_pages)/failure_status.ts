/** The status of a page that says why the API made no run. Pure. */
import type { ApiFailure } from "../../lib/parallel/errors.ts";

/** A refusal's own status; 502 where there was no answer worth the name. */
export function statusOf(failure: ApiFailure): number {
  const { kind, status } = failure;
  return kind === "refused" && status !== null && status >= 400 && status < 500 ? status : 502;
}
