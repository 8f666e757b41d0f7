/** A list that changes while it is looked at. Pure: runs in a browser. */
import type { RunSummary } from "../../../lib/runs/model/mod.ts";
import { fits, type ListQuery } from "./list_query.ts";

/** What is on the page, and what came that is not. */
export interface ListState {
  readonly runs: readonly RunSummary[];
  /** Runs created since that belong on a newer page. */
  readonly fresh: readonly string[];
}

/** What the page was rendered for. */
export interface ListPlace {
  readonly query: ListQuery;
  /** Runs follow on an older page. */
  readonly hasOlder: boolean;
}

/** What happened to a run. */
export type ListChange =
  | { readonly kind: "created" | "changed"; readonly run: RunSummary }
  | { readonly kind: "removed"; readonly run_id: string };

/** Runs that a page grows to: after that, new ones are only counted. */
export const MOST_SHOWN = 100;

/** The list after a change. A run that no longer fits the filters stays where it is looked at. */
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
  // Whether its words match only the server can tell; a page further back keeps its runs; and one that
  // stays open while a program creates runs would grow without end.
  if (query.q !== "" || query.cursor !== "" || state.runs.length >= MOST_SHOWN) {
    const isNews = change.kind === "created" && !state.fresh.includes(run.run_id);
    return isNews ? { ...state, fresh: [...state.fresh, run.run_id] } : state;
  }
  const last = state.runs.at(-1);
  if (hasOlder && last !== undefined && isNewer(last, run)) return state;
  const runs = [...state.runs, run].sort((a, b) => isNewer(a, b) ? -1 : 1);
  return { ...state, runs };
}

function isNewer(a: RunSummary, b: RunSummary): boolean {
  return a.created_ms > b.created_ms || (a.created_ms === b.created_ms && a.run_id > b.run_id);
}
