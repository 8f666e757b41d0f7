/** Decides when a list reads best as a table. Pure. */
import { asRecord } from "../../lib/runs/event.ts";

const MAX_COLUMNS = 8;
const MAX_CELL_CHARS = 120;

/**
 * The columns, where every item is an object of short scalars and two or more items share them;
 * else `null`.
 */
export function tableColumns(items: readonly unknown[]): string[] | null {
  if (items.length < 2) return null;
  const columns = new Set<string>();
  for (const item of items) {
    const record = asRecord(item);
    if (record === null) return null;
    for (const [key, value] of Object.entries(record)) {
      if (!isShort(value)) return null;
      columns.add(key);
    }
  }
  return columns.size > 0 && columns.size <= MAX_COLUMNS ? [...columns] : null;
}

function isShort(value: unknown): boolean {
  if (typeof value === "object") return value === null;
  return typeof value !== "string" || (value.length <= MAX_CELL_CHARS && !value.includes("\n"));
}
