/** Separates the code of a Markdown text from its prose. Pure. */
import MarkdownIt, { type Env } from "markdown-it";

/** Longer texts are not parsed: it would block other work (characters). */
export const PARSED_CHARS = 50_000;

/** A part of a text: code or prose. */
export interface Part {
  readonly text: string;
  readonly isCode: boolean;
  /** Whether the code is marked by its indentation only. */
  readonly isIndented?: boolean;
  /** The mark that would close a fence that the text leaves open. */
  readonly unclosed?: string;
}

/**
 * Finds code within a paragraph. Limits the search for the closing mark, so a text of nothing but opening
 * marks takes linear time.
 */
const INLINE_CODE = /(?<![`\\])(`+)(?!`)(?:(?!\n[ \t]*\n)[\s\S]){0,600}?[^`]\1(?!`)/g;

/** Splits a text. The parts together are the text. */
export function* partsOf(text: string, parsed?: Blocks): Generator<Part> {
  const nestedCodes = nestedCode(text, parsed);
  let fence: string | null = null, kind: CodeKind | null = null, from = 0, at = 0;
  // A single CR ends a line, too (CommonMark, 2.1).
  for (const [number, line] of text.split(/(?<=\n|\r(?!\n))/).entries()) {
    const [, mark = "", info = ""] = /^ {0,3}(`{3,}|~{3,})([^\r\n]*)/.exec(line) ?? [];
    const start = at;
    at += line.length;
    if (fence === null) {
      const nested = nestedCodes.get(number) ?? null;
      if (nested !== kind) {
        const part = text.slice(from, start);
        if (kind === null) yield* inlineParts(part);
        else yield { text: part, isCode: true, isIndented: kind === "indented" };
        [kind, from] = [nested, start];
      }
      // Backticks after backticks: code within a line.
      if (kind !== null || mark === "" || (mark.startsWith("`") && info.includes("`"))) continue;
      yield* inlineParts(text.slice(from, start));
      [fence, from] = [mark, start];
    } else if (mark.startsWith(fence) && info.trim() === "") {
      yield { text: text.slice(from, at), isCode: true };
      [fence, from] = [null, at];
    }
  }
  if (fence !== null) yield { text: text.slice(from), isCode: true, unclosed: fence };
  else if (kind === null) yield* inlineParts(text.slice(from));
  else yield { text: text.slice(from), isCode: true, isIndented: kind === "indented" };
}

/** Fenced code in a list or a quotation, or code that is marked by its indentation. */
type CodeKind = "nested" | "indented";

const FOOTNOTE = /^ {0,3}\[\^[^\]\s]+\]:/m;

/** Returns the lines (from 0) of code that the marks at the starts of lines do not show. */
function nestedCode(text: string, parsed?: Blocks): Map<number, CodeKind> {
  const lines = new Map<number, CodeKind>();
  if (!MAY_INDENT.test(text) || text.length > PARSED_CHARS) return lines;
  // Indented lines below a footnote belong to it.
  const { index: end = text.length } = FOOTNOTE.exec(text) ?? {};
  const last = text.slice(0, end).split(/\r\n?|\n/).length - 1;
  for (const { type, level, map } of (parsed ?? blocks(text)).tokens) {
    if (map === null || (type !== "code_block" && !(type === "fence" && level > 0))) continue;
    const kind = type === "fence" ? "nested" : "indented";
    for (let line = map[0]; line < Math.min(map[1], last); line++) lines.set(line, kind);
  }
  return lines;
}

/** Most texts have no such line, and need not be parsed. */
const MAY_INDENT = /^(?: {4}| {0,3}\t|[ \t]*(?:[-*+>]|\d{1,9}[.)]).*(?:`{3}|~{3}| {4}|\t))/m;

type Blocks = ReturnType<typeof blocks>;

/** Parses a text's blocks and link definitions, but not their inline content. */
export function blocks(text: string, { html = false } = {}) {
  const parser = new MarkdownIt({ html });
  parser.core.ruler.enableOnly(["normalize", "block"]);
  const env: Env = {};
  return { parser, tokens: parser.parse(text, env), references: env.references ?? {} };
}

function* inlineParts(text: string): Generator<Part> {
  let from = 0;
  for (const { 0: code, index } of text.matchAll(INLINE_CODE)) {
    yield { text: text.slice(from, index), isCode: false };
    yield { text: code, isCode: true };
    from = index + code.length;
  }
  yield { text: text.slice(from), isCode: false };
}
