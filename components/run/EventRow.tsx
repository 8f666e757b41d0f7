/** The rows of a trace as the server draws them. */
import { type LogEvent, payloadOf } from "../../lib/runs/model/mod.ts";
import * as rows from "../feed/row.tsx";

/** A row of the feed: time, kind, what it says. */
export function EventRow(props: Omit<rows.RowProps, "payload">) {
  return <rows.Row {...props} payload={payloadOf(props.event)} />;
}

/** The times up to and including each event: none is earlier than the one before (Unix ms). */
export function timesOf(events: readonly LogEvent[], fromMs = 0): number[] {
  return rows.timesOf(events, fromMs, payloadOf);
}
