/** How a value of a result reads in one cell. Pure. */
import { isNumber } from "../base/mod.ts";

/** A value as one cell: lists of words with semicolons, whatever is nested as JSON. */
export function cellOf(value: unknown): string | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (isNumber(value)) return String(value);
  if (Array.isArray(value) && value.length > 0 && value.every(isListed)) return value.join("; ");
  return JSON.stringify(value);
}

/** What can be told apart in a list with semicolons. */
function isListed(item: unknown): boolean {
  return typeof item === "string"
    ? item !== "" && !/[;\n]/.test(item)
    : isNumber(item) || typeof item === "boolean";
}
