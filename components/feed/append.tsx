/** Adds rows to the trace that the server rendered, with the component that rendered it. */
import { Fragment, render } from "preact";
import type { LogEvent } from "../../lib/runs/event.ts";
import { EventRow } from "../EventRow.tsx";

/** Appends one row per event. The rows are plain markup: nothing of Preact stays attached. */
export function appendRows(list: Element, events: readonly LogEvent[], startMs: number) {
  const holder = document.createElement("ol");
  render(
    <Fragment>
      {events.map((event) => <EventRow key={event.id} event={event} startMs={startMs} />)}
    </Fragment>,
    holder,
  );
  list.append(...holder.childNodes);
}
