/** `/tasks/:id/trace.ndjson`: one event a line, which the inspector replays. Pure. */
import { isObject, stringPieces } from "../base/mod.ts";
import { kindOf, type LogEvent, type RunPage, withResult } from "../runs/model/mod.ts";
import { isOneLine, oneLine, outputText } from "./written.ts";

/**
 * The lines in pieces, each line `{id, received_ms, event}` with a line feed; `simulated` besides where
 * the sandbox made the run, `gap` where what came before the event may be missing, `type` where the
 * payload does not say its event's type, and `text`, the payload as it came, where `event` alone would
 * not lead back to it. The last state has its result.
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
    value = JSON.parse(data);
  } catch {
    yield `${typed}"event":`;
    yield* stringPieces(data);
    return;
  }
  // Text in the place of a payload is one that is no JSON.
  const isPlain = isOneLine(data) && typeof value !== "string";
  const isTyped = isObject(value) && value.type === type;
  yield `${isTyped ? "" : typed}"event":`;
  yield* oneLine(data);
  if (isPlain) return;
  yield ',"text":';
  yield* stringPieces(data);
}
