/** Adds rows to the trace that the server rendered, with the component that rendered it. */
import { Fragment, render } from "preact";
import { type LogEvent, sentPayloadOf } from "../../lib/runs/model/mod.ts";
import { Row, timesOf } from "./row.tsx";

/** Appends one row per event. The rows are plain markup: nothing of Preact stays attached. */
export function appendRows(list: HTMLElement, events: readonly LogEvent[], startMs: number) {
  const holder = document.createElement("ol");
  // What a page catches up on carries no time of its own but in messages: the row before it has one.
  const times = timesOf(events, Number(list.dataset.at ?? startMs), sentPayloadOf);
  render(
    <Fragment>
      {events.map((event, i) => (
        <Row
          key={event.id}
          event={{ ...event, received_ms: event.received_ms ?? times[i] ?? startMs }}
          payload={sentPayloadOf(event)}
          notBeforeMs={times[i]}
          startMs={startMs}
        />
      ))}
    </Fragment>,
    holder,
  );
  if (times.length > 0) list.dataset.at = String(times.at(-1));
  list.append(...holder.childNodes);
}
