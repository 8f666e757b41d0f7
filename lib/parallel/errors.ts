/**
 * The Task API's error bodies, and what a person should do about each. Pure: runs in a browser.
 */
import { isObject } from "../base/mod.ts";
import type { ErrorBody } from "./types.ts";

/** Why a request to the API came to nothing. */
export interface ApiFailure {
  /**
   * `refused`: the API said no. `limited`: this instance did, and the API was not asked. `pending`: the
   * same task is on its way already. The others: there was no answer to make sense of.
   */
  readonly kind: "refused" | "limited" | "pending" | "unreachable" | "timeout" | "malformed";
  /** The HTTP status; `null` where there was no response. */
  readonly status: number | null;
  /** The API's reference for its support. */
  readonly refId: string | null;
  /** The API's own words, or ours where it had none. */
  readonly message: string;
  /** What the API said besides; its shape is not documented. */
  readonly detail: unknown;
  /** A refusal in the words of somebody in between, who knows neither keys nor runs. */
  readonly isStrange?: true;
  /** Seconds the API asked to wait. */
  readonly retryAfterSeconds?: number | null;
}

/** The body of an answer that is not 2xx. */
export function errorBody(
  message: string,
  { refId, detail = null }: { refId: string; detail?: Record<string, unknown> | null },
): ErrorBody {
  return { type: "error", error: { ref_id: refId, message, detail } };
}

/** No API issues a key that is shorter, and ordinary words are. */
const KEY_CHARS = 8;

/** The text of an answer without the key that asked for it: an error may quote what it refuses. */
export function withoutKey(text: string, apiKey: string): string {
  return apiKey.length < KEY_CHARS ? text : text.replaceAll(apiKey, "[redacted]");
}

/**
 * Reads an error body of either shape, the second being that of the group, chat and search endpoints
 * (`{"detail": [{"loc", "msg", "type"}]}`); anything else becomes a failure that
 * names the status.
 */
export function parseErrorBody(status: number, body: unknown): ApiFailure {
  const base = {
    kind: "refused",
    status,
    ...(isStrange(body) ? { isStrange: true as const } : {}),
  } as const;
  if (isObject(body) && isObject(body.error) && typeof body.error.message === "string") {
    const { message: words, ref_id: refId, detail = null } = body.error;
    // The message of a 422 says only that something is wrong; its detail says what.
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

/** What the API's refusals are documented to say, whatever shape they have. */
const DOCUMENTED = /^(?:run (?:failed or run )?id not found|unauthorized: )/i;

/**
 * Whether an error body is that of a gateway or a router in between: it says something, and neither in the
 * shape of the Task API, `error.message` without a code, nor in its words.
 */
function isStrange(body: unknown): boolean {
  if (!isObject(body)) return true;
  if (Array.isArray(body.detail)) return false;
  const { error, detail, message } = body;
  if (isObject(error) && typeof error.message === "string") return "code" in error;
  const words = [detail, message, error].find((text) => typeof text === "string");
  return Object.keys(body).length > 0 && !DOCUMENTED.test(String(words ?? ""));
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
  return `The API answered with status ${status} and no explanation`;
}

/** Connections that were never made: name, route, port or certificate. Deno and Node say it in words only. */
const NEVER_CONNECTED =
  /client error \(Connect\)|connection refused|ECONNREFUSED|ENOTFOUND|dns error|tcp connect error/i;

/**
 * Whether a create that failed so may have made a run all the same: the request had gone out, and the
 * answer got lost. No refusal of the API itself is of that kind; a gateway's 502 or 504 is.
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

/** What to do next, in a sentence or two. */
export function adviceFor(failure: ApiFailure): string {
  switch (failure.kind) {
    case "unreachable":
      return mayHaveCreated(failure)
        ? "The connection broke after the task had been sent, so it may have been created: look in " +
          "your Parallel account before you send it again, for each task is billed."
        : "Check the connection to the API, then try again. Nothing was sent.";
    case "timeout":
      return "The API may still have created the task: look in your Parallel account before you " +
        "send it again, for each task is billed.";
    case "malformed":
      if (mayHaveCreated(failure)) {
        return "The API took the request, so the task may have been created: look in your Parallel " +
          "account before you send it again, for each task is billed.";
      }
      return "Something between here and the API answered in its place, or the API has changed. " +
        "Check the API address of this instance, then try again.";
    case "pending":
      return "Look at your tasks in a moment, before you send it again.";
    case "limited":
    case "refused":
      return refusedAdvice(failure.status ?? 0, failure.retryAfterSeconds ?? null);
  }
}

function refusedAdvice(status: number, retryAfterSeconds: number | null): string {
  switch (status) {
    case 401:
      return "The API key is not valid, or no longer. Sign out and sign in with a key that is.";
    case 402:
      return "Add credit to your Parallel account, or wait until running tasks have ended: " +
        "what they may cost is reserved until then. Nothing was billed.";
    case 403:
      return "This processor is not open to your account, or has gone. Choose another one.";
    case 404:
      return "Check the run id, and that you are signed in with the key that created it.";
    case 408:
      return "The run is still going. Ask again; nothing is lost.";
    case 409:
      return "Look at your tasks in a moment, before you send it again.";
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
      return "Something between here and the API gave up on it. The task may have been created: look " +
        "in your Parallel account before you send it again, for each task is billed.";
    default:
      return status >= 500
        ? "The API has a problem of its own. Try again in a minute; if it stays, its status page or " +
          "support can say more."
        : "Look at the message, change the request, then send it again.";
  }
}
