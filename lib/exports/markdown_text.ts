/** Builds Markdown (CommonMark, GFM tables and footnotes) from plain values. Pure. */
import MarkdownIt, { type Token } from "markdown-it";
import { beginning, slices } from "../base/mod.ts";
import { blocks, partsOf } from "./markdown_parts.ts";

/** Escapes a text to appear literally, on one line. */
export function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim()
    .replace(/[\\`*_[\]<>|~#]/g, "\\$&")
    .replace(ENTITY, "\\&")
    // Characters that would start a list, turn the line before into a heading, or make a rule or table.
    .replace(/^[-+](?= |$)|^[-=:][-=: ]*$/, "\\$&")
    .replace(/^(\d+)([.)])(?= |$)/, "$1\\$2");
}

/** Escapes a text of several lines to appear literally. Keeps line breaks and indentation. */
export function plainLines(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/);
  return lines.map((line, at) => {
    const indent = /^[ \t\u3000]*/.exec(line)?.[0].replaceAll("\t", "    ") ?? "";
    const words = plain(line);
    if (words === "") return "";
    const isFollowed = (lines[at + 1] ?? "").trim() !== "";
    return `${"&nbsp;".repeat(indent.length)}${words}${isFollowed ? "\\" : ""}`;
  });
}

/** Markdown reads `&copy;` and `&#169;` as a character. */
const ENTITY = /&(?=#?\w+;)/g;

/** {@linkcode plain} in pieces, for a text that may have megabytes. */
export function* plainPieces(text: string): Generator<string> {
  let isFirst = true;
  for (const slice of slices(text)) {
    // Only the first slice begins a line.
    const words = isFirst ? plain(slice) : plain(`x${slice}`).slice(1);
    // A slice may end inside of `&copy;`.
    yield words.replace(/(?<!\\)&(?=#?\w*$)/, "\\&") + (/\s$/.test(slice) ? " " : "");
    isFirst = false;
  }
}

/** The longest name or URL to write whole (characters). */
const NAME_CHARS = 8_000;

/** Like {@linkcode plain}, for a name. Cuts a very long one. */
export function plainName(text: string): string {
  return plain(text.length <= NAME_CHARS ? text : `${beginning(text, NAME_CHARS)}…`);
}

/** A link. Its text and URL cannot break out of it. If the URL is very long, only the text is written. */
export function link(words: string, url: string): string {
  if (url.length > NAME_CHARS) return plainName(words);
  const address = url.replace(
    /[\s<>()\\]/g,
    (char) =>
      encodeURIComponent(char) === char
        ? `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`
        : encodeURIComponent(char),
  ).replace(ENTITY, "&amp;");
  return /^https?:\/\//i.test(url)
    ? `[${plainName(words) || plain(url)}](${address})`
    : plainName(words);
}

/** A bare URL as a link to itself. */
export function bareLink(url: string): string {
  return /&#?\w+;/.test(url) ? link(url, url) : `<${url}>`;
}

/** A table. The cells are already Markdown. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Code or data verbatim, in a fence longer than any inside it. */
export function fenced(text: string, language = ""): string {
  return [...fencedPieces(() => slices(text), language)].join("");
}

/**
 * Like {@linkcode fenced}, in pieces, for a text that may not fit in memory. Generates the text twice: first to
 * find the longest fence, then to write it. Empty pieces are pauses.
 */
export function* fencedPieces(text: () => Iterable<string>, language = ""): Generator<string> {
  let longest = 2, ticks = 0;
  for (const piece of text()) {
    for (let at = 0; at < piece.length; at++) {
      ticks = piece.charCodeAt(at) === BACKTICK ? ticks + 1 : 0;
      if (ticks > longest) longest = ticks;
    }
    yield "";
  }
  const fence = "`".repeat(longest + 1);
  yield `${fence}${language}\n`;
  yield* text();
  yield `\n${fence}`;
}

const BACKTICK = 0x60;

/** An HTML tag, comment or instruction that is not escaped; not a URL in angle brackets. */
const HTML = /(?<=(?:^|[^\\])(?:\\\\)*)<(?=[a-z/!?])(?!https?:\/\/[^\s<>]*>)/gi;
/** The mark that turns a link into an image, unless it is escaped. */
const IMAGE = /(?<=(?:^|[^\\])(?:\\\\)*)!(?=\[)/g;
/** A bare tag that breaks the line, or words between two bare tags. */
const BREAK = /<br *\/?>/iy;
/** Tags that change the look of words. Models write them without attributes. */
export const STYLING_TAGS = "sup|sub|b|strong|i|em|u|s|del|ins|code|kbd|mark|small";
const PAIR = new RegExp(`(<(${STYLING_TAGS})>[^<>\`\n]{1,200})</\\2>`, "iy");

/**
 * Makes a model's Markdown safe for any renderer: HTML becomes text and images become links. Yields it in one
 * piece. Empty pieces are pauses.
 */
export function* prose(markdown: string): Generator<string> {
  let made = "", unclosed = "", hasDoubt = false;
  for (const { text, isCode, isIndented = false, ...part } of partsOf(markdown)) {
    const isDoubtful = isCode && (text.search(HTML) !== -1 || text.search(IMAGE) !== -1);
    // Some viewers indent the text of a list or a footnote like code.
    if (!isCode || (isIndented && isDoubtful)) {
      made += escaped(text);
      continue;
    }
    made += text;
    unclosed = part.unclosed === undefined ? "" : `\n${part.unclosed}`;
    hasDoubt ||= isDoubtful;
  }
  const whole = `${made.replace(/^(?:[ \t]*\n)+|(?<!\s)\s+$/g, "")}${unclosed}`;
  // Let a parser decide what is code.
  yield hasDoubt && (yield* hasMarkup(whole)) ? fenced(markdown, "markdown") : whole;
}

function escaped(text: string): string {
  // Test each line once, however many tags it has.
  let end = -1, hasWords = false, closing = -1;
  const hasWordsBeside = (at: number) => {
    if (at < end) return hasWords;
    const start = text.lastIndexOf("\n", at) + 1;
    end = text.indexOf("\n", at);
    if (end === -1) end = text.length;
    return hasWords = /[\p{L}|]/u.test(text.slice(start, end).replace(/<br *\/?>/gi, ""));
  };
  return text.replace(HTML, (_, at: number) => {
    BREAK.lastIndex = PAIR.lastIndex = at;
    // A line that contains only a tag would turn the lines below into HTML.
    if (at === closing || (BREAK.test(text) && hasWordsBeside(at))) return "<";
    const opening = PAIR.exec(text)?.[1];
    if (opening === undefined) return "\\<";
    closing = at + opening.length;
    return "<";
  }).replace(IMAGE, "\\!");
}

/**
 * A longer text, or one with a longer block, is not parsed: it is assumed to contain markup (characters). A block
 * is parsed in one go, and its marks may take more than linear time.
 */
const PARSED = { text: 300_000, block: 15_000 };
const ALLOWED = new RegExp(`^<(?:br */?|/?(?:${STYLING_TAGS}))>$`, "i");

/** Pauses between the blocks. */
function* hasMarkup(markdown: string): Generator<"", boolean> {
  if (markdown.length > PARSED.text) return true;
  const { tokens, references } = blocks(markdown, { html: true });
  const isTooLong = ({ type, content }: Token) =>
    type === "inline" && content.length > PARSED.block;
  if (tokens.some((token) => token.type === "html_block" || isTooLong(token))) return true;
  const parser = new MarkdownIt({ html: true });
  for (const { type, content } of tokens) {
    if (type !== "inline") continue;
    const hasIt = parser.parseInline(content, { references })[0]?.children?.some((
      { type, content },
    ) => type === "image" || (type === "html_inline" && !ALLOWED.test(content)));
    if (hasIt) return true;
    yield "";
  }
  return false;
}
