/** Hides new events of a live page that a search does not match. Loaded with the first event during a search. */
import { type EventKind, kindFilters, type LogEvent, matching } from "../../lib/runs/model/mod.ts";

/** Hides new rows without a matching event, and shows a group as soon as it has one. */
export function hideOthers({ find = "", kind = "" }: DOMStringMap, events: readonly LogEvent[]) {
  const isFound = matching(find);
  const kinds = kindFilters().get(kind);
  const rows = Map.groupBy(
    events,
    ({ id }) => document.getElementById(`e${id}`)?.closest<HTMLElement>(".e"),
  );
  for (const [row, added] of rows) {
    if (!row) continue;
    const isOfKind = kinds?.includes(row.dataset.kind as EventKind) ?? true;
    const first = row.id || row.querySelector("[id^=e]")?.id;
    if (isOfKind && added.some(isFound)) row.hidden = false;
    else if (first === `e${added[0]?.id}`) row.hidden = true;
  }
}
