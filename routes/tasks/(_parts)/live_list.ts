/** A list that changes while it is viewed. Pure: runs in a browser. */
import type { RunSummary } from "../../../lib/runs/model/mod.ts";
import { fits, type ListQuery } from "./list_query.ts";

/** The runs on the page, and the new ones that are not. */
export interface ListState {
  readonly runs: readonly RunSummary[];
  /** The IDs of new runs that a newer page has, or this one when it is loaded again. */
  readonly fresh: readonly string[];
}

/** The query and page that were rendered. */
export interface ListPlace {
  readonly query: ListQuery;
  /** Whether an older page follows. */
  readonly hasOlder: boolean;
  /** Whether the pointer or the focus is in the list: its lines must not move. */
  readonly isHeld?: boolean | undefined;
}

/** A change to a run. */
export type ListChange =
  | { readonly kind: "created" | "changed"; readonly run: RunSummary }
  | { readonly kind: "removed"; readonly run_id: string };

/** The most runs that a page grows to. Later ones are only counted. */
export const MAX_SHOWN = 100;

/** Applies a change to the list. A run that no longer matches the filters stays while it is viewed. */
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
  const { query, hasOlder, isHeld } = place;
  const last = state.runs.at(-1);
  if (!fits(query, run) || hasOlder && last !== undefined && isNewer(last, run)) return state;
  // Only the server can tell whether search words match. An older page keeps its runs. And a page that stays
  // open while a program creates runs would grow without limit.
  const isFull = query.q !== "" || query.cursor !== "" || state.runs.length >= MAX_SHOWN;
  if (isFull || isHeld || state.fresh.length > 0) {
    const isKnown = isFull && change.kind === "changed" || state.fresh.includes(run.run_id);
    return isKnown ? state : { ...state, fresh: [...state.fresh, run.run_id] };
  }
  const runs = [...state.runs, run].sort((a, b) => isNewer(a, b) ? -1 : 1);
  return { ...state, runs };
}

function isNewer(a: RunSummary, b: RunSummary): boolean {
  return a.created_ms > b.created_ms || (a.created_ms === b.created_ms && a.run_id > b.run_id);
}
