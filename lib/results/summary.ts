/** Summarizes a result in a sentence or two, for link previews. Pure. */
import { beginning, isObject } from "../base/mod.ts";
import type { TaskRunOutput } from "../parallel/mod.ts";

/** The length that previews show (characters). */
const CHARS = 200;

/** Returns the beginning of a result as plain text. */
export function summaryOf(output: TaskRunOutput): string {
  const text = output.type === "text" ? bare(output.content) : valueText(output.content);
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= CHARS) return line;
  const cut = beginning(line, CHARS - 1);
  // Scripts without spaces are cut at any character.
  return `${cut.replace(/(?<=.{120})\s+\S*$/s, "").trimEnd()}…`;
}

/** Strips Markdown as far as a preview needs. */
function bare(markdown: string): string {
  return beginning(markdown, 10 * CHARS)
    .replace(/^[ \t]*(?:#{1,6}|>|[-*+]|\d+\.)\s+/gm, "")
    .replace(/^[|:\s-]+$/gm, "")
    .replace(/\[\^?\d+\]/g, "")
    .replace(/!?\[([^[\]]*)\]\((?:[^()]|\([^()]*\))*\)/g, "$1")
    .replace(/[*_`|]+/g, " ");
}

function valueText(value: unknown, depth = 0): string {
  if (Array.isArray(value)) {
    return value.slice(0, 5).map((item) => valueText(item, depth + 1)).join(", ");
  }
  if (!isObject(value)) return bare(String(value ?? "–"));
  if (depth > 4) return "…";
  const entries = Object.entries(value);
  // A single field, as in `auto` results, is the answer itself.
  if (depth === 0 && entries.length === 1) return valueText(entries[0]?.[1], 1);
  return entries.slice(0, 8)
    .map(([name, member]) => `${name.replaceAll("_", " ")}: ${valueText(member, depth + 1)}`)
    .join(depth === 0 ? " · " : ", ");
}
