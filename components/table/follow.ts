/** Follows a batch's events and folds them into its view once per animation frame. */
import { applyBatchEvent, type BatchEvent, type BatchView } from "../../lib/batches/model/mod.ts";
import { isObject } from "../../lib/base/mod.ts";
import { followStream, type LiveStreamOptions } from "../live_stream.ts";

export interface FollowBatchOptions extends Omit<LiveStreamOptions, "lastId" | "onEvents"> {
  /** The view that the page shows. */
  readonly view: BatchView;
  /** Called with the new view and the changed rows. */
  readonly onChange: (view: BatchView, rows: ReadonlySet<number>) => void;
}

/** Follows a batch until the signal aborts or the server refuses. */
export function followBatch({ view, onChange, ...options }: FollowBatchOptions): void {
  followStream({
    ...options,
    lastId: String(view.lastId),
    onEvents(events) {
      const rows = new Set<number>();
      for (const { data } of events) {
        // Our server wrote it.
        const event: BatchEvent = JSON.parse(data);
        if (event.id <= view.lastId) continue;
        view = applyBatchEvent(view, event);
        for (const row of rowsOf(event)) rows.add(row);
      }
      onChange(view, rows);
    },
  });
}

function rowsOf({ data }: BatchEvent): number[] {
  const rows = isObject(data) && Array.isArray(data.rows) ? data.rows : [];
  return rows.flatMap((change) =>
    isObject(change) && typeof change.row === "number" ? [change.row] : []
  );
}
