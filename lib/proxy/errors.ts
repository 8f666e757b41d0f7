/** Our own refusals, in the Task API's error shape. */
import { errorBody } from "../parallel/mod.ts";

/** An error in the shape of the Task API. `refId` is set if a log line has the same id. */
export function apiError(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  refId: string = crypto.randomUUID(),
): Response {
  return Response.json(errorBody(message, { refId }), { status, headers });
}

/**
 * Tells the official SDK not to repeat a create: the first one may have been billed (`shouldRetry` in
 * parallel-web's client reads this header).
 */
export const NO_RETRY: Readonly<Record<string, string>> = { "x-should-retry": "false" };
