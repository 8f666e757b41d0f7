/** Finds the end of shell quotes and substitutions, and decodes bash's `$'…'`. Pure. */

/** Escapes in bash's `$'…'`: letter and character. */
const ANSI: ReadonlyMap<string, string> = new Map([
  ...["\\", "'", '"', "?"].map((each) => [each, each] as const),
  ...Object.entries({ n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", e: "\x1b", f: "\f", v: "\v" }),
]);

/** Reads a quote whose content begins at `from`: its text and end, or `null` if it is unclosed. */
export function ansiQuoted(
  source: string,
  from: number,
): { readonly text: string; readonly end: number } | null {
  let text = "";
  for (let at = from; at < source.length;) {
    const char = source[at]!;
    if (char === "'") return { text, end: at };
    if (char !== "\\") {
      text += char;
      at++;
      continue;
    }
    const rest = source.slice(at + 1, at + 10);
    const code = /^(?:u([0-9a-f]{1,4})|U([0-9a-f]{1,8})|x([0-9a-f]{1,2}))/i.exec(rest);
    if (code !== null) {
      const point = parseInt(code[1] ?? code[2] ?? code[3] ?? "", 16);
      text += point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
      at += 1 + code[0].length;
    } else {
      const next = rest[0] ?? "";
      text += ANSI.get(next) ?? `\\${next}`;
      at += 2;
    }
  }
  return null;
}

/** Total characters to search for the ends of substitutions. */
const MAX_LOOKED = 5_000_000;

/**
 * Finds the end of a substitution whose content begins at `from`. Returns -1 if it is unclosed or `budget` is
 * used up: a text may have any number of unclosed ones.
 */
export function closing(
  text: string,
  from: number,
  mark: ")" | "`" | "}",
  budget: { looked: number },
): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (++budget.looked > MAX_LOOKED) return -1;
    const char = text[at];
    if (char === "'" && mark === ")") {
      const end = text.indexOf("'", at + 1);
      if (end !== -1) at = end;
    } else if (char === "(" && mark === ")") depth++;
    else if (char === mark && --depth === 0) return at;
  }
  return -1;
}
