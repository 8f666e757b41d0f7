/** Our own refusals, in the Task API's error shape. */
import { errorBody } from "../parallel/errors.ts";

/** An error as the Task API would word it; `refId` where the log names it too. */
export function apiError(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  refId: string = crypto.randomUUID(),
): Response {
  return Response.json(errorBody(message, { refId }), { status, headers });
}

/**
 * Tells the official SDK not to send a create again by itself: whether the first one was billed is
 * unknown (`shouldRetry` in parallel-web's client reads this header).
 */
export const NO_RETRY: Readonly<Record<string, string>> = { "x-should-retry": "false" };
