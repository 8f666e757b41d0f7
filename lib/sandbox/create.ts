/** Reads the request for a run, and builds the API's error responses. */
import {
  inTurns,
  JsonBoundsError,
  readBody,
  readingVerbatim,
  REQUEST_BOUNDS,
} from "../base/mod.ts";
import { processor, type TaskRunInput } from "../parallel/mod.ts";
import { validateTaskInput } from "../tasks/fields/mod.ts";
import * as messages from "./responses.ts";
import { refuse, refuseFields } from "./responses.ts";
import { costlyProblems, faultsOf } from "./faults.ts";

/** The largest body of a create (bytes): far above the API's own limits on its parts. */
const MAX_BODY_BYTES = 512 * 1024;

/** The request, or the error response. */
export async function readCreate(
  request: Request,
  { costlyFaults }: { readonly costlyFaults: boolean },
): Promise<TaskRunInput | Response> {
  const read = await readBody(request, { maxBytes: MAX_BODY_BYTES });
  if (!read.ok) {
    return read.status === 413
      ? refuse(413, `The request is larger than ${MAX_BODY_BYTES} bytes`)
      : refuse(read.status, "The request is incomplete");
  }
  let body: unknown;
  try {
    const text = new TextDecoder().decode(read.bytes);
    body = await inTurns(readingVerbatim(text, REQUEST_BOUNDS));
  } catch (error) {
    const message = error instanceof JsonBoundsError ? error.message : "The body is not JSON";
    return refuseFields(messages.INVALID_BODY, [{ field: "", message }], "body");
  }
  const checked = validateTaskInput(body);
  if (!checked.ok) return refuseFields(messages.INVALID_BODY, checked.problems, "body");
  const { input } = checked;
  if (processor(input.processor) === null) return refuse(403, messages.UNKNOWN_PROCESSOR);
  const { faults, refusal } = faultsOf(input);
  const costly = costlyFaults ? [] : costlyProblems({ faults });
  if (costly.length > 0) return refuseFields(messages.INVALID_BODY, costly, "body");
  if (refusal !== null) {
    const headers: HeadersInit = refusal.status === 429 ? { "retry-after": "2" } : {};
    return refuse(refusal.status, refusal.message, { simulated: true }, headers);
  }
  return input;
}
