/**
 * The reducer of a batch's log. Server pages, live pages and exports use it. Pure; ignores unknown events.
 */
import { isObject } from "../../base/mod.ts";
import { isTerminal } from "../../parallel/mod.ts";
import {
  type BatchEvent,
  type BatchState,
  isCount,
  isState,
  readChange,
  readColumn,
  textOf,
} from "./events.ts";
import type { OutputColumn } from "./events.ts";
import { type Pace, SPAN_MS } from "./pace.ts";
import { changed, isLow, newRow, type RowView, setOf, WAITING } from "./rows.ts";
import { type ColumnSet, decisiveOf, joinedRow, pageOf, rowIn } from "./sets.ts";

/** The state of a batch, folded from its log. */
export interface BatchView {
  readonly lastId: number;
  readonly name: string;
  readonly state: BatchState;
  /** Why the batch is paused. */
  readonly reason: string | null;
  readonly rows: number;
  /** The batch's own column set first, then added ones. */
  readonly sets: readonly ColumnSet[];
  /** The columns of all sets, with unique names. The cells of {@linkcode rowView} match them by index. */
  readonly outputs: readonly OutputColumn[];
  /** Number of rows by status, over all column sets. */
  readonly counts: Readonly<Record<string, number>>;
  /** Rows with a low-confidence cell. */
  readonly low: number;
  readonly spent_usd: number;
  /** When the first row was sent (Unix ms); `null` before that. */
  readonly started_ms: number | null;
  /** When a row was last sent (Unix ms). */
  readonly sent_ms: number | null;
  /** When a row last changed (Unix ms). */
  readonly changed_ms: number | null;
  /** Rows that ended recently. */
  readonly pace: Pace;
}

/** Column sets per batch, its own included. */
export const MAX_SETS = 20;

/** The view of an empty log. */
export function emptyBatchView(name: string, rows: number): BatchView {
  const counts: Record<string, number> = rows > 0 ? { [WAITING]: rows } : {};
  return {
    lastId: 0,
    name,
    state: "running",
    reason: null,
    rows,
    sets: [{ processor: null, outputs: [], pages: new Map(), counts, low: 0 }],
    outputs: [],
    counts,
    low: 0,
    spent_usd: 0,
    started_ms: null,
    sent_ms: null,
    changed_ms: null,
    pace: [],
  };
}

/** The state of a row (from 1), joined over all column sets. */
export function rowView({ sets }: BatchView, row: number): RowView {
  return joinedRow(sets, sets.map((set) => rowIn(set, row)));
}

/** The state of a row in one column set. */
export function sendView({ sets }: BatchView, set: number, row: number): RowView {
  const found = sets[set];
  return found === undefined ? newRow(row) : rowIn(found, row);
}

/** Number of sends by status, over all column sets. */
export function sendCounts({ sets }: BatchView): Readonly<Record<string, number>> {
  if (sets.length === 1) return sets[0]!.counts;
  const counts: Record<string, number> = {};
  for (const set of sets) {
    for (const [status, rows] of Object.entries(set.counts)) {
      counts[status] = (counts[status] ?? 0) + rows;
    }
  }
  return counts;
}

/** The column set that a column of {@linkcode BatchView.outputs} belongs to, and its index there. */
export function columnPlace(
  { sets }: BatchView,
  column: number,
): { readonly set: number; readonly at: number } | null {
  let at = column;
  for (const [set, { outputs }] of sets.entries()) {
    if (at >= 0 && at < outputs.length) return { set, at };
    at -= outputs.length;
  }
  return null;
}

/** Maps each changed row. `change` must not alter statuses or confidences. */
export function mapRows(view: BatchView, change: (row: RowView) => RowView): BatchView {
  const sets = view.sets.map((set) => ({
    ...set,
    pages: new Map(
      [...set.pages].map(([page, rows]) =>
        [page, new Map([...rows].map(([row, value]) => [row, change(value)]))] as const
      ),
    ),
  }));
  return { ...view, sets };
}

/** Applies one event. An ID that the view has already seen changes nothing. */
export function applyBatchEvent(view: BatchView, event: BatchEvent): BatchView {
  if (event.id <= view.lastId) return view;
  const next = { ...view, lastId: event.id };
  const { data } = event;
  if (!isObject(data)) return next;
  switch (event.type) {
    case "state":
      return isState(data.state)
        ? { ...next, state: data.state, reason: textOf(data.reason) }
        : next;
    case "named":
      return typeof data.name === "string" ? { ...next, name: data.name } : next;
    case "added":
      return isCount(data.rows) ? withRows(next, data.rows) : next;
    case "columns": {
      const { columns, set = 0 } = data;
      return Array.isArray(columns)
        ? withSets(
          next,
          next.sets.map((each, at) =>
            at === set ? { ...each, outputs: columns.flatMap(readColumn) } : each
          ),
        )
        : next;
    }
    case "joined":
      return Array.isArray(data.columns) && next.sets.length < MAX_SETS
        ? recounted(withSets(next, [...next.sets, {
          processor: textOf(data.processor),
          outputs: data.columns.flatMap(readColumn),
          pages: new Map(),
          counts: next.rows > 0 ? { [WAITING]: next.rows } : {},
          low: 0,
        }]))
        : next;
    case "rows":
      return Array.isArray(data.rows) ? withChanges(next, data.rows, event.at_ms) : next;
    default:
      return next;
  }
}

function withRows(view: BatchView, rows: number): BatchView {
  const more = (counts: Readonly<Record<string, number>>) => ({
    ...counts,
    [WAITING]: (counts[WAITING] ?? 0) + rows,
  });
  return {
    ...view,
    rows: view.rows + rows,
    counts: more(view.counts),
    sets: view.sets.map((set) => ({ ...set, counts: more(set.counts) })),
  };
}

/** Replaces the column sets and gives their columns unique names. */
function withSets(view: BatchView, sets: readonly ColumnSet[]): BatchView {
  const taken = new Set<string>();
  const outputs = sets.flatMap((set) => set.outputs).map((column) => {
    let { name } = column;
    for (let n = 2; taken.has(name); n++) name = `${column.name} ${n}`;
    taken.add(name);
    return name === column.name ? column : { ...column, name };
  });
  return { ...view, sets, outputs };
}

/** Recounts the rows by their joined status. */
export function recounted(view: BatchView): BatchView {
  const counts: Record<string, number> = {};
  let low = 0;
  for (let row = 1; row <= view.rows; row++) {
    const parts = view.sets.map((set) => rowIn(set, row));
    const { status } = decisiveOf(parts);
    counts[status] = (counts[status] ?? 0) + 1;
    if (parts.some(isLow)) low++;
  }
  return { ...view, counts, low };
}

function withChanges(view: BatchView, changes: readonly unknown[], at_ms: number): BatchView {
  const sets = view.sets.map((set) => ({
    ...set,
    pages: new Map(set.pages),
    counts: { ...set.counts } as Record<string, number>,
    again: !!set.again,
    /** Pages that this event has already copied. */
    own: new Map<number, Map<number, RowView>>(),
  }));
  const counts: Record<string, number> = { ...view.counts };
  let { low, spent_usd, started_ms, sent_ms, changed_ms, pace } = view;
  for (const value of changes) {
    const change = readChange(value, view.rows);
    const set = change === null ? undefined : sets[setOf(change.attempt)];
    if (change === null || set === undefined) continue;
    const { row } = change;
    const page = set.own.get(pageOf(row)) ?? new Map(set.pages.get(pageOf(row)));
    const before = page.get(row) ?? newRow(row);
    const after = changed(before, change);
    if (after === before) continue;
    const parts = sets.map((each) => each === set ? before : rowIn(each, row));
    const partsAfter = parts.map((part) => part === before ? after : part);
    page.set(row, after);
    set.own.set(pageOf(row), page);
    set.pages.set(pageOf(row), page);
    move(set.counts, before.status, after.status);
    move(counts, decisiveOf(parts).status, decisiveOf(partsAfter).status);
    set.again ||= before.attempt > 0 && after.attempt > before.attempt;
    set.low += Number(isLow(after)) - Number(isLow(before));
    low += Number(partsAfter.some(isLow)) - Number(parts.some(isLow));
    if (after.billed.length > before.billed.length) spent_usd += change.cost_usd ?? 0;
    const ms = change.at_ms ?? at_ms;
    if (after.status !== WAITING) started_ms = Math.min(started_ms ?? ms, ms);
    if (after.status === "sent") sent_ms = Math.max(sent_ms ?? ms, ms);
    if (isTerminal(after.status) && !isTerminal(before.status)) pace = withEnded(pace, ms);
    changed_ms = Math.max(changed_ms ?? ms, ms);
  }
  return {
    ...view,
    sets: sets.map(({ own: _, ...set }) => set),
    counts,
    low,
    spent_usd,
    started_ms,
    sent_ms,
    changed_ms,
    pace,
  };
}

function move(counts: Record<string, number>, from: string, to: string): void {
  counts[from] = (counts[from] ?? 0) - 1;
  if (counts[from] === 0) delete counts[from];
  counts[to] = (counts[to] ?? 0) + 1;
}

/** Spans that cover the minute that a rate is computed over, the one that has just begun among them. */
const SPANS = 13;

/** Counts one more ended row. */
function withEnded(pace: Pace, at_ms: number): Pace {
  const from_ms = Math.floor(at_ms / SPAN_MS) * SPAN_MS;
  const [newest, ...rest] = pace;
  if (newest !== undefined && from_ms <= newest.from_ms) {
    return [{ ...newest, rows: newest.rows + 1 }, ...rest];
  }
  return [{ from_ms, rows: 1 }, ...pace].slice(0, SPANS);
}
