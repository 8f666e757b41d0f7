/** `/tasks/:id/trace.ndjson`: one event per line, for replay in the inspector. Pure. */
import { isObject, readingVerbatim, stringPieces } from "../base/mod.ts";
import { kindOf, type LogEvent, type RunPage, withResult } from "../runs/model/mod.ts";
import { isOneLine, oneLine, outputText } from "./written.ts";

/**
 * Yields the lines in pieces. Each line is `{id, received_ms, event}` and a line feed. It also has
 * `simulated` for a sandbox run, `gap` if earlier events may be missing, `type` if the payload does not name
 * its event type, and `text`, the original payload, if `event` alone could not reproduce it. The last state
 * contains its result.
 */
export function* traceLines(page: RunPage): Generator<string> {
  const { events, run } = page;
  const simulated = run.simulated ? '"simulated":true,' : "";
  const last = events.findLast((event) => kindOf(event.type) === "state");
  const output = outputText(page);
  const gaps = new Map(
    page.gaps?.map(({ after, from_ms, to_ms }) => [
      after + 1,
      `"gap":${JSON.stringify({ from_ms, to_ms })},`,
    ]),
  );
  for (const event of events) {
    const { id, received_ms } = event;
    yield `{"id":${id},"received_ms":${received_ms},${simulated}${gaps.get(id) ?? ""}`;
    yield* payloadPieces(
      event === last ? { ...event, data: withResult(event.data, output) } : event,
    );
    yield "}\n";
  }
}

function* payloadPieces({ type, data }: LogEvent): Generator<string> {
  const typed = `"type":${JSON.stringify(type)},`;
  let value: unknown;
  try {
    // Within bounds: reading more would take seconds.
    value = yield* readingVerbatim(data);
  } catch {
    yield `${typed}"event":`;
    yield* stringPieces(data);
    return;
  }
  // Write a payload as a string if it is not JSON, or exceeds the bounds.
  const isPlain = isOneLine(data) && typeof value !== "string";
  const isTyped = isObject(value) && value.type === type;
  yield `${isTyped ? "" : typed}"event":`;
  yield* oneLine(data);
  if (isPlain) return;
  yield ',"text":';
  yield* stringPieces(data);
}
