/** Splits a command as a POSIX shell does, as far as commands that people paste need it. Pure. */

/** Escapes of `$'…'` (bash): the letter and what it stands for. */
const ANSI: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  v: "\v",
};

/** The words of a command; `null` where a quote is never closed. Nothing is expanded. */
export function shellWords(command: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < command.length; at++) {
    const char = command[at]!;
    if (char === "'") {
      const end = command.indexOf("'", at + 1);
      if (end === -1) return null;
      word = (word ?? "") + command.slice(at + 1, end);
      at = end;
    } else if (char === '"' || (char === "$" && command[at + 1] === "'")) {
      const quoted = char === '"' ? doubleQuoted(command, at + 1) : ansiQuoted(command, at + 2);
      if (quoted === null) return null;
      word = (word ?? "") + quoted.text;
      at = quoted.end;
    } else if (char === "\\") {
      const next = command[++at];
      // A line that goes on: CRLF as well, for what was copied on Windows.
      if (next === "\r" && command[at + 1] === "\n") at++;
      else if (next !== "\n" && next !== undefined) word = (word ?? "") + next;
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

interface Quoted {
  readonly text: string;
  /** Where the closing quote stands. */
  readonly end: number;
}

function doubleQuoted(command: string, start: number): Quoted | null {
  let text = "";
  for (let at = start; at < command.length; at++) {
    const char = command[at]!;
    if (char === '"') return { text, end: at };
    if (char !== "\\") {
      text += char;
      continue;
    }
    const next = command[++at] ?? "";
    // Within double quotes a backslash is itself before anything else.
    if (next !== "\n") text += '"\\$`'.includes(next) ? next : `\\${next}`;
  }
  return null;
}

function ansiQuoted(command: string, start: number): Quoted | null {
  let text = "";
  for (let at = start; at < command.length; at++) {
    const char = command[at]!;
    if (char === "'") return { text, end: at };
    if (char !== "\\") {
      text += char;
      continue;
    }
    const rest = command.slice(at + 1, at + 10);
    const code = /^(?:u([0-9a-f]{1,4})|U([0-9a-f]{1,8})|x([0-9a-f]{1,2}))/i.exec(rest);
    if (code !== null) {
      const point = parseInt(code[1] ?? code[2] ?? code[3] ?? "", 16);
      text += point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
      at += code[0].length;
    } else {
      const next = command[++at] ?? "";
      text += ANSI[next] ?? `\\${next}`;
    }
  }
  return null;
}
