/** Shows new events of a live page that a search matches. Loaded with the first event during a search. */
import {
  type EventKind,
  kindFilters,
  kindOf,
  type LogEvent,
  matching,
} from "../../lib/runs/model/mod.ts";

/**
 * Shows the rows with a matching event, which were appended hidden. Others are removed, because a search
 * drops no earlier rows of a long page; the last one may still grow. The number of found events counts on.
 */
export function showFound(trace: HTMLElement, events: readonly LogEvent[]) {
  const { find = "", kind = "" } = trace.dataset;
  const kinds = kindFilters().get(kind);
  const matches = new Set(events.filter(matching(find)));
  const found = [...matches].filter(({ type }) => kinds?.includes(kindOf(type)) ?? true).length;
  const [number, total] = trace.querySelectorAll(".trace-found > span");
  if (number && found > 0) {
    const before = Number(number.textContent.replace(/\D/g, ""));
    number.textContent = (before + found).toLocaleString("en");
  }
  if (total) total.textContent = (events.at(-1)?.id ?? 0).toLocaleString("en");
  const rows = Map.groupBy(
    events,
    ({ id }) => document.getElementById(`e${id}`)?.closest<HTMLElement>(".e"),
  );
  for (const [row, added] of rows) {
    if (!row?.hidden) continue;
    const isOfKind = kinds?.includes(row.dataset.kind as EventKind) ?? true;
    if (isOfKind && added.some((event) => matches.has(event))) row.hidden = false;
    else if (row.nextElementSibling) row.remove();
  }
}
