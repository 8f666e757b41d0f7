/** Splits code into tokens, as far as literals of JavaScript and Python need it. Pure. */

import { isLossy, Numeral } from "../../base/mod.ts";
import { type Dialect, dialectOf, escapeAt } from "./escapes.ts";
import { dedented } from "./margins.ts";

/** Names of constants. */
export const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...["true", "True"].map((name) => [name, true] as const),
  ...["false", "False"].map((name) => [name, false] as const),
  ...["null", "None", "nil", "undefined"].map((name) => [name, null] as const),
]);
/** Calls that return their first argument, possibly converted. */
export const SAME =
  /^(?:stringify|dumps|encode|dedent|String|str|float|int|Number|freeze|json_encode|to_json|Content|JsonContent)$/;
/** Calls whose arguments are a list. */
export const LISTS = /^(?:listOf|arrayOf|setOf|of|asList|array|list|c)$/;
/** Calls that merge the members of their arguments. */
export const MERGES = /^(?:assign|dict|merge|deepmerge|array_merge)$/;
export const PARSES = /^(?:parse|loads)$/;
/** Methods with no effect on the request, since its text is trimmed anyway. */
export const TRIMS =
  /^(?:trim|strip|encode|trimEnd|trimStart|trimIndent|trimMargin|stripIndent|to_json|to_string|to_owned|into|toString|getBytes)$/;

/** One token. */
export interface Token {
  readonly kind: "text" | "number" | "name" | "mark";
  /** A string's content; otherwise the token itself. */
  readonly text: string;
  /** Its start and end offsets. */
  readonly from: number;
  readonly to: number;
  /** Expressions in a template or an f-string, as written in `text`. */
  readonly holes?: readonly string[];
}

const SPACE = /(?:\s+|(?<!:)\/\/[^\n]*|(?<=^|\s)#[^\n]*)+/y;
/** A string's opening quote with its prefix: Python's letters, C#'s `@` and `$`, Rust's `r#`. */
const OPENING = /(?<![\w$])([rbfu]{0,2}|\$?@|@?\$|b?r(#{1,9}))("""|'''|"|'|`)/iy;
const NUMBER = /(?:0[xob][\da-f_]+|\d[\d_]*(?:\.[\d_]*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)n?/iy;
const NAME = /[\p{L}_$][\p{L}\d_$]*/uy;
const MARK = /=>|::|\.\.\.|\*\*|[=!<>]=+|&&|\|\||\?\?|\?\.|[^]/y;

/** Splits any text into tokens, up to its end. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  // The text of a string may look like another language's code.
  const code = text.replace(QUOTED, '""');
  const styles = STYLES.filter(({ sign }) => sign.test(code));
  const dialect = dialectOf(code);
  const match = (pattern: RegExp, at: number) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const lastComment = text.lastIndexOf("*/") - 1;
  /** Where a quote of a kind may close again, as an offset. */
  const unclosed = new Map<string, number>();
  for (let at = 0; at < text.length;) {
    const space = match(SPACE, at);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    if (at < lastComment && text.startsWith("/*", at)) {
      at = text.indexOf("*/", at + 2) + 2;
      continue;
    }
    const opening = match(OPENING, at);
    const [, prefix = "", hashes = "", quote = ""] = opening ?? [];
    const opener = prefix + quote;
    const mayClose = opening !== null && at >= (unclosed.get(opener) ?? 0);
    const string = mayClose
      ? readString(text, at, prefix, quote, quote + hashes, styles, dialect)
      : null;
    // If this quote does not close, later ones of its kind do not either.
    if (mayClose && string === null) {
      const lineEnd = isLineString(prefix, quote) ? text.indexOf("\n", at) : -1;
      unclosed.set(opener, lineEnd === -1 ? text.length : lineEnd);
    }
    if (string !== null) {
      tokens.push(string);
      at = string.to;
      continue;
    }
    const [kind, found] = ([["number", NUMBER], ["name", NAME], ["mark", MARK]] as const)
      .flatMap(([kind, pattern]) => {
        const found = match(pattern, at);
        return found === null ? [] : [[kind, found[0]] as const];
      })[0] ?? ["mark" as const, text[at] ?? ""];
    tokens.push({ kind, text: found, from: at, to: at + found.length });
    at += found.length;
  }
  return tokens;
}

/** A string, up to the end of its line: a search for each quote's partner would take quadratic time. */
const QUOTED = /"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?/g;

/** How a language writes expressions in strings. */
interface Style {
  /** Matches text that is typical of the language. */
  readonly sign: RegExp;
  readonly expression: RegExp;
  /** Whether single quotes have them too. */
  readonly single?: boolean;
}

const STYLES: readonly Style[] = [
  // PHP, Perl.
  { sign: /<\?php|[\s(,;]\$\w+\s*[=,)]|^\$\w+\s*=/, expression: /\{\$[^{}"\n]+\}|\$[A-Za-z_]\w*/y },
  // Kotlin, Dart, Terraform.
  {
    sign: /\b(?:val|fun)\s+\w|\b(?:mapOf|jsonEncode|jsonencode)\(/,
    expression: /\$\{[^{}"\n]+\}|\$[A-Za-z_]\w*/y,
    single: true,
  },
  // Ruby, Elixir.
  {
    sign: /\bto_json\b|\bJSON\.(?:dump|generate)\b|\bNet::HTTP\b|\bReq\.|%\{|=>\s|<<[~-]/,
    expression: /#\{[^{}"\n]+\}/y,
  },
  // Swift, jq.
  { sign: /\blet\s|\bURLRequest\b|^\$\w+ = /, expression: /\\\([^()"\n]+\)/y },
];

/** The end of the expression that begins at `at` in a string; 0 if there is none. */
function expressionEnd(styles: readonly Style[], quote: string, text: string, at: number): number {
  if (!"$#{\\".includes(text[at]!)) return 0;
  for (const { expression, single } of styles) {
    if (!quote.startsWith('"') && single !== true) continue;
    expression.lastIndex = at;
    if (expression.test(text)) return expression.lastIndex;
  }
  return 0;
}

/** Whether a string that opens like this ends with its line. */
function isLineString(prefix: string, quote: string): boolean {
  return quote.length === 1 && quote !== "`" && !/[@#]/.test(prefix);
}

/** Reads the string whose quote opens at `from`; `null` if it never closes. */
function readString(
  text: string,
  from: number,
  prefix: string,
  quote: string,
  closing: string,
  styles: readonly Style[],
  dialect: Dialect,
): Token | null {
  const verbatim = prefix.includes("@");
  const raw = verbatim || /r/i.test(prefix);
  const isLine = isLineString(prefix, quote);
  const formatted = /[f$]/i.test(prefix);
  const holes: string[] = [];
  let value = "";
  let at = from + prefix.length + quote.length;
  const hole = (end: number) => {
    const expression = text.slice(at, end === 0 ? text.length : end);
    holes.push(expression);
    value += expression;
    at += expression.length;
  };
  while (at < text.length) {
    if (verbatim && text.startsWith('""', at)) {
      value += '"';
      at += 2;
      continue;
    }
    if (text.startsWith(closing, at)) {
      const to = at + closing.length;
      const isBlock = dialect.dedents && quote === '"""' && /^\r?\n/.test(value);
      const own = isBlock ? dedented(value) : value;
      return { kind: "text", text: own, from, to, ...holes.length > 0 ? { holes } : {} };
    }
    const char = text[at]!;
    if (char === "\n" && isLine) return null;
    const end = raw ? 0 : expressionEnd(styles, quote, text, at);
    if (end > 0) hole(end);
    else if (char === "\\" && !raw) {
      const escape = escapeAt(text, at, quote, dialect);
      if (escape.isUnknown) holes.push(escape.value);
      value += escape.value;
      at += escape.length;
    } else if (formatted && (text.startsWith("{{", at) || text.startsWith("}}", at))) {
      value += char;
      at += 2;
    } else if ((formatted && char === "{") || (quote === "`" && text.startsWith("${", at))) {
      hole(text.indexOf("}", at) + 1);
    } else {
      value += char;
      at++;
    }
  }
  return null;
}

/** Tokens that end a value. */
export const CLOSING = [",", ")", "}", "]", ";"];

const isMark = (token: Token | undefined, text: string) =>
  token?.kind === "mark" && token.text === text;

/** The entry of a map that begins there: `"a": 1`, `a: 1`, `"a" => 1`, Ruby's `:a => 1`, Kotlin's `"a" to 1`. */
export function pairAt(
  tokens: readonly Token[],
  at: number,
): { readonly key: Token; readonly value: number } | null {
  const isSymbol = isMark(tokens[at], ":") && isMark(tokens[at + 2], "=>");
  const from = isSymbol ? at + 1 : at;
  const [key, sign] = [tokens[from], tokens[from + 1]];
  if (key === undefined || key.kind === "mark") return null;
  const isPair = isMark(sign, "=>") || isMark(sign, ":") ||
    key.kind === "text" && sign?.kind === "name" && sign.text === "to";
  return isPair ? { key, value: from + 2 } : null;
}

/** The `{` after a type: `[]string{`, `map[string]any{`, `new List<string> {`, `Spec{`; -1 if there is none. */
export function typeEnd(tokens: readonly Token[], from: number): number {
  const isNew = tokens[from]?.text === "new";
  // A list of JavaScript has items in its brackets.
  if (isMark(tokens[from], "[") && !isMark(tokens[from + 1], "]")) return -1;
  let depth = 0;
  for (let at = from + (isNew ? 1 : 0); at < from + 30; at++) {
    const token = tokens[at];
    if (token === undefined || token.kind === "text") return -1;
    if (token.kind !== "mark") continue;
    if (token.text === "{") {
      if (tokens[at - 1]?.text === "interface") at++;
      else if (isNew || at > from && tokens[at - 1]!.to === token.from) return at;
      else return -1;
    } else if ("[<".includes(token.text)) depth++;
    else if ("]>".includes(token.text)) depth--;
    else if (!(".*".includes(token.text) || isNew && "()".includes(token.text)) && depth === 0) {
      return -1;
    }
  }
  return -1;
}

/** Whether a token joins texts: `+`, or PHP's `.` before a text or a variable. */
export function joinsTexts(tokens: readonly Token[], at: number): boolean {
  const next = tokens[at + 1];
  return isMark(tokens[at], "+") ||
    isMark(tokens[at], ".") && (next?.kind === "text" || next?.text.startsWith("$") === true);
}

/** Whether a keyword argument begins there: `a=1`. */
export function isKeyword(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.kind === "name" && isMark(tokens[at + 1], "=");
}

/** Characters of an expression that are read. A note shows 60. */
const MAX_SPAN = 1_000;

/** Tokens as the code has them, with single spaces. */
export function spanOf(text: string, tokens: readonly Token[], from: number, end: number): string {
  const start = tokens[from]?.from ?? 0;
  const to = Math.min(tokens[end - 1]?.to ?? text.length, start + MAX_SPAN);
  return text.slice(start, to).replace(/\s+/g, " ");
}

/** A string as written in the code, without its quotes. */
export function writtenIn(text: string, { from, to }: Token): string {
  return text.slice(from, to).replace(/^[^"'`]*["'`]+|(?<!["'`])["'`]+#*$/g, "");
}

/** A number as JSON writes it. */
export const NUMBER_TEXT = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** Parses a number literal and keeps digits that a double cannot hold. */
export function numberOf(text: string): unknown {
  const plain = text.replaceAll("_", "").replace(/n$/, "");
  if (NUMBER_TEXT.test(plain) && isLossy(plain)) {
    return new Numeral(plain);
  }
  const value = Number(plain);
  const isLarge = /^0[xob]/i.test(plain) && value > Number.MAX_SAFE_INTEGER;
  return isLarge ? new Numeral(String(BigInt(plain))) : value;
}
