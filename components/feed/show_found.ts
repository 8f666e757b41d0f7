/** Shows new events of a live page that a search matches. Loaded with the first event during a search. */
import { type EventKind, kindFilters, type LogEvent, matching } from "../../lib/runs/model/mod.ts";

/**
 * Shows the rows with a matching event, which were appended hidden. Others are removed, because a search
 * drops no earlier rows of a long page; the last one may still grow.
 */
export function showFound({ find = "", kind = "" }: DOMStringMap, events: readonly LogEvent[]) {
  const isFound = matching(find);
  const kinds = kindFilters().get(kind);
  const rows = Map.groupBy(
    events,
    ({ id }) => document.getElementById(`e${id}`)?.closest<HTMLElement>(".e"),
  );
  for (const [row, added] of rows) {
    if (!row?.hidden) continue;
    const isOfKind = kinds?.includes(row.dataset.kind as EventKind) ?? true;
    if (isOfKind && added.some(isFound)) row.hidden = false;
    else if (row.nextElementSibling) row.remove();
  }
}
