/** The list's presets with their counts, and how batches fit its filters. Pure. */
import { count } from "../../../lib/base/mod.ts";
import type { BatchSummary } from "../../../lib/batches/mod.ts";
import { type LineCounts, MAX_COUNTED } from "../../../lib/runs/mod.ts";
import { facetValues } from "../../../lib/runs/model/mod.ts";
import { datesOf, type ListQuery, readListQuery } from "./list_query.ts";

/** A list without filters. Kept out of list_query.ts so browsers need not load the query parser. */
export const EVERYTHING: ListQuery = readListQuery(new URLSearchParams());

/** A link above the list. */
export interface Preset {
  readonly label: string;
  readonly query: ListQuery;
  readonly count: string;
  readonly isCurrent: boolean;
  /** Something is alive there. */
  readonly isAlive: boolean;
}

/** The run statuses that match a batch's state. */
const STATUSES: Readonly<Record<BatchSummary["state"], string>> = {
  draft: "action_required",
  running: "running",
  paused: "action_required",
  done: "completed",
};

/** Returns whether a batch is a line of a filtered list. One with failed rows is also among the failed. */
export function batchFits(query: ListQuery, batch: BatchSummary): boolean {
  const { from_ms, to_ms } = datesOf(query);
  const output = batch.outputs.join() === "output" ? "text" : "json";
  const statuses = query.status === "" ? null : facetValues("status", query.status);
  return query.q === "" && query.schema === "" &&
    (statuses === null || statuses.includes(STATUSES[batch.state]) ||
      (statuses.includes("failed") && (batch.counts.failed ?? 0) > 0)) &&
    (query.processor === "" || query.processor === batch.processor) &&
    (query.output === "" || query.output === output) &&
    batch.created_ms >= (from_ms ?? 0) && batch.created_ms < (to_ms ?? Infinity);
}

export interface PresetOptions {
  readonly query: ListQuery;
  readonly counts: LineCounts;
  /** The account's newest batches. */
  readonly batches: readonly BatchSummary[];
  /** The UTC day, `YYYY-MM-DD`. */
  readonly today: string;
}

/** The presets: all, running, needs attention, failed, created today. */
export function presetsOf({ query, counts, batches, today }: PresetOptions): Preset[] {
  const { byStatus } = counts;
  const all = [...byStatus.values()].reduce((sum, lines) => sum + lines, 0);
  const ofStatus = (status: string) =>
    facetValues("status", status).reduce((sum, each) => sum + (byStatus.get(each) ?? 0), 0);
  const presets: readonly (readonly [string, Partial<ListQuery>, number])[] = [
    ["All", {}, all],
    ["Running", { status: "active" }, ofStatus("active")],
    ["Needs you", { status: "action_required" }, ofStatus("action_required")],
    ["Failed", { status: "failed" }, ofStatus("failed")],
    ["Today", { from: today, to: today }, counts.today],
  ];
  return presets.map(([label, changes, runs]) => {
    const filter = { ...EVERYTHING, ...changes };
    const lines = runs + batches.filter((batch) => batchFits(filter, batch)).length;
    const isCapped = label === "Today" && counts.today >= MAX_COUNTED;
    return {
      label,
      query: { ...filter, q: query.q },
      count: isCapped ? `${MAX_COUNTED - 1}+` : count(lines),
      isCurrent: filter.status === query.status && filter.from === query.from &&
        filter.to === query.to && query.processor === "" && query.output === "" &&
        query.schema === "" && query.ids === "",
      isAlive: label === "Running" && lines > 0,
    };
  });
}
