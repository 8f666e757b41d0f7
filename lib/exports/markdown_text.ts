/** Pieces of Markdown (CommonMark, GFM tables and footnotes) from plain values. Pure. */

/** Text that is to be read as it is, in one line. */
export function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim()
    .replace(/[\\`*_[\]<>|~#]/g, "\\$&")
    // What would begin a list.
    .replace(/^([-+]|\d+[.)])(?= |$)/, "\\$1");
}

/** A link whose words and address cannot break out of it. */
export function link(words: string, url: string): string {
  const address = url.replace(
    /[\s<>()\\]/g,
    (char) =>
      encodeURIComponent(char) === char
        ? `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`
        : encodeURIComponent(char),
  );
  return /^https?:\/\//i.test(url) ? `[${plain(words) || plain(url)}](${address})` : plain(words);
}

/** A table. The cells are Markdown already. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Code or data as it is, in a fence longer than any inside. */
export function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/**
 * Fenced code, closed or not, and code within a line: as it is, whatever it looks like. What closes
 * it is looked for only so far, so that a text of nothing but openings takes no more than its length.
 */
const CODE =
  /^ {0,3}(`{3,}|~{3,})[^\n]*(?:\n[\s\S]*?(?:^ {0,3}\1[`~]*[ \t]*$|$(?![\s\S]))|$(?![\s\S]))|(?<!`)(`+)(?!`)[\s\S]{0,600}?[^`]\2(?!`)/gm;

function outsideCode(text: string, map: (prose: string) => string): string {
  let mapped = "", at = 0;
  for (const { 0: code, index } of text.matchAll(CODE)) {
    mapped += map(text.slice(at, index)) + code;
    at = index + code.length;
  }
  return mapped + map(text.slice(at));
}

/** A tag, comment or instruction of HTML; not an address in angle brackets. */
const HTML = /<(?=[a-z/!?])(?!https?:\/\/[^\s<>]*>)/gi;

/** What makes an image of a link; not one that is escaped already. */
const IMAGE = /(?<=(?:^|[^\\])(?:\\\\)*)!(?=\[)/g;

/** Markdown that a model wrote, whose HTML is text and whose images are links wherever it is opened. */
export function prose(markdown: string): string {
  return outsideCode(markdown, (text) => text.replace(HTML, "\\<").replace(IMAGE, "\\!")).trim();
}

/** A reference that is neither a link's words nor a definition. */
const REFERENCE = /\[(\d{1,4})\](?![(:])/g;

/**
 * Replaces inline references `[n]` by what `to` gives for their number, `null` leaving them; code and
 * links stay as they are.
 */
export function mapReferences(text: string, to: (n: number) => string | null): string {
  return outsideCode(
    text,
    (part) =>
      part.replace(
        REFERENCE,
        (whole, digits: string) => to(Number(digits)) ?? whole,
      ),
  );
}
