/** Builds responses in the API's formats. */
import { errorBody } from "../parallel/mod.ts";
import type { Problem } from "../tasks/fields/mod.ts";

/** JSON without CORS headers: like the API, the sandbox cannot be called from other origins. */
export function jsonResponse(body: unknown, status = 200, headers: HeadersInit = {}): Response {
  return Response.json(body, { status, headers });
}

/** An error in the API's canonical format. */
export function refuse(
  status: number,
  message: string,
  detail: Record<string, unknown> | null = null,
  headers: HeadersInit = {},
): Response {
  return jsonResponse(errorBody(message, { refId: crypto.randomUUID(), detail }), status, headers);
}

/** The documented messages. */
export const UNAUTHORIZED = "Unauthorized: invalid or missing credentials";
export const UNKNOWN_PROCESSOR = "Forbidden: invalid processor in request";
export const UNKNOWN_RUN = "Run id not found";
export const NO_RESULT = "Run failed or run id not found";
export const STILL_ACTIVE = "Request timed out; run still active";
export const INVALID_BODY = "Unprocessable content: request validation error";
export const INVALID_REQUEST = "Request validation error";

/** A 422 that names each invalid field, in the format of the API's other endpoints. */
export function refuseFields(
  message: string,
  problems: readonly Problem[],
  place: string,
): Response {
  return refuse(422, message, { errors: problems.map(detailIn(place)) });
}

/** Formats a problem as the API does. `place` is `body` or `query`. */
export const detailIn = (place: string) => ({ field, message }: Problem) => ({
  loc: [place, ...field.split(".").filter((step) => step !== "")],
  msg: message,
  type: "value_error",
});
