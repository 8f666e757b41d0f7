/** What a log says about its run, folded on the server. */
import * as reducer from "./apply.ts";
import { emptyView, type RunView } from "./apply.ts";
import { asRecord, type LogEvent } from "./event.ts";
import { checkJson } from "../../base/mod.ts";

export { emptyView, LOST, type Notice, type RunView } from "./apply.ts";
export { isActiveStatus } from "./event.ts";

/** Returns the view after one more event. Ignores an ID that the view has already seen. */
export function applyStored(view: RunView, event: LogEvent): RunView {
  return reducer.applyEvent(view, event, payloadOf);
}

/** The view of a whole log. */
export function foldEvents(events: Iterable<LogEvent>, from: RunView = emptyView()): RunView {
  let view = from;
  for (const event of events) view = applyStored(view, event);
  return view;
}

// Reads the payloads of a log's events on the server.
/** Returns the payload as an object, or `null` if it is something else or exceeds the JSON limits. */
export function payloadOf(event: { readonly data: string }): Record<string, unknown> | null {
  try {
    checkJson(event.data);
    return asRecord(JSON.parse(event.data));
  } catch {
    return null;
  }
}
