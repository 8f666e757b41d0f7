/** A JSON value as Markdown: headings, lists, tables. Pure. */
import { isObject, type JsonObject, ownMember } from "../base/mod.ts";
import { tableColumns } from "../results/mod.ts";
import { bareLink, fenced, plain, table } from "./markdown_text.ts";

/** The document-specific parts of rendering a value. */
export interface ValueContext {
  /** Footnote marks for a path of the content. */
  readonly notes: (path: string) => string;
  /** Renders a long text as Markdown, in pieces. */
  readonly prose: (text: string, path: string) => Iterable<string>;
}

/** The result's own heading is level 2. Level 6 is the deepest. */
const TOP = 3, DEEPEST = 6;
/** A longer string, or one with a line break, is prose and may itself be Markdown. */
const PROSE_CHARS = 160;

/** Renders the members of an object, one below the other, in pieces. */
export function valueMarkdown(content: JsonObject, context: ValueContext): Generator<string> {
  return members(content, "", TOP, context);
}

function* members(
  record: JsonObject,
  path: string,
  level: number,
  context: ValueContext,
): Generator<string> {
  let lead = "";
  for (const [key, value] of Object.entries(record)) {
    const here = path === "" ? key : `${path}.${key}`;
    // JSON allows an empty name, and Markdown reads `****` literally.
    const name = plain(key) || '""';
    if (isShort(value)) yield `${lead}**${name}**: ${scalar(value)}${context.notes(here)}`;
    else {
      const heading = level <= DEEPEST ? `${"#".repeat(level)} ${name}` : `**${name}**`;
      yield `${lead}${heading}${context.notes(here)}\n\n`;
      yield* block(value, here, level + 1, context);
    }
    lead = "\n\n";
  }
}

function* block(
  value: unknown,
  path: string,
  level: number,
  context: ValueContext,
): Generator<string> {
  if (typeof value === "string") yield* context.prose(value, path);
  else if (Array.isArray(value)) yield* list(value, path, level, context);
  else if (!isObject(value)) yield scalar(value);
  else if (Object.keys(value).length === 0) yield "(empty)";
  // Below the last heading level, an outline adds nothing to the data itself.
  else if (level > DEEPEST) yield fenced(JSON.stringify(value, null, 2), "json");
  else yield* members(value, path, level, context);
}

function* list(
  items: readonly unknown[],
  path: string,
  level: number,
  context: ValueContext,
): Generator<string> {
  const columns = tableColumns(items);
  if (items.length === 0) yield "(none)";
  else if (columns !== null) {
    const rows = items.map((item, index) => {
      const row = columns.map((column) =>
        scalar(ownMember(item, column)) + context.notes(`${path}.${index}.${column}`)
      );
      return row.with(0, `${row[0]}${context.notes(`${path}.${index}`)}`);
    });
    yield table(columns.map(plain), rows);
  } else if (items.every(isShort)) {
    yield items.map((item, at) => `- ${scalar(item)}${context.notes(`${path}.${at}`)}`).join("\n");
  } else {
    for (const [at, item] of items.entries()) {
      const here = `${path}.${at}`;
      const heading = `${"#".repeat(Math.min(level, DEEPEST))} ${at + 1}${context.notes(here)}`;
      yield `${at === 0 ? "" : "\n\n"}${heading}\n\n`;
      yield* block(item, here, level + 1, context);
    }
  }
}

function isShort(value: unknown): boolean {
  if (typeof value === "string") return value.length <= PROSE_CHARS && !value.includes("\n");
  return !Array.isArray(value) && !isObject(value);
}

function scalar(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) {
    const texts = value.map(String);
    // Items that contain commas would run into each other.
    return plain(texts.join(texts.some((text) => text.includes(",")) ? "; " : ", ")) || "–";
  }
  const text = String(value);
  // A bare URL links by itself. Escapes would break it.
  if (/^https?:\/\/[^\s<>|]+$/i.test(text)) return bareLink(text);
  return plain(text) || "(empty)";
}
