/** A JSON value as Markdown: headings, lists, tables. Pure. */
import { isObject, type JsonObject } from "../parallel/json.ts";
import { tableColumns } from "../results/table.ts";
import { fenced, plain, prose, table } from "./markdown_text.ts";

/** Footnote marks for a place of the content. */
export type Notes = (path: string) => string;

/** The result's own heading is of level 2; 6 is the deepest there is. */
const TOP = 3, DEEPEST = 6;
/** Longer, or with a line break, a string is prose and may be Markdown itself. */
const PROSE_CHARS = 160;

/** The members of an object, one under the other. */
export function valueMarkdown(content: JsonObject, notes: Notes): string {
  return members(content, "", TOP, notes);
}

function members(record: JsonObject, path: string, level: number, notes: Notes): string {
  return Object.entries(record).map(([key, value]) => {
    const here = path === "" ? key : `${path}.${key}`;
    if (isShort(value)) return `**${plain(key)}**: ${scalar(value)}${notes(here)}`;
    const heading = level <= DEEPEST ? `${"#".repeat(level)} ${plain(key)}` : `**${plain(key)}**`;
    return `${heading}${notes(here)}\n\n${block(value, here, level + 1, notes)}`;
  }).join("\n\n");
}

function block(value: unknown, path: string, level: number, notes: Notes): string {
  if (typeof value === "string") return prose(value);
  if (Array.isArray(value)) return list(value, path, level, notes);
  if (!isObject(value)) return scalar(value);
  if (Object.keys(value).length === 0) return "(empty)";
  // Past the last heading an outline says no more than the data itself.
  return level > DEEPEST
    ? fenced(JSON.stringify(value, null, 2), "json")
    : members(value, path, level, notes);
}

function list(items: readonly unknown[], path: string, level: number, notes: Notes): string {
  if (items.length === 0) return "(none)";
  const columns = tableColumns(items);
  if (columns !== null) {
    const rows = items.map((item, index) => {
      const row = columns.map((column) =>
        scalar(isObject(item) ? item[column] : null) + notes(`${path}.${index}.${column}`)
      );
      return row.with(0, `${row[0]}${notes(`${path}.${index}`)}`);
    });
    return table(columns.map(plain), rows);
  }
  if (items.every(isShort)) {
    return items.map((item, at) => `- ${scalar(item)}${notes(`${path}.${at}`)}`).join("\n");
  }
  return items.map((item, at) => {
    const here = `${path}.${at}`;
    const heading = `${"#".repeat(Math.min(level, DEEPEST))} ${at + 1}${notes(here)}`;
    return `${heading}\n\n${block(item, here, level + 1, notes)}`;
  }).join("\n\n");
}

function isShort(value: unknown): boolean {
  if (typeof value === "string") return value.length <= PROSE_CHARS && !value.includes("\n");
  return !Array.isArray(value) && !isObject(value);
}

function scalar(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return plain(value.map(String).join(", ")) || "–";
  const text = String(value);
  // A bare address links by itself; escapes would break it.
  if (/^https?:\/\/[^\s<>|]+$/i.test(text)) return `<${text}>`;
  return plain(text) || "(empty)";
}
