/**
 * Finds requests in code of any HTTP client or SDK: object literals and keyword arguments with the members of
 * a request, and strings that hold its JSON. Runs nothing. Pure.
 */
import { isObject } from "../../base/mod.ts";
import { bodiesIn, isBody } from "./documents.ts";
import {
  type Found,
  NO_LITERAL,
  type Reading,
  TooMuch,
  Unknown,
  unknownNote,
  type Value,
} from "./found.ts";
import {
  CLOSING,
  CONSTANTS,
  isKeyword,
  isPair,
  numberOf,
  PARSES,
  SAME,
  type Token,
  tokensOf,
  TRIMS,
  writtenIn,
} from "./tokens.ts";

/** Maximum nesting of literals. A request is never deeper. */
const MAX_DEPTH = 60;
/** Maximum token visits, including repeats, so backtracking ends. */
const MAX_STEPS = 400_000;

/** Reads the requests that code sends. */
export function readCode(text: string): Reading {
  const reader = new CodeReader(text);
  try {
    reader.run();
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
  }
  return { found: reader.found, why: reader.why };
}

class CodeReader {
  readonly found: Found[] = [];
  why: string | null = null;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #variables = new Map<string, unknown>();
  #notes: string[] = [];
  #left = MAX_STEPS;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  run() {
    for (let at = 0; at < this.#tokens.length;) at = this.#look(at);
  }

  /** Visits one token: reads a request that begins there, and returns the token to continue at. */
  #look(at: number): number {
    const { kind, text, holes = [] } = this.#tokens[at]!;
    if (kind === "text") {
      if (/^\s*[[{]/.test(text)) {
        let { found, why } = bodiesIn(this.#filled(at));
        // Languages differ in where a backslash is literal.
        if (found.length === 0) ({ found } = bodiesIn(writtenIn(this.#text, this.#tokens[at]!)));
        this.found.push(...found.map(({ body, notes }) => ({
          body,
          notes: [...notes, ...holes.filter((hole) => this.#hole(hole) === null).map(unknownNote)],
        })));
        this.why ??= why;
      }
      return at + 1;
    }
    if (kind === "name" && this.#is(at + 1, "=") && !this.#is(at - 1, ".")) {
      const { value } = this.#attempt(() => this.#value(at + 2, 0, true)) ?? {};
      if (value !== undefined) this.#variables.set(text, value);
      return at + 2;
    }
    // PHP, Swift and Groovy write members in brackets, Ruby in a call.
    const isMap = "[(".includes(text) && isPair(this.#tokens, at + 1);
    const isCall = text === "(" && (isMap || isKeyword(this.#tokens, at + 1));
    if (kind !== "mark" || (text !== "{" && !isMap && !isCall)) return at + 1;
    this.#notes = [];
    const read = this.#attempt(() => isCall ? this.#members(at, 0, ")") : this.#primary(at, 0));
    if (read === undefined || !isBody(read.value)) return at + 1;
    this.found.push({ body: read.value, notes: this.#notes });
    return read.end;
  }

  #attempt(read: () => Value): Value | undefined {
    try {
      return read();
    } catch (error) {
      if (error === NO_LITERAL) return undefined;
      throw error;
    }
  }

  #is(at: number, mark: string): boolean {
    const token = this.#tokens[at];
    return token?.kind === "mark" && token.text === mark;
  }

  /** The text of a string with its variables filled in. */
  #filled(at: number): string {
    const { text, holes = [] } = this.#tokens[at]!;
    return holes.reduce(
      (filled, hole) => filled.replace(hole, () => this.#hole(hole) ?? hole),
      text,
    );
  }

  #hole(hole: string): string | null {
    const value = this.#variables.get(hole.replace(/^\$?\{|\}$/g, "").trim());
    return typeof value === "string" || typeof value === "number" ? String(value) : null;
  }

  /** Reads the value that begins at a token. In a statement it may end with its line. */
  #value(at: number, depth: number, statement = false): Value {
    if (--this.#left < 0) throw new TooMuch();
    if (depth > MAX_DEPTH) throw NO_LITERAL;
    const first = this.#primary(at, depth);
    let { value, end } = first;
    for (;;) {
      const next = this.#tokens[end];
      if (next === undefined || CLOSING.includes(next.text) && next.kind === "mark") {
        return { value, end };
      }
      if (next.kind === "text" && typeof value === "string") {
        // Python concatenates adjacent strings.
        value += this.#textAt(end++);
      } else if (next.text === "+" && typeof value === "string") {
        const more = this.#primary(end + 1, depth);
        if (more.value instanceof Unknown) this.#notes.push(unknownNote(more.value.expression));
        else value += String(more.value);
        end = more.end;
      } else if (
        next.text === "." && TRIMS.test(this.#tokens[end + 1]?.text ?? "") && this.#is(end + 2, "(")
      ) {
        end = this.#skip(end + 3) + 1;
      } else if (next.text === "as" || next.text === "satisfies") {
        return { value, end: this.#skip(end) };
      } else if (
        statement && this.#text.slice(this.#tokens[end - 1]!.to, next.from).includes("\n")
      ) {
        return { value, end };
      } else if (next.text === "=>" || next.text === ":") return { value, end };
      else {
        end = this.#skip(end);
        return { value: this.#unknown(at, end), end };
      }
    }
  }

  #textAt(at: number): string {
    const { holes = [] } = this.#tokens[at]!;
    this.#notes.push(...holes.filter((hole) => this.#hole(hole) === null).map(unknownNote));
    return this.#filled(at);
  }

  #unknown(from: number, end: number): Unknown {
    const last = this.#tokens[end - 1];
    return new Unknown(this.#text.slice(this.#tokens[from]?.from, last?.to).replace(/\s+/g, " "));
  }

  /** Finds the token that ends the enclosing literal, or the next comma. */
  #skip(from: number): number {
    let depth = 0;
    for (let at = from; at < this.#tokens.length; at++) {
      if (--this.#left < 0) throw new TooMuch();
      const { kind, text } = this.#tokens[at]!;
      if (kind !== "mark") continue;
      if ("([{".includes(text)) depth++;
      else if (depth === 0 && CLOSING.includes(text)) return at;
      else if (")]}".includes(text)) depth--;
    }
    return this.#tokens.length;
  }

  #primary(at: number, depth: number): Value {
    const token = this.#tokens[at];
    if (token === undefined) throw NO_LITERAL;
    const { kind, text } = token;
    if (kind === "text") return { value: this.#textAt(at), end: at + 1 };
    if (kind === "number") return { value: numberOf(text), end: at + 1 };
    if ((text === "-" || text === "+") && this.#tokens[at + 1]?.kind === "number") {
      return {
        value: numberOf(`${text === "-" ? "-" : ""}${this.#tokens[at + 1]!.text}`),
        end: at + 2,
      };
    }
    if (text === "{") return this.#members(at, depth, "}");
    if (text === "[" || text === "(") return this.#list(at, depth, text === "[" ? "]" : ")");
    if (kind !== "name") throw NO_LITERAL;
    return this.#named(at, depth);
  }

  /** A constant, a variable, or a call. */
  #named(at: number, depth: number): Value {
    let end = at + 1;
    while (this.#is(end, ".") && this.#tokens[end + 1]?.kind === "name") end += 2;
    const { text: name } = this.#tokens[end - 1]!;
    if (this.#is(end, "(")) {
      if (isKeyword(this.#tokens, end + 1)) return this.#members(end, depth, ")");
      const close = this.#skip(end + 1);
      let after = close;
      while (after < this.#tokens.length && !this.#is(after, ")")) after = this.#skip(after + 1);
      after++;
      if (name === "rawJSON" || SAME.test(name) || PARSES.test(name)) {
        const { value } = this.#value(end + 1, depth + 1);
        if (name === "rawJSON") return { value: numberOf(String(value)), end: after };
        if (!PARSES.test(name)) return { value, end: after };
        const { found } = bodiesIn(value);
        return { value: found[0]?.body ?? this.#unknown(at, close + 1), end: after };
      }
      return { value: this.#unknown(at, after), end: after };
    }
    // An object of C# without a class.
    if (name === "new" && this.#is(end, "{")) return this.#members(end, depth, "}");
    if (end === at + 1) {
      if (CONSTANTS.has(name)) return { value: CONSTANTS.get(name), end };
      if (this.#variables.has(name)) return { value: this.#variables.get(name), end };
    }
    // `new Date()`, `await x`, `os.environ["X"]`: skip the whole expression.
    const after =
      this.#is(end, "[") || this.#tokens[end]?.kind === "name" && /^(?:new|await|not)$/.test(name)
        ? this.#skip(end)
        : end;
    return { value: this.#unknown(at, after), end: after };
  }

  #members(open: number, depth: number, close: string): Value {
    const members = new Map<string, unknown>();
    let at = open + 1;
    while (!this.#is(at, close)) {
      if (--this.#left < 0) throw new TooMuch();
      if (this.#is(at, "...") || this.#is(at, "**")) {
        const { value, end } = this.#value(at + 1, depth + 1);
        if (isObject(value) && !(value instanceof Unknown)) {
          for (const [name, member] of Object.entries(value)) members.set(name, member);
        } else this.#notes.push(unknownNote(this.#unknown(at, end).expression));
        at = end;
      } else at = this.#member(at, depth, members, close);
      if (this.#is(at, ",") || this.#is(at, ";")) at++;
      else if (!this.#is(at, close)) throw NO_LITERAL;
    }
    return { value: Object.fromEntries(members), end: at + 1 };
  }

  #member(at: number, depth: number, members: Map<string, unknown>, close: string): number {
    const computed = this.#is(at, "[");
    const key = this.#tokens[computed ? at + 1 : at];
    if (key === undefined || key.kind === "mark") throw NO_LITERAL;
    const sign = at + (computed ? 3 : 1);
    const isPair = [":", "=>", "="].some((mark) => this.#is(sign, mark));
    if (!isPair && (key.kind !== "name" || !(this.#is(sign, ",") || this.#is(sign, close)))) {
      // A positional argument has no name.
      if (close === ")") return this.#value(at, depth + 1).end;
      throw NO_LITERAL;
    }
    if (members.has(key.text)) {
      this.#notes.push(`“${key.text}” appears twice. Only the last one was read.`);
    }
    // `{ input }` is short for `{ input: input }`.
    const { value, end } = isPair ? this.#value(sign + 1, depth + 1) : this.#named(at, depth);
    members.set(key.text, value);
    return end;
  }

  #list(open: number, depth: number, close: string): Value {
    const items: unknown[] = [];
    const pairs = new Map<string, unknown>();
    let commas = 0;
    let at = open + 1;
    while (!this.#is(at, close)) {
      if (isPair(this.#tokens, at)) {
        const member = this.#value(at + 2, depth + 1);
        pairs.set(this.#tokens[at]!.text, member.value);
        at = member.end;
      } else {
        const { value, end } = this.#value(at, depth + 1);
        at = end;
        items.push(value);
      }
      if (this.#is(at, ",")) {
        at++;
        commas++;
      } else if (!this.#is(at, close)) throw NO_LITERAL;
    }
    if (pairs.size > 0) return { value: Object.fromEntries(pairs), end: at + 1 };
    const grouped = close === ")" && commas === 0 && items.length === 1;
    return { value: grouped ? items[0] : items, end: at + 1 };
  }
}
