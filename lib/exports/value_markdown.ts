/** A JSON value as Markdown: headings, lists, tables. Pure. */
import { isObject, type JsonObject, ownMember } from "../base/mod.ts";
import { tableColumns } from "../results/mod.ts";
import { bareLink, fenced, plain, table } from "./markdown_text.ts";

/** What a value needs of the document that it stands in. */
export interface ValueContext {
  /** Footnote marks for a place of the content. */
  readonly notes: (path: string) => string;
  /** A long text, as Markdown. */
  readonly prose: (text: string, path: string) => string;
}

/** The result's own heading is of level 2; 6 is the deepest there is. */
const TOP = 3, DEEPEST = 6;
/** Longer, or with a line break, a string is prose and may be Markdown itself. */
const PROSE_CHARS = 160;

/** The members of an object, one under the other. */
export function valueMarkdown(content: JsonObject, context: ValueContext): string {
  return members(content, "", TOP, context);
}

function members(record: JsonObject, path: string, level: number, context: ValueContext): string {
  return Object.entries(record).map(([key, value]) => {
    const here = path === "" ? key : `${path}.${key}`;
    if (isShort(value)) return `**${plain(key)}**: ${scalar(value)}${context.notes(here)}`;
    const heading = level <= DEEPEST ? `${"#".repeat(level)} ${plain(key)}` : `**${plain(key)}**`;
    return `${heading}${context.notes(here)}\n\n${block(value, here, level + 1, context)}`;
  }).join("\n\n");
}

function block(value: unknown, path: string, level: number, context: ValueContext): string {
  if (typeof value === "string") return context.prose(value, path);
  if (Array.isArray(value)) return list(value, path, level, context);
  if (!isObject(value)) return scalar(value);
  if (Object.keys(value).length === 0) return "(empty)";
  // Past the last heading an outline says no more than the data itself.
  return level > DEEPEST
    ? fenced(JSON.stringify(value, null, 2), "json")
    : members(value, path, level, context);
}

function list(
  items: readonly unknown[],
  path: string,
  level: number,
  context: ValueContext,
): string {
  if (items.length === 0) return "(none)";
  const columns = tableColumns(items);
  if (columns !== null) {
    const rows = items.map((item, index) => {
      const row = columns.map((column) =>
        scalar(ownMember(item, column)) + context.notes(`${path}.${index}.${column}`)
      );
      return row.with(0, `${row[0]}${context.notes(`${path}.${index}`)}`);
    });
    return table(columns.map(plain), rows);
  }
  if (items.every(isShort)) {
    return items.map((item, at) => `- ${scalar(item)}${context.notes(`${path}.${at}`)}`).join("\n");
  }
  return items.map((item, at) => {
    const here = `${path}.${at}`;
    const heading = `${"#".repeat(Math.min(level, DEEPEST))} ${at + 1}${context.notes(here)}`;
    return `${heading}\n\n${block(item, here, level + 1, context)}`;
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
  if (/^https?:\/\/[^\s<>|]+$/i.test(text)) return bareLink(text);
  return plain(text) || "(empty)";
}
