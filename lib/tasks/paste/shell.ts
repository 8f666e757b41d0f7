/**
 * Splits terminal text into commands like a POSIX shell, as far as pasted commands need it: quotes,
 * here-documents, pipes, and variables that the text sets. Pure.
 */

import type { Budget } from "./budget.ts";
import type { Command, Word } from "./found.ts";
import { outputOf } from "./output.ts";
import { ansiQuoted, closing } from "./quotes.ts";

/** Maximum nesting of substitutions. */
const DEEPEST = 4;

/** Splits a text into commands; `null` if a quote is unclosed. */
export function shellCommands(text: string, budget: Budget): Command[] | null {
  const shell = new Shell(text, { variables: new Map(), files: new Map(), budget }, 0);
  try {
    return shell.run();
  } catch (error) {
    if (error instanceof OpenQuote) return null;
    throw error;
  }
}

class OpenQuote extends Error {}

interface Pending {
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly tabs: boolean;
}

/** State that a shell shares with its subshells. */
interface Shared {
  readonly variables: Map<string, Word>;
  readonly files: Map<string, Word>;
  readonly budget: Budget;
}

class Shell {
  readonly #text: string;
  readonly #shared: Shared;
  readonly #depth: number;
  readonly #commands: Command[] = [];
  #at = 0;
  #words: Word[] = [];
  #stdin: Word | null = null;
  #output: string | null = null;
  #documents: Pending[] = [];

  constructor(text: string, shared: Shared, depth: number) {
    this.#text = text;
    this.#shared = shared;
    this.#depth = depth;
  }

  run(): Command[] {
    while (this.#at < this.#text.length) this.#step();
    this.#end(false);
    return this.#commands;
  }

  #step() {
    const rest = this.#text.slice(this.#at, this.#at + 3);
    const char = rest[0] ?? "";
    if (char === "\n") {
      this.#at++;
      this.#readDocuments();
      this.#end(false);
    } else if (/\s/.test(char)) this.#at++;
    else if (/^\\\r?\n/.test(rest)) this.#at += rest[1] === "\r" ? 3 : 2;
    else if (char === "#") this.#at = this.#lineEnd();
    else if (rest === "<<<") {
      this.#at += 3;
      this.#stdin = this.#wordAfterSpace();
    } else if (rest.startsWith("<<")) {
      this.#at += 2;
      const tabs = this.#text[this.#at] === "-";
      if (tabs) this.#at++;
      const from = this.#at;
      const { text } = this.#wordAfterSpace();
      const quoted = /['"\\]/.test(this.#text.slice(from, this.#at));
      this.#documents.push({ delimiter: text, quoted, tabs });
    } else if (char === "<") {
      this.#at++;
      const { text } = this.#wordAfterSpace();
      this.#stdin = this.#shared.files.get(text) ?? { text: `@${text}`, unknown: [] };
    } else if (char === ">") {
      this.#at += rest[1] === ">" ? 2 : 1;
      this.#output = this.#wordAfterSpace().text;
    } else if (char === "|" && rest[1] !== "|") {
      this.#at++;
      this.#end(true);
    } else if (/[;&|()]/.test(char)) {
      this.#at++;
      this.#end(false);
    } else this.#words.push(this.#word());
  }

  /** Ends a command. With a pipe, its output goes to the next one. */
  #end(piped: boolean) {
    // The here-documents of a line with a pipe belong to the command before it.
    if (piped && this.#documents.length > 0 && this.#depth < DEEPEST) this.#readDocumentsAhead();
    const words = this.#words;
    const written = this.#written(words);
    const any = words.length > 0;
    while (/^(?:export|set)$/.test(words[0]?.text ?? "")) words.shift();
    for (let pair; (pair = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(words[0]?.text ?? "")) !== null;) {
      this.#shared.variables.set(pair[1]!, { text: pair[2]!, unknown: words.shift()!.unknown });
    }
    if (words.length > 0) {
      this.#commands.push({ words, stdin: this.#stdin, files: this.#shared.files });
    }
    if (this.#output !== null && written !== null) this.#shared.files.set(this.#output, written);
    this.#words = [];
    this.#output = null;
    // A pipe may end its line.
    if (any) this.#stdin = piped ? written ?? { text: "@-", unknown: [] } : null;
  }

  #written(words: readonly Word[]): Word | null {
    const { files, budget } = this.#shared;
    const written = outputOf(words, this.#stdin, files, budget);
    budget.spend(written?.text.length ?? 0);
    return written;
  }

  #readDocuments() {
    for (const { delimiter, quoted, tabs } of this.#documents.splice(0)) {
      const lines: string[] = [];
      while (this.#at < this.#text.length) {
        const end = this.#lineEnd();
        const line = this.#text.slice(this.#at, end).replace(/\r$/, "");
        this.#at = end + 1;
        const own = tabs ? line.replace(/^\t+/, "") : line;
        if (own.trim() === delimiter) break;
        lines.push(own);
      }
      const text = lines.join("\n");
      this.#stdin = quoted ? { text, unknown: [] } : this.#expanded(text);
    }
  }

  /** Reads the documents that begin on the next line, and skips them later. */
  #readDocumentsAhead() {
    const from = this.#at;
    const line = this.#text.slice(from, this.#lineEnd());
    this.#at = Math.min(this.#text.length, this.#lineEnd() + 1);
    this.#readDocuments();
    const rest = new Shell(line, this.#shared, this.#depth + 1);
    // The command after the pipe on this line reads the document.
    const stdin = this.#written(this.#words) ?? this.#stdin;
    const commands = rest.run();
    if (this.#words.length > 0) this.#commands.push({ words: this.#words, stdin: this.#stdin });
    this.#words = [];
    for (const [at, command] of commands.entries()) {
      this.#commands.push(at === 0 ? { ...command, stdin: command.stdin ?? stdin } : command);
    }
  }

  #expanded(text: string): Word {
    return new Shell(text, this.#shared, this.#depth).#expand(null);
  }

  #lineEnd(): number {
    const end = this.#text.indexOf("\n", this.#at);
    return end === -1 ? this.#text.length : end;
  }

  #wordAfterSpace(): Word {
    while (/[ \t]/.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#word();
  }

  #word(): Word {
    let text = "";
    const unknown: string[] = [];
    const add = (word: Word) => {
      text += word.text;
      unknown.push(...word.unknown);
    };
    for (;;) {
      const char = this.#text[this.#at];
      if (
        char === undefined || /[\s;|()<>]/.test(char) ||
        (char === "&" && /\s|$|&/.test(this.#text[this.#at + 1] ?? "\n"))
      ) break;
      if (char === "'") text += this.#until("'", this.#at + 1);
      else if (char === '"') add(this.#doubleQuoted());
      else if (char === "$" && this.#text[this.#at + 1] === "'") text += this.#ansiQuoted();
      // `$"…"` is translated where there is a translation.
      else if (char === "$" && this.#text[this.#at + 1] === '"') this.#at++;
      else if (char === "$" || char === "`") add(this.#variable());
      else if (char === "\\") {
        const next = this.#text[this.#at + 1] ?? "";
        // A line continuation. Also accept CRLF, from text copied on Windows.
        const crlf = next === "\r" && this.#text[this.#at + 2] === "\n";
        if (next !== "\n" && !crlf) text += next;
        this.#at += crlf ? 3 : 2;
      } else {
        text += char;
        this.#at++;
      }
    }
    return { text, unknown };
  }

  #until(quote: string, from: number): string {
    const end = this.#text.indexOf(quote, from);
    if (end === -1) throw new OpenQuote();
    this.#at = end + 1;
    return this.#text.slice(from, end);
  }

  #doubleQuoted(): Word {
    this.#at++;
    return this.#expand('"');
  }

  /** Expands a text with variables up to its closing quote, or to its end if it has none. */
  #expand(quote: '"' | null): Word {
    const escaped = quote === null ? "\\$`" : '"\\$`';
    let text = "";
    const unknown: string[] = [];
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at]!;
      if (char === quote) {
        this.#at++;
        return { text, unknown };
      }
      if (char === "\\") {
        const next = this.#text[this.#at + 1] ?? "";
        // Before any other character, a backslash is literal.
        if (next !== "\n") text += escaped.includes(next) ? next : `\\${next}`;
        this.#at += 2;
      } else if (char === "$" || char === "`") {
        const word = this.#variable();
        text += word.text;
        unknown.push(...word.unknown);
      } else {
        text += char;
        this.#at++;
      }
    }
    if (quote !== null) throw new OpenQuote();
    return { text, unknown };
  }

  /** Expands a `$` or a backtick. A lone `$` is literal. */
  #variable(): Word {
    const from = this.#at;
    const rest = this.#text.slice(from, from + 200);
    const name = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\}|[\d@*#?$!-])/.exec(rest);
    if (name !== null) {
      this.#at += name[0].length;
      const word = this.#shared.variables.get(name[1] ?? name[2] ?? "") ??
        { text: name[0], unknown: [name[0]] };
      return this.#shared.budget.used(word);
    }
    const close = rest.startsWith("$(")
      ? closing(this.#text, from + 2, ")", this.#shared.budget)
      : rest[0] === "`"
      ? closing(this.#text, from + 1, "`", this.#shared.budget)
      : rest.startsWith("${")
      ? closing(this.#text, from + 2, "}", this.#shared.budget)
      : from;
    if (close === from || close === -1) {
      this.#at++;
      return { text: rest[0] ?? "", unknown: [] };
    }
    this.#at = close + 1;
    const whole = this.#text.slice(from, close + 1);
    const inside = this.#text.slice(from + (rest[0] === "`" ? 1 : 2), close);
    const output = rest.startsWith("${") ? null : this.#outputOf(inside);
    return output ??
      { text: whole, unknown: [whole.length > 40 ? `${whole.slice(0, 39)}…` : whole] };
  }

  /** The output of a substitution, without trailing line ends. */
  #outputOf(text: string): Word | null {
    if (this.#depth >= DEEPEST) return null;
    const shell = new Shell(text, this.#shared, this.#depth + 1);
    const commands = shell.run();
    const [command] = commands;
    if (command === undefined) return null;
    shell.#stdin = command.stdin;
    const written = commands.length > 1 ? null : shell.#written(command.words);
    // It may be the command that sends the request.
    if (written === null) this.#commands.push(...commands);
    return written === null ? null : { ...written, text: written.text.replace(/(?<!\n)\n+$/, "") };
  }

  #ansiQuoted(): string {
    const quoted = ansiQuoted(this.#text, this.#at + 2);
    if (quoted === null) throw new OpenQuote();
    this.#at = quoted.end + 1;
    return quoted.text;
  }
}
