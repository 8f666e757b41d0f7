/** Decides when to show a list as a table. Pure. */
import { isNumber, isObject, type JsonObject } from "../base/mod.ts";

const MAX_COLUMNS = 12;
/** A cell must be readable at a glance. Longer texts need their own space. */
const MAX_CELL_CHARS = 240;
const MAX_WORDS = 12;

/**
 * Returns the columns if the list has at least two items and all are objects of short values, else `null`.
 * Columns in the schema come first, in its order.
 */
export function tableColumns(
  items: readonly unknown[],
  named: readonly string[] = [],
): string[] | null {
  if (!isObjectList(items) || items.length < 2) return null;
  const columns = columnsOf(items, named);
  if (columns.length === 0 || columns.length > MAX_COLUMNS) return null;
  return items.every((item) => Object.values(item).every(isShort)) ? columns : null;
}

/** Returns whether a list contains only objects, and at least one. */
export function isObjectList(value: unknown): value is readonly JsonObject[] {
  return Array.isArray(value) && value.length > 0 && value.every(isObject);
}

/** Returns every field of any item: those in the schema first, in its order. */
export function columnsOf(items: readonly JsonObject[], named: readonly string[] = []): string[] {
  const used = new Set(items.flatMap((item) => Object.keys(item)));
  const first = named.filter((name) => used.has(name));
  return [...new Set([...first, ...used])];
}

function isShort(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= MAX_WORDS && value.every(isWord);
  if (isObject(value)) return false;
  return typeof value !== "string" || (value.length <= MAX_CELL_CHARS && !value.includes("\n"));
}

/** Up to this length, a list fits one line. */
const WORD_CHARS = 32;

/** Returns whether a value fits as one word in a line of others. */
export function isWord(value: unknown): boolean {
  if (typeof value === "string") {
    return value !== "" && value.length <= WORD_CHARS && !/^https?:\/\//i.test(value);
  }
  return isNumber(value) || typeof value === "boolean";
}
