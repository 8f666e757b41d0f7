/** The events of a batch's log. The readers drop every invalid member. */
import { isObject, isStringArray, type JsonObject } from "../../base/mod.ts";

/** A column of results. */
export interface OutputColumn {
  /** The path from the content to the value; empty for a text result. */
  readonly path: readonly string[];
  /** The path joined with dots. */
  readonly name: string;
}

/** `low`, `medium`, `high` or a level added later; `null` if the API gives none. */
export type Confidence = string | null;

/** A result cell as the table shows it. */
export interface CellBrief {
  readonly text: string;
  readonly confidence: Confidence;
  /** The text as people read it, if it differs: `Yes`, `14 Mar 2014`. Units are in the column's label. */
  readonly shown?: string;
}

/** Counts the cells with low confidence. */
export function lowCells(cells: readonly CellBrief[]): number {
  return cells.filter(({ confidence }) => confidence === "low").length;
}

/** States of a batch. */
export type BatchState = "draft" | "running" | "paused" | "done";

/** The reason of a batch that is paused because its trial is done. */
export const TRIAL_DONE = "The trial rows are done. Check their results, then run the rest.";

/** One event of a batch's log. IDs start at 1, and each always refers to the same event. */
export interface BatchEvent {
  readonly id: number;
  /** Unix ms. */
  readonly at_ms: number;
  /** `state`, `named`, `added`, `columns`, `joined` or `rows`; others are ignored. */
  readonly type: string;
  /** The members of {@linkcode BatchEventData}'s type. */
  readonly data: unknown;
}

/** Event data by event type. */
export interface BatchEventData {
  readonly state: { readonly state: BatchState; readonly reason?: string | null };
  readonly named: { readonly name: string };
  /** This many rows were appended. */
  readonly added: { readonly rows: number };
  /** All result columns of a set. New columns are appended, so existing cells keep their index. */
  readonly columns: { readonly columns: readonly OutputColumn[]; readonly set?: number };
  /** A column set was added: the same rows run again with another task. */
  readonly joined: { readonly processor: string; readonly columns: readonly OutputColumn[] };
  /** Changes of rows: sent, started, ended. */
  readonly rows: { readonly rows: readonly RowChange[] };
}

/** A change of one row. */
export interface RowChange {
  /** From 1, as in `metadata.row` without its `r`. */
  readonly row: number;
  /** From 1; each retry or escalation adds one. Added column sets start at 1001, 2001 … */
  readonly attempt: number;
  /** `waiting`, `sent`, the run's status, or `deleted`. */
  readonly status: string;
  readonly run_id?: string | null;
  readonly processor?: string | null;
  /** Why the row failed or was not sent. */
  readonly reason?: string | null;
  /** The price of a completed run (US dollars). */
  readonly cost_usd?: number | null;
  /** The result, shortened to what the table shows. */
  readonly cells?: readonly CellBrief[] | null;
  /** The run's deletion was undone, so the row is restored. */
  readonly restored?: true;
  /** When it happened (Unix ms), if that was long before the event. */
  readonly at_ms?: number;
}

export function readChange(value: unknown, rows: number): RowChange | null {
  if (!isObject(value)) return null;
  const { row, attempt, status, cost_usd, at_ms } = value;
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
    ...isCount(at_ms) ? { at_ms } : {},
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
  const { text, confidence, shown } = isObject(value) ? value : {};
  return {
    text: textOf(text) ?? "",
    confidence: textOf(confidence),
    ...typeof shown === "string" && { shown },
  };
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
