/** `/tasks/:id/trace.ndjson`: one event a line, which the inspector replays. Pure. */
import { isObject, parseJson } from "../parallel/json.ts";
import type { TaskRunOutput } from "../parallel/types.ts";
import { kindOf, type LogEvent } from "../runs/event.ts";
import type { RunPage } from "../runs/model.ts";

/**
 * The lines, each `{id, received_ms, event}` with a line feed; `simulated` besides where the sandbox
 * made the run. Payloads keep their very text, and the last state has its result.
 */
export function* traceLines(page: RunPage): Generator<string> {
  const { events, run } = page;
  const simulated = run.simulated ? '"simulated":true,' : "";
  const last = events.findLast((event) => kindOf(event.type) === "state");
  for (const event of events) {
    const { id, received_ms } = event;
    const payload = payloadText(event, event === last ? page.output : null);
    yield `{"id":${id},"received_ms":${received_ms},${simulated}${payload}}\n`;
  }
}

function payloadText(event: LogEvent, output: TaskRunOutput | null): string {
  const { type, data } = event;
  const json = parseJson(data);
  // Not JSON: the type, which is part of the payload elsewhere, would be lost.
  if (!json.ok) return `"type":${JSON.stringify(type)},"event":${JSON.stringify(data)}`;
  if (output !== null && isObject(json.value) && json.value.output === null) {
    return `"event":${JSON.stringify({ ...json.value, output })}`;
  }
  // A line of its own for every event, however the upstream broke its lines.
  return `"event":${/[\r\n]/.test(data) ? JSON.stringify(json.value) : data}`;
}
