/** The Task API's error bodies, and advice for each. Pure: runs in a browser. */
import { isObject } from "../base/mod.ts";
import type { ErrorBody } from "./types.ts";

/** Why a request to the API failed. */
export interface ApiFailure {
  /**
   * `refused`: the API rejected the request. `limited`: this instance did, and did not ask the API.
   * `pending`: the same task is already being sent. The others: there was no usable response.
   */
  readonly kind: "refused" | "limited" | "pending" | "unreachable" | "timeout" | "malformed";
  /** The HTTP status; `null` if there was no response. */
  readonly status: number | null;
  /** The API's support reference. */
  readonly refId: string | null;
  /** The API's message, or ours if it had none. */
  readonly message: string;
  /** Further details from the API; their shape is not documented. */
  readonly detail: unknown;
  /** Set if the refusal comes from a gateway or proxy, which knows neither keys nor runs. */
  readonly isFromGateway?: true;
  /** The wait that the API asked for (seconds). */
  readonly retryAfterSeconds?: number | null;
}

/** The body of a non-2xx response. */
export function errorBody(
  message: string,
  { refId, detail = null }: { refId: string; detail?: Record<string, unknown> | null },
): ErrorBody {
  return { type: "error", error: { ref_id: refId, message, detail } };
}

/** The shortest key to redact (characters): shorter texts are ordinary words, and no keys of the API. */
const KEY_CHARS = 8;

/** Removes the request's key from a response's text: an error may quote the rejected value. */
export function withoutKey(text: string, apiKey: string): string {
  return apiKey.length < KEY_CHARS ? text : text.replaceAll(apiKey, "[redacted]");
}

/**
 * Reads an error body in either format; the second is that of the group, chat and search endpoints
 * (`{"detail": [{"loc", "msg", "type"}]}`). For any other body, the failure names the status.
 */
export function parseErrorBody(status: number, body: unknown): ApiFailure {
  const base = {
    kind: "refused",
    status,
    ...(isFromGateway(body) ? { isFromGateway: true as const } : {}),
  } as const;
  if (isObject(body) && isObject(body.error) && typeof body.error.message === "string") {
    const { message: words, ref_id: refId, detail = null } = body.error;
    // The message of a 422 says only that something is wrong. Its detail says what.
    const lines = isObject(detail) && Array.isArray(detail.errors) ? entryLines(detail.errors) : [];
    const message = [words, ...(lines.length > 0 ? [lines.join("; ")] : [])].join(": ");
    return { ...base, refId: typeof refId === "string" ? refId : null, message, detail };
  }
  if (isObject(body) && Array.isArray(body.detail)) {
    const lines = entryLines(body.detail);
    const message = lines.length > 0 ? lines.join("; ") : statusMessage(status);
    return { ...base, refId: null, message, detail: body.detail };
  }
  if (isObject(body) && typeof body.detail === "string") {
    return { ...base, refId: null, message: body.detail, detail: null };
  }
  return { ...base, refId: null, message: statusMessage(status), detail: null };
}

/** The API's documented refusals, in any format. */
const DOCUMENTED = /^(?:run (?:failed or run )?id not found|unauthorized: )/i;

/**
 * Returns whether an error body comes from a gateway or router: it has a message, but neither the Task API's
 * format (`error.message` without a code) nor its wording.
 */
function isFromGateway(body: unknown): boolean {
  if (!isObject(body)) return true;
  if (Array.isArray(body.detail)) return false;
  const { error, detail, message } = body;
  if (isObject(error) && typeof error.message === "string") return "code" in error;
  const words = [detail, message, error].find((text) => typeof text === "string");
  return !DOCUMENTED.test(String(words ?? ""));
}

function entryLines(entries: readonly unknown[]): string[] {
  return entries.flatMap((entry) => readEntry(entry) ?? []);
}

function readEntry(entry: unknown): string | null {
  if (!isObject(entry) || typeof entry.msg !== "string") return null;
  const place = Array.isArray(entry.loc) ? entry.loc.filter((step) => step !== "body") : [];
  return place.length > 0 ? `${place.join(".")}: ${entry.msg}` : entry.msg;
}

function statusMessage(status: number): string {
  return `The API responded with status ${status} and no explanation`;
}

/**
 * The connection was never made: a name, route, port or certificate error. Deno and Node report it only in
 * the message.
 */
const NEVER_CONNECTED =
  /client error \(Connect\)|connection refused|ECONNREFUSED|ENOTFOUND|dns error|tcp connect error/i;

/**
 * Returns whether a create that failed this way may have created a run: the request was sent, and the
 * response was lost. The API's own refusals are never of this kind. A gateway's 502 or 504 is.
 */
export function mayHaveCreated({ kind, status, message }: ApiFailure): boolean {
  switch (kind) {
    case "timeout":
      return true;
    case "unreachable":
      return !NEVER_CONNECTED.test(message);
    case "malformed":
      return status !== null && status >= 200 && status < 300;
    case "refused":
      return status === 502 || status === 504;
    case "limited":
    case "pending":
      return false;
  }
}

/** Returns what to do next, in a sentence or two. */
export function adviceFor(failure: ApiFailure): string {
  switch (failure.kind) {
    case "unreachable":
      return mayHaveCreated(failure)
        ? "The connection broke after the task was sent, so it may have been created. Check your " +
          "Parallel account before you resend it: each task is billed."
        : "Check the connection to the API, then try again. Nothing was sent.";
    case "timeout":
      return "The API may still have created the task. Check your Parallel account before you " +
        "resend it: each task is billed.";
    case "malformed":
      if (mayHaveCreated(failure)) {
        return "The API accepted the request, so the task may have been created. Check your Parallel " +
          "account before you resend it: each task is billed.";
      }
      return "A proxy responded instead of the API, or the API has changed. " +
        "Check this instance’s API address, then try again.";
    case "pending":
      return "Check your tasks in a moment before you resend it.";
    case "limited":
    case "refused":
      return refusedAdvice(failure.status ?? 0, failure.retryAfterSeconds ?? null);
  }
}

function refusedAdvice(status: number, retryAfterSeconds: number | null): string {
  switch (status) {
    case 401:
      return "The API key is invalid or was revoked. Sign out, then sign in with a valid key.";
    case 402:
      return "Add credit to your Parallel account, or wait for active runs to end: " +
        "their cost is reserved until then. Nothing was billed.";
    case 403:
      return "This processor is not available to your account, or no longer exists. Choose another one.";
    case 404:
      return "Check the run ID, and that you are signed in with the key that created it.";
    case 408:
      return "The run is still in progress. Try again later; nothing is lost.";
    case 409:
      return "Check your tasks in a moment before you resend it.";
    case 413:
      return "The request is too large. Shorten the input or the schema.";
    case 422:
      return "Change what the message names, then send it again. Nothing was billed.";
    case 429:
      return retryAfterSeconds === null
        ? "Too many tasks in a short time. Wait a minute, then send it again. Nothing was billed."
        : `Too many tasks in a short time. Send it again in ${retryAfterSeconds} s. Nothing was billed.`;
    case 502:
    case 504:
      return "A proxy between here and the API gave up. The task may have been created. Check your " +
        "Parallel account before you resend it: each task is billed.";
    default:
      return status >= 500
        ? "The API has an internal error. Try again in a minute. If it persists, check its status " +
          "page or contact its support."
        : "Change the request as the message says, then send it again.";
  }
}
