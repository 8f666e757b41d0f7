/** Reads requests from cmd.exe commands. Pure. */
import { Budget } from "./budget.ts";
import { readEach } from "./commands.ts";
import type { Command, Reading, Steps } from "./found.ts";

/** Whether a text is for cmd.exe: `^"`, a caret that ends a line, or `"{\"` and `%NAME%`. */
export function isForCmd(text: string): boolean {
  return /\^"|\^[ \t]*\r?\n/.test(text) ||
    /"[[{]\\"/.test(text) && /%[A-Za-z_]\w{0,60}%/.test(text);
}

/** Reads the requests of cmd.exe commands; `null` if none of them sends any. */
export function* readCmd(text: string): Steps<Reading | null> {
  const prompt = /^[ \t]*[A-Z]:\\[^>\n\r\u2028\u2029]*>[ \t]*/gm;
  const lines = withoutCarets(text.replace(/\r\n/g, "\n").replace(prompt, ""));
  const variables = new Map<string, string>();
  const budget = new Budget();
  const commands = lines.map((line): Command => {
    const [, name, value] = /^\s*set\s+"?(\w+)=(.*?)"?\s*$/i.exec(line) ?? [];
    if (name !== undefined) variables.set(name.toLowerCase(), value ?? "");
    const filled = line.replace(
      VARIABLE,
      (whole, name) => budget.used(variables.get(name.toLowerCase()) ?? whole),
    );
    const words = argumentsOf(filled).map((text) => ({
      text,
      unknown: text.match(VARIABLE) ?? [],
    }));
    return { words, stdin: null };
  });
  yield;
  return yield* readEach(commands, budget);
}

/** A variable of cmd.exe. */
const VARIABLE = /%([A-Za-z_]\w{0,60})%/g;

/** Splits and unescapes commands like cmd.exe: a caret outside quotes escapes the next character. */
function withoutCarets(text: string): string[] {
  const lines = [""];
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    let literal: string | undefined = char;
    if (char === "^" && !quoted) {
      // A caret before a line end continues the line and escapes the character after it.
      if (text[at + 1] === "\n") at++;
      literal = text[++at];
    } else if (char === '"') quoted = !quoted;
    else if (char === "\n" && !quoted) {
      lines.push("");
      continue;
    }
    lines[lines.length - 1] += literal ?? "";
  }
  return lines;
}

/**
 * Splits a command line like Windows programs: `\"` and, inside quotes, `""` are a quote. Source:
 * learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments.
 */
function argumentsOf(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!;
    const slashes = char === "\\" ? /^\\+/.exec(line.slice(at, at + 100))![0].length : 0;
    if (slashes > 0 && line[at + slashes] === '"') {
      word = (word ?? "") + "\\".repeat(slashes >> 1);
      at += slashes - 1;
      if (slashes % 2 === 1) {
        word += '"';
        at++;
      }
    } else if (char === '"') {
      word ??= "";
      if (quoted && line[at + 1] === '"') {
        word += '"';
        at++;
      } else quoted = !quoted;
    } else if (/\s/.test(char) && !quoted) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + char;
  }
  if (word !== null) words.push(word);
  return words;
}
