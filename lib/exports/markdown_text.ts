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
 * Replaces inline references `[n]` by what `to` gives for their number, `null` leaving them; code and
 * links stay as they are.
 */
export function mapReferences(text: string, to: (n: number) => string | null): string {
  const skipped =
    /^ {0,3}(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ {0,3}\1[`~]*[ \t]*$|$(?![\s\S]))|(`+)(?!`)[\s\S]*?[^`]\2(?!`)|\]\([^)]*\)|\[(\d{1,4})\](?![(:])/gm;
  return text.replace(
    skipped,
    (whole, _fence, _ticks, digits?: string) =>
      digits === undefined ? whole : to(Number(digits)) ?? whole,
  );
}
