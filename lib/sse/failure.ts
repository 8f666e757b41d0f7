import { SSEError } from "./error.ts";
import { valuesAt } from "./providers/provider.ts";
import { messageIn } from "./server_message.ts";

/** Codes of errors that pass: the server is busy, slow or broken. */
export const PASSING =
  /overload|throttl|rate_?limit|too_?many|network|timeout|timed_out|unavailable|server_error|api_error|internal|resource_?exhausted|try_again|insufficient_system|^(408|409|429|5\d\d)$/i;
const FINAL = /quota|billing|invalid|permission|authentication/i;

/** Where APIs put an error in the middle of a stream. */
const PLACES = [
  "error",
  "errors.0",
  // Google's list of one.
  "0.error",
  "response.error",
  "delta.error",
  "choices.*.error",
  "choices.*.delta.error",
  "x_groq.error",
];

/** Where APIs say how a response ended, and the words for an end that is a failure. */
const ENDS = [
  "choices.*.!index.finish_reason",
  "choices.*.!index.finish_reason.type",
  "candidates.*.!index.finishReason",
  "finish_reason",
  "delta.finish_reason",
  "response.status",
  "run.status",
];
const FAILED =
  /error|^malformed_|^(failed|failure|cancell?ed|abort(ed)?|timeout|insufficient_system_resource)$/i;
/** Where they say why. */
const REASONS = [
  "base_resp.status_msg",
  "candidates.0.finishMessage",
  "choices.0.finish_reason.message",
];

/** How AWS names an error: an event, or the only member of its data. */
const EXCEPTION = /^[a-z]+exception$/i;

/**
 * Returns the error that a payload reports, if any: `{error: {…}}`, `{type: "error", …}`,
 * `{object: "error", …}`, `{throttlingException: {…}}`, an event named `error` or so, a response that ended
 * in failure, or, once the response has begun, a bare `{message: "…"}` or `{detail: …}`. `text` is the text
 * received before it.
 */
export function failureIn(
  payload: unknown,
  type: string,
  text: string,
  isBegun: unknown,
): SSEError | undefined {
  const all = (paths: readonly string[], inside = payload) =>
    paths.flatMap((path) => valuesAt(inside, path));
  const is = (name: string) => all([name])[0];
  const finish = all(ENDS).map(String).find((word) => FAILED.test(word));
  const names = typeof payload === "object" && payload ? Object.keys(payload) : [];
  const exception = [type, ...names].find((name) =>
    EXCEPTION.test(name) && (name === type || is(name))
  );
  // `false`, 0 and "" mean that there is no error, like `null`.
  const body = all(finish ? [...PLACES, "run.error"] : PLACES).find(Boolean) ??
    (exception && is(exception));
  const own = is("type") === "error" || is("object") === "error" || type === "error" ||
    exception || is("__type") || is("error_message") || is("error_code") ||
    is("base_resp.status_code") ||
    // Problem details (RFC 9457), whose type is an address.
    (is("title") && Number(is("status")) >= 400) ||
    (isBegun && (is("detail") || typeof is("message") === "string") &&
      !all(["type", "object", "choices"]).length);
  if (!body && !own && !finish) return undefined;
  const what = body ?? is("base_resp") ?? payload;
  const codes = [
    exception,
    ...all([
      "status",
      "code",
      "type",
      "error_type",
      "status_code",
      "ref_id",
      "__type",
      "error_code",
    ], what),
  ].filter((code) => code !== undefined);
  const code = codes.find((value) => typeof value === "string" && value !== "error") ?? codes[0];
  const message = messageIn(what) ?? all(["error_msg", "errorText"], what)[0] ??
    all(REASONS)[0] ??
    (finish === undefined ? "the stream reports an error" : `the answer ended with ${finish}`);
  const passing = [...codes, finish].some((value) => PASSING.test(String(value)));
  return new SSEError("provider", String(message), {
    ...(code === undefined ? {} : { code: String(code) }),
    retryable: passing && !codes.some((value) => FINAL.test(String(value))),
    text,
    cause: payload,
  });
}
