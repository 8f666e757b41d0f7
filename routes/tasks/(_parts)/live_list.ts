/** A list that changes while it is viewed. Pure: runs in a browser. */
import type { RunSummary } from "../../../lib/runs/model/mod.ts";
import { fits, type ListQuery } from "./list_query.ts";

/** The runs on the page, and the number of new ones that are not. */
export interface ListState {
  readonly runs: readonly RunSummary[];
  /** New runs that are not shown: they belong on a newer page, or would move the lines. */
  readonly fresh: readonly string[];
}

/** The query and page that were rendered. */
export interface ListPlace {
  readonly query: ListQuery;
  /** Whether an older page follows. */
  readonly hasOlder: boolean;
}

/** A change to a run. */
export type ListChange =
  | { readonly kind: "created" | "changed"; readonly run: RunSummary }
  | { readonly kind: "removed"; readonly run_id: string };

/**
 * Applies a change to the list. A run that no longer matches the filters stays while it is viewed. A new run is
 * only counted, as its line would move those that one reads; but an empty page has none that could move.
 */
export function applyChange(state: ListState, change: ListChange, place: ListPlace): ListState {
  if (change.kind === "removed") {
    const stays = (id: string) => id !== change.run_id;
    return {
      runs: state.runs.filter(({ run_id }) => stays(run_id)),
      fresh: state.fresh.filter(stays),
    };
  }
  const { run } = change;
  const index = state.runs.findIndex(({ run_id }) => run_id === run.run_id);
  if (index !== -1) return { ...state, runs: state.runs.with(index, run) };
  const { query, hasOlder } = place;
  if (!fits(query, run)) return state;
  // Only the server can tell whether search words match, and an older page keeps its runs.
  const isFirst = query.q === "" && query.cursor === "";
  const last = state.runs.at(-1);
  if (isFirst && last === undefined) {
    return { runs: [run], fresh: state.fresh.filter((id) => id !== run.run_id) };
  }
  const isNews = isFirst
    ? !hasOlder || last === undefined || isNewer(run, last)
    : change.kind === "created";
  if (!isNews || state.fresh.includes(run.run_id)) return state;
  return { ...state, fresh: [...state.fresh, run.run_id] };
}

function isNewer(a: RunSummary, b: RunSummary): boolean {
  return a.created_ms > b.created_ms || (a.created_ms === b.created_ms && a.run_id > b.run_id);
}
