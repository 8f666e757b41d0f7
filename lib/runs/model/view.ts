/** What a log says about its run, folded on the server. */
import * as reducer from "./apply.ts";
import { emptyView, type RunView } from "./apply.ts";
import { asRecord, type LogEvent } from "./event.ts";
import { checkJson } from "../../base/mod.ts";

export { emptyView, LOST, type Notice, type RunView } from "./apply.ts";
export { isActiveStatus } from "./event.ts";

/** The view after one more event. An id that the view has already seen changes nothing. */
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
/** The payload as an object, or `null` where the upstream sent something else, or JSON past its bounds. */
export function payloadOf(event: { readonly data: string }): Record<string, unknown> | null {
  try {
    checkJson(event.data);
    return asRecord(JSON.parse(event.data));
  } catch {
    return null;
  }
}
