/** Reads requests from PowerShell scripts. Pure. */
import { inOrder, isLossy, isObject, Numeral } from "../../base/mod.ts";
import { Budget } from "./budget.ts";
import { bodiesIn, isBody } from "./documents.ts";
import {
  changeNote,
  type Found,
  type Reading,
  READS_FILE,
  setMember,
  type Steps,
  Unknown,
  unknownNote,
} from "./found.ts";

/** Whether a text is PowerShell that sends something. */
export function isPowerShell(text: string): boolean {
  return /Invoke-(?:WebRequest|RestMethod)|\b(?:iwr|irm)\b|ConvertTo-Json/i.test(text);
}

/** Reads the requests of a PowerShell script. */
export function* readPowerShell(text: string): Steps<Reading> {
  const script = new Script(text.replace(/\r\n/g, "\n"));
  yield* script.run();
  const isFile = /-InFile\b|\bGet-Content\b/i.test(text);
  return { found: script.found, why: script.why ?? (isFile ? READS_FILE : null) };
}

/** Maximum nesting of tables. A request is never deeper. */
const MAX_DEPTH = 40;
const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({ n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v", 0: "\0", a: "\x07" }),
);

class Script {
  readonly found: (Found & { readonly notes: string[] })[] = [];
  why: string | null = null;
  readonly #text: string;
  readonly #variables = new Map<string, unknown>();
  readonly #unclosed = new Set<string>();
  readonly #budget = new Budget();
  #notes: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  *run(): Steps<void> {
    for (; this.#at < this.#text.length; yield) {
      const assigned = this.#match(/\$(\w+)\s*=\s*/y);
      if (assigned === null && this.#setsMember()) continue;
      // A variable has the value that was read at its assignment.
      if (assigned === null && this.#match(/\$\w+/y)) continue;
      const from = this.#at;
      this.#notes = [];
      const value = this.#value(0);
      if (assigned !== null) this.#variables.set(assigned[1]!.toLowerCase(), value);
      if (typeof value === "string" && /^\s*[[{]/.test(value)) {
        const change = this.#match(/\s*(?:-c?replace\b|-f\b|\.Replace\()[^\n]*/iy)?.[0].trim();
        if (change !== undefined) this.#notes.push(changeNote(change));
        const { found, why } = bodiesIn(value);
        this.found.push(
          ...found.map(({ body, notes }) => ({ body, notes: [...notes, ...this.#notes] })),
        );
        this.why ??= why;
      } else this.#offer(value);
      // Continue after the table. Its other content is not a request.
      if (this.#at === from) this.#at++;
    }
  }

  #offer(value: unknown) {
    const known = this.found.find(({ body }) => body === value);
    if (known !== undefined) known.notes.push(...this.#notes);
    else if (isBody(value)) this.found.push({ body: value, notes: this.#notes });
  }

  /** Reads `$a.b = …`, `$a['b'] = …` and `$a.Add('b', …)`; `false` if none of them is here. */
  #setsMember(): boolean {
    const from = this.#at;
    const set = this.#match(/\$(\w+)((?:\.\w+|\[['"][^'"]*['"]\])+)\s*=\s*/y) ??
      this.#match(/\$(\w+)((?:\.\w+)*)\.Add\(\s*['"]([^'"]*)['"]\s*,\s*/iy);
    if (set === null) return false;
    const [, name = "", steps = "", added] = set;
    const path = [...steps.matchAll(/\w[^.[\]'"]*/g)].map(([step]) => step);
    if (added !== undefined) path.push(added);
    const root = this.#variables.get(name.toLowerCase());
    const holder = path.slice(0, -1).reduce<unknown>(
      (holder, step) => isObject(holder) && Object.hasOwn(holder, step) ? holder[step] : null,
      root,
    );
    if (!isObject(holder) || holder instanceof Unknown) {
      this.#at = from;
      return false;
    }
    this.#notes = [];
    const written = new Unknown(set[0].trim());
    const value = this.#list(0) ?? written;
    setMember(holder, path.at(-1) ?? "", this.#budget.holds(value, holder) ? written : value);
    this.#offer(root);
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  /** Reads the value here; `undefined` if there is none. */
  #value(depth: number): unknown {
    if (depth > MAX_DEPTH) return undefined;
    const string = this.#string();
    if (string !== undefined) return this.#joined(string, depth);
    if (this.#match(/(?:\[\w+\])?@\{/y)) return this.#table(depth);
    if (this.#match(/@\(/y)) return this.#array(depth);
    const number = this.#match(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/iy)?.[0];
    if (number !== undefined) return isLossy(number) ? new Numeral(number) : Number(number);
    const variable = this.#match(/\$(?:env:)?\w+/y)?.[0];
    if (variable === undefined) return undefined;
    const name = variable.slice(1).toLowerCase();
    if (name === "true" || name === "false") return name === "true";
    if (name === "null") return null;
    return this.#variables.has(name)
      ? this.#budget.used(this.#variables.get(name))
      : new Unknown(variable);
  }

  /** A text and what `+` adds to it. */
  #joined(first: string, depth: number): string {
    let text = first;
    while (this.#match(/\s*\+\s*(?=['"$])/y)) {
      const value = this.#value(depth + 1);
      if (value instanceof Unknown) this.#notes.push(unknownNote(value.expression));
      else if (value !== undefined) text += String(value);
      else break;
    }
    return text;
  }

  #string(): string | undefined {
    const [start, quote] = /^@?(['"])/.exec(this.#text.slice(this.#at, this.#at + 2)) ?? [];
    if (start === undefined || quote === undefined || this.#unclosed.has(start)) return undefined;
    const pattern = start.length === 2
      ? quote === "'" ? /@'[ \t]*\n([^]*?)\n'@/y : /@"[ \t]*\n([^]*?)\n"@/y
      : quote === "'"
      ? /'((?:[^']|'')*)'/y
      : /"((?:[^"`]|`[^]|"")*)"/y;
    const found = this.#match(pattern)?.[1];
    // If it is not closed from here, it is not closed later. Search once.
    if (found === undefined) this.#unclosed.add(start);
    else if (quote === '"') return this.#expanded(found);
    return start.length === 2 ? found : found?.replaceAll("''", "'");
  }

  #table(depth: number): unknown {
    const members = new Map<string, unknown>();
    for (;;) {
      this.#match(/(?:[\s;]|#[^\n]*)+/y);
      if (this.#match(/\}/y) || this.#at >= this.#text.length) break;
      const key = this.#match(/(?:'([^']*)'|"([^"]*)"|([\w.-]+))\s*=\s*/y);
      if (key === null) {
        this.#at++;
        continue;
      }
      const from = this.#at;
      const value = this.#list(depth + 1);
      // Anything but a literal is an expression up to the end of its line.
      const more = this.#match(/[^\n;}]*/y)?.[0].trim() ?? "";
      const isWhole = value !== undefined && (more === "" || /^\||^#/.test(more));
      members.set(
        key[1] ?? key[2] ?? key[3] ?? "",
        isWhole ? value : new Unknown(this.#text.slice(from, this.#at).trim()),
      );
    }
    return inOrder(members);
  }

  /** Reads a value, or several with commas between them. */
  #list(depth: number): unknown {
    const first = this.#value(depth);
    if (first === undefined || this.#match(/[ \t]*,\s*/y) === null) return first;
    const items: unknown[] = [first];
    do items.push(this.#value(depth)); while (this.#match(/[ \t]*,\s*/y) !== null);
    return items.filter((item) => item !== undefined);
  }

  #array(depth: number): unknown[] {
    const items: unknown[] = [];
    while (this.#at < this.#text.length) {
      this.#match(/[\s,;]+/y);
      if (this.#match(/\)/y)) break;
      const from = this.#at;
      const value = this.#value(depth + 1);
      if (value !== undefined) items.push(value);
      if (this.#at === from) this.#at++;
    }
    return items;
  }

  /** Expands a double-quoted text: escapes, character codes and variables. */
  #expanded(text: string): string {
    return text.replace(
      /`([^])|""|\$\(\[char\](\d+|0x[\da-f]+)\)|\$(?:env:)?(\w+)|\$\([^)]{0,1000}\)/gi,
      (whole, escaped?: string, char?: string, name?: string) => {
        if (escaped !== undefined) return ESCAPES.get(escaped) ?? (escaped === "\n" ? "" : escaped);
        if (whole === '""') return '"';
        if (char !== undefined) return String.fromCharCode(Number(char));
        const value = name === undefined ? undefined : this.#variables.get(name.toLowerCase());
        if (typeof value === "string" || typeof value === "number") {
          return this.#budget.used(String(value));
        }
        this.#notes.push(unknownNote(whole));
        return whole;
      },
    );
  }
}
