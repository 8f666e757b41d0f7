/** The events of a batch's log, and how they are read: of what is not as it should be, nothing is kept. */
import { isObject, isStringArray, type JsonObject } from "../../base/mod.ts";
import type { CellBrief, OutputColumn } from "./cells.ts";

/** States of a batch. */
export type BatchState = "draft" | "running" | "paused" | "done";

/** One event of a batch's log. Ids are 1, 2, 3 … and never change their meaning. */
export interface BatchEvent {
  readonly id: number;
  /** Unix ms. */
  readonly at_ms: number;
  /** `state`, `named`, `added`, `columns`, `joined` or `rows`; others are passed over. */
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
  /** All columns of a set's answers. New ones come behind those that were known, so that cells stay in place. */
  readonly columns: { readonly columns: readonly OutputColumn[]; readonly set?: number };
  /** The same rows are run for further columns: they are a set of their own, behind the others. */
  readonly joined: { readonly processor: string; readonly columns: readonly OutputColumn[] };
  /** What is new of some rows. Sending a chunk, and a result, are both this. */
  readonly rows: { readonly rows: readonly RowChange[] };
}

/** What is new of a row. */
export interface RowChange {
  /** From 1, as in `metadata.row` without its `r`. */
  readonly row: number;
  /** From 1; retrying and escalating count up. In sets that joined later from 1001, 2001 … */
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
  /** The run was deleted, and its deletion undone: the row stands anew. */
  readonly restored?: true;
}

export function readChange(value: unknown, rows: number): RowChange | null {
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
    ...value.restored === true ? { restored: true } : {},
  };
}

function textMember(value: JsonObject, name: "run_id" | "processor" | "reason") {
  return Object.hasOwn(value, name) ? { [name]: textOf(value[name]) } : {};
}

export function readColumn(value: unknown): OutputColumn[] {
  if (!isObject(value) || typeof value.name !== "string" || !isStringArray(value.path)) return [];
  return [{ path: value.path, name: value.name }];
}

function readCell(value: unknown): CellBrief {
  const { text, confidence } = isObject(value) ? value : {};
  return { text: textOf(text) ?? "", confidence: textOf(confidence) };
}

export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

export function isState(value: unknown): value is BatchState {
  return value === "draft" || value === "running" || value === "paused" || value === "done";
}
