/** What a backslash in a string means: languages differ. Pure. */

/** How a program's language reads backslashes. */
export interface Dialect {
  /** An escape that the language does not have stays as it is: Python, PHP. */
  readonly keeps: boolean;
  /** Single quotes have `\\` and `\'` alone: PHP, Perl, Ruby. */
  readonly plainSingle: boolean;
  /** A backslash at the end of a line joins it without the next one's indentation: Rust. */
  readonly joins: boolean;
  /** A text in `"""` that begins with a line end loses its margin: Java, C#, Swift. */
  readonly dedents: boolean;
}

// White space before a word is of one line: more would take quadratic time.
const PYTHON =
  /\b(?:None|True|False|elif|import \w+|from \w+ import)\b|^[ \t]*(?:async )?def \w+\(.*:$|[(,]\s*[a-z_]+=(?:[rbfu]{0,2}["']|[[{(])/m;
const PHP = /<\?php|^[ \t]*\$\w+ *=[^=~]/m;
const RUBY_OR_PERL =
  /\b(?:my|our) +[$@%]\w|(?:""|(?<![\w:]):\w+) *=>|\b(?:to_json|JSON\.(?:dump|generate)|Net::HTTP|HTTParty|Faraday)\b|^[ \t]*(?:end|require "")[ \t]*$/m;
const RUST = /\bjson!|\bfn \w+|\blet mut\b|\w::\w/;
const DEDENTS = /\b(?:String|string|var|let) +\w+ *(?:: *\w+ *)?=/;
const KEEPS_MARGIN = /\b(?:val|fun)\s+\w/;

/** Ruby's `create(input: '…')`: other languages with such calls end statements, or have no texts in single quotes. */
const LABELS = /\w\(\s*\w+:\s*""/;

/** The dialect of code whose strings are empty. */
export function dialectOf(code: string): Dialect {
  const isPhp = PHP.test(code);
  return {
    keeps: isPhp || PYTHON.test(code),
    plainSingle: isPhp || RUBY_OR_PERL.test(code) || LABELS.test(code) && !code.includes(";"),
    joins: RUST.test(code),
    dedents: DEDENTS.test(code) && !KEEPS_MARGIN.test(code),
  };
}

const LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({ n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", "\n": "" }),
);
const CODE =
  /\\(?:u\{([\dA-Fa-f]{1,6})\}|u([\dA-Fa-f]{4})|x([\dA-Fa-f]{2})|U([\dA-Fa-f]{8})|([0-3]?[0-7]{1,2}))/y;
/** A character by its name, in Python. */
const NAMED = /\\N\{[A-Za-z0-9 -]{1,100}\}/y;
const JOINED = /\\\r?\n[ \t]*/y;

/** Reads the escape at a backslash: the text that it stands for, and its length as written. */
export function escapeAt(
  text: string,
  at: number,
  quote: string,
  dialect: Dialect,
): { readonly value: string; readonly length: number; readonly isUnknown?: true } {
  const next = text[at + 1] ?? "";
  if (quote === "'" && dialect.plainSingle && !/[\\'\n]/.test(next)) {
    return { value: `\\${next}`, length: 2 };
  }
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const code = match(CODE);
  if (code !== null) {
    const [written, ...digits] = code;
    const hex = digits.slice(0, 4).find((each) => each !== undefined);
    const point = hex === undefined ? parseInt(digits[4]!, 8) : parseInt(hex, 16);
    const value = point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
    return { value, length: written.length };
  }
  const name = dialect.keeps ? match(NAMED)?.[0] : undefined;
  if (name !== undefined) return { value: name, length: name.length, isUnknown: true };
  const isJoined = dialect.joins || dialect.dedents && quote === '"""';
  const joined = isJoined ? match(JOINED)?.[0] : undefined;
  if (joined !== undefined) return { value: "", length: joined.length };
  const isKept = dialect.keeps && !LETTERS.has(next) && !/[\\"'`$]/.test(next);
  return { value: LETTERS.get(next) ?? (isKept ? `\\${next}` : next), length: 2 };
}
