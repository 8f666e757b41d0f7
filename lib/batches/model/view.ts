/**
 * The one reducer of a batch: server pages, live pages and exports fold its log with it. Pure, and total
 * over events that it does not know.
 */
import { isObject, isStringArray, type JsonObject } from "../../base/mod.ts";
import { isTerminal } from "../../parallel/mod.ts";
import type { CellBrief, OutputColumn } from "./outputs.ts";
import { lowCells } from "./outputs.ts";
import { type Pace, withEnded } from "./pace.ts";

/** States of a batch. */
export type BatchState = "draft" | "running" | "paused" | "done";

/** One event of a batch's log. Ids are 1, 2, 3 … and never change their meaning. */
export interface BatchEvent {
  readonly id: number;
  /** Unix ms. */
  readonly at_ms: number;
  /** `state`, `named`, `added`, `columns` or `rows`; others are passed over. */
  readonly type: string;
  /** The members of {@linkcode BatchEventData}'s type. */
  readonly data: unknown;
}

/** What events carry, by their type. */
export interface BatchEventData {
  readonly state: { readonly state: BatchState; readonly reason?: string | null };
  readonly named: { readonly name: string };
  /** So many rows come behind the last one. */
  readonly added: { readonly rows: number };
  /** All columns of the answers. New ones come behind those that were known, so that cells stay in place. */
  readonly columns: { readonly columns: readonly OutputColumn[] };
  /** What is new of some rows. Sending a chunk, and a result, are both this. */
  readonly rows: { readonly rows: readonly RowChange[] };
}

/** What is new of a row. */
export interface RowChange {
  /** From 1, as in `metadata.row` without its `r`. */
  readonly row: number;
  /** From 1; retrying and escalating count up. */
  readonly attempt: number;
  /** `waiting`, `sent`, the run's own status, or `deleted`. */
  readonly status: string;
  readonly run_id?: string | null;
  readonly processor?: string | null;
  /** Why the row failed, or was not sent. */
  readonly reason?: string | null;
  /** What the run cost, once it is completed (US dollars). */
  readonly cost_usd?: number | null;
  /** The result, cut to what a table shows. */
  readonly cells?: readonly CellBrief[] | null;
}

/** An answer of an earlier attempt, kept beside the newest one. */
export interface EarlierAnswer {
  readonly attempt: number;
  readonly run_id: string | null;
  readonly processor: string | null;
  readonly status: string;
  readonly cells: readonly CellBrief[] | null;
}

/** What is known of a row. */
export interface RowView extends Required<Omit<RowChange, "attempt">> {
  /** 0 until it is sent for the first time. */
  readonly attempt: number;
  /** Completed answers of earlier attempts, the newest first. */
  readonly earlier: readonly EarlierAnswer[];
  /** Attempts whose cost is counted. */
  readonly billed: readonly number[];
}

/** What a log says about its batch so far. */
export interface BatchView {
  readonly lastId: number;
  readonly name: string;
  readonly state: BatchState;
  /** Why it is paused. */
  readonly reason: string | null;
  readonly rows: number;
  /** The columns that the rows' cells belong to. */
  readonly outputs: readonly OutputColumn[];
  /** Rows that changed, in pages, so that an event copies few rows. */
  readonly pages: ReadonlyMap<number, ReadonlyMap<number, RowView>>;
  /** Rows by status. */
  readonly counts: Readonly<Record<string, number>>;
  /** Rows with a cell of low confidence. */
  readonly low: number;
  readonly spent_usd: number;
  /** When the first row was sent; `null` before that (Unix ms). */
  readonly started_ms: number | null;
  /** When a row changed last. */
  readonly changed_ms: number | null;
  /** Rows that ended lately. */
  readonly pace: Pace;
}

/** The status of a row that was not sent. */
export const WAITING = "waiting";

const PAGE_ROWS = 128;
const MOST_EARLIER = 5;

/** The view of an empty log. */
export function emptyBatchView(name: string, rows: number): BatchView {
  return {
    lastId: 0,
    name,
    state: "running",
    reason: null,
    rows,
    outputs: [],
    pages: new Map(),
    counts: rows > 0 ? { [WAITING]: rows } : {},
    low: 0,
    spent_usd: 0,
    started_ms: null,
    changed_ms: null,
    pace: [],
  };
}

/** What is known of a row, from 1. */
export function rowView({ pages }: BatchView, row: number): RowView {
  return pages.get(pageOf(row))?.get(row) ?? newRow(row);
}

/** The page of {@linkcode BatchView.pages} that has a row. */
export function pageOf(row: number): number {
  return Math.floor(row / PAGE_ROWS);
}

function newRow(row: number): RowView {
  return {
    row,
    attempt: 0,
    status: WAITING,
    run_id: null,
    processor: null,
    reason: null,
    cost_usd: null,
    cells: null,
    earlier: [],
    billed: [],
  };
}

/** The view after one more event. An id that the view has already seen changes nothing. */
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
    case "columns":
      return Array.isArray(data.columns)
        ? { ...next, outputs: data.columns.flatMap(readColumn) }
        : next;
    case "rows":
      return Array.isArray(data.rows) ? withChanges(next, data.rows, event.at_ms) : next;
    default:
      return next;
  }
}

function withRows(view: BatchView, rows: number): BatchView {
  const waiting = (view.counts[WAITING] ?? 0) + rows;
  return { ...view, rows: view.rows + rows, counts: { ...view.counts, [WAITING]: waiting } };
}

function withChanges(view: BatchView, changes: readonly unknown[], at_ms: number): BatchView {
  const pages = new Map(view.pages);
  const counts: Record<string, number> = { ...view.counts };
  /** Pages that this event has copied already. */
  const own = new Map<number, Map<number, RowView>>();
  let { low, spent_usd, started_ms, changed_ms, pace } = view;
  for (const value of changes) {
    const change = readChange(value, view.rows);
    if (change === null) continue;
    const page = own.get(pageOf(change.row)) ?? new Map(pages.get(pageOf(change.row)));
    const before = page.get(change.row) ?? newRow(change.row);
    const after = changed(before, change);
    if (after === before) continue;
    page.set(change.row, after);
    own.set(pageOf(change.row), page);
    pages.set(pageOf(change.row), page);
    counts[before.status] = (counts[before.status] ?? 0) - 1;
    if (counts[before.status] === 0) delete counts[before.status];
    counts[after.status] = (counts[after.status] ?? 0) + 1;
    low += Number(isLow(after)) - Number(isLow(before));
    if (after.billed.length > before.billed.length) spent_usd += change.cost_usd ?? 0;
    if (after.status !== WAITING) started_ms ??= at_ms;
    if (isTerminal(after.status) && !isTerminal(before.status)) pace = withEnded(pace, at_ms);
    changed_ms = at_ms;
  }
  return { ...view, pages, counts, low, spent_usd, started_ms, changed_ms, pace };
}

function isLow({ cells }: RowView): boolean {
  return cells !== null && lowCells(cells) > 0;
}

/** The row after a change, or itself if nothing is new. Changes of a row may arrive in any order. */
function changed(row: RowView, change: RowChange): RowView {
  const { attempt, status } = change;
  const isBilled = typeof change.cost_usd === "number" && !row.billed.includes(attempt);
  const billed = isBilled ? [...row.billed, attempt] : row.billed;
  // The end of an earlier attempt only adds to what was spent.
  if (attempt < row.attempt || row.status === "deleted") return isBilled ? { ...row, billed } : row;
  if (attempt === row.attempt && isTerminal(row.status) && isBefore(status)) {
    // The row has ended: only its run id may be missing.
    const run_id = row.run_id ?? change.run_id ?? null;
    const isNews = isBilled || run_id !== row.run_id;
    return isNews ? { ...row, run_id, billed } : row;
  }
  if (attempt > row.attempt) {
    return { ...newRow(row.row), ...told(change), attempt, earlier: earlierOf(row), billed };
  }
  return { ...row, ...told(change), billed };
}

function isBefore(status: string): boolean {
  return !isTerminal(status) && status !== "deleted";
}

/** The members that a change has. */
function told({ attempt: _, ...change }: RowChange): Omit<RowChange, "attempt"> {
  return Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  ) as typeof change;
}

function earlierOf({ earlier, attempt, run_id, processor, status, cells }: RowView) {
  if (status !== "completed") return earlier;
  return [{ attempt, run_id, processor, status, cells }, ...earlier].slice(0, MOST_EARLIER);
}

function readChange(value: unknown, rows: number): RowChange | null {
  if (!isObject(value)) return null;
  const { row, attempt, status, cost_usd } = value;
  if (!isCount(row) || row > rows || typeof status !== "string" || status === "") return null;
  if (!isCount(attempt) && attempt !== 0) return null;
  return {
    row,
    attempt,
    status,
    ...textMember(value, "run_id"),
    ...textMember(value, "processor"),
    ...textMember(value, "reason"),
    ...typeof cost_usd === "number" ? { cost_usd } : {},
    ...Array.isArray(value.cells) ? { cells: value.cells.map(readCell) } : {},
  };
}

function textMember(value: JsonObject, name: "run_id" | "processor" | "reason") {
  return Object.hasOwn(value, name) ? { [name]: textOf(value[name]) } : {};
}

function readColumn(value: unknown): OutputColumn[] {
  if (!isObject(value) || typeof value.name !== "string" || !isStringArray(value.path)) return [];
  return [{ path: value.path, name: value.name }];
}

function readCell(value: unknown): CellBrief {
  const { text, confidence } = isObject(value) ? value : {};
  return { text: textOf(text) ?? "", confidence: textOf(confidence) };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

function isState(value: unknown): value is BatchState {
  return value === "draft" || value === "running" || value === "paused" || value === "done";
}
