/** Hides what comes on a live page that shows only what was searched for. Loaded with the first such event. */
import { type EventKind, kindFilters, type LogEvent, matching } from "../../lib/runs/model/mod.ts";

/** Hides the new rows without an event that was searched for, and shows a group once it has one. */
export function hideOthers({ find = "", kind = "" }: DOMStringMap, events: readonly LogEvent[]) {
  const isFound = matching(find);
  const kinds = kindFilters().get(kind);
  const rows = Map.groupBy(
    events,
    ({ id }) => document.getElementById(`e${id}`)?.closest<HTMLElement>(".e"),
  );
  for (const [row, told] of rows) {
    if (!row) continue;
    const isOfKind = kinds?.includes(row.dataset.kind as EventKind) ?? true;
    const first = row.id || row.querySelector("[id^=e]")?.id;
    if (isOfKind && told.some(isFound)) row.hidden = false;
    else if (first === `e${told[0]?.id}`) row.hidden = true;
  }
}
