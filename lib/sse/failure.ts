import { SSEError } from "./error.ts";
import type { Payload } from "./json.ts";
import { valuesAt } from "./providers/provider.ts";

/** Codes that say "later": the busy, the slow and the broken, never the refused. */
const PASSING =
  /overload|rate_?limit|too_?many|timeout|timed_out|unavailable|server_error|api_error|internal|resource_?exhausted|try_again|^(408|409|429|5\d\d)$/i;
const FINAL = /quota|billing|invalid|permission|authentication/i;

/** Where APIs put what went wrong in the middle of a stream. */
const PLACES = ["error", "response.error", "delta.error"];

/**
 * The error a payload reports, if it reports one: `{error: {…}}`, `{type: "error", …}`, an event
 * named `error`, or an answer that ended in failure. `text` is what was received before it.
 */
export function failureIn({ payload, event }: Payload, text: string): SSEError | undefined {
  const own = valuesAt(payload, "type")[0] === "error" || event.event === "error";
  // `false`, 0 and "" say that there is none, as `null` does.
  const body = PLACES.flatMap((place) => valuesAt(payload, place)).find(Boolean);
  const [finish] = ["finish_reason", "delta.finish_reason"].flatMap((at) => valuesAt(payload, at));
  if (body === undefined && !own && !/^ERROR/.test(String(finish))) return undefined;
  const what = body ?? payload;
  const codes = ["status", "code", "type", "ref_id"].flatMap((name) => valuesAt(what, name));
  const code = codes.find((value) => typeof value === "string" && value !== "error") ?? codes[0];
  const message = typeof what === "string" ? what : valuesAt(what, "message")[0] ??
    (finish === undefined ? "the stream reports an error" : `the answer ended with ${finish}`);
  const passing = codes.some((value) => PASSING.test(String(value)));
  return new SSEError("provider", String(message), {
    ...(code === undefined ? {} : { code: String(code) }),
    retryable: passing && !codes.some((value) => FINAL.test(String(value))),
    text,
    cause: payload,
  });
}
