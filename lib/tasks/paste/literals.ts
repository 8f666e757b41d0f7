/**
 * Reads the values of code in any language: strings, lists, maps, calls, and variables that the text sets.
 * Runs nothing. Pure.
 */
import { inOrder, isObject } from "../../base/mod.ts";
import { converted, plainAt, withoutMargin } from "./casts.ts";
import type { Budget } from "./budget.ts";
import { bodiesIn } from "./documents.ts";
import { NO_LITERAL, objectOfPairs, Unknown, unknownNote, type Value } from "./found.ts";
import { Holes } from "./holes.ts";
import {
  CLOSING,
  CONSTANTS,
  isKeyword,
  joinsTexts,
  LISTS,
  MERGES,
  numberOf,
  pairAt,
  PARSES,
  SAME,
  spanOf,
  type Token,
  tokensOf,
  TRIMS,
  typeEnd,
} from "./tokens.ts";

/** Maximum nesting of literals. A request is never deeper. */
const MAX_DEPTH = 60;

/** The values of a text's tokens. */
export class Literals {
  readonly tokens: readonly Token[];
  /** Variables that were read so far. */
  readonly variables = new Map<string, unknown>();
  /** The expressions in strings. */
  readonly holes: Holes;
  /** Notes of the last value. */
  notes: string[] = [];
  /** The objects that are spread into the last value. */
  spread = new Set<unknown>();
  readonly #text: string;
  readonly budget: Budget;

  constructor(text: string, budget: Budget) {
    this.#text = text;
    this.budget = budget;
    this.tokens = tokensOf(text);
    this.holes = new Holes(this.tokens, this.variables, budget);
  }

  /** Reads a value. If there is none, returns `undefined` and drops its notes. */
  attempt(read: () => Value): Value | undefined {
    const { length } = this.notes;
    try {
      return read();
    } catch (error) {
      this.notes.length = length;
      if (error === NO_LITERAL) return undefined;
      throw error;
    }
  }

  /** Whether a token is this mark. */
  is(at: number, mark: string): boolean {
    const token = this.tokens[at];
    return token?.kind === "mark" && token.text === mark;
  }

  /** Reads a value, with Python's `|` between maps. In a statement it may end with its line. */
  value(at: number, depth: number, statement = false): Value {
    this.budget.spend();
    if (depth > MAX_DEPTH) throw NO_LITERAL;
    const first = this.primary(at, depth);
    let { value, end } = first;
    for (;;) {
      const next = this.tokens[end];
      if (!next || CLOSING.includes(next.text) && next.kind === "mark") return { value, end };
      if (next.kind === "text" && typeof value === "string") {
        // Python concatenates adjacent strings.
        value += this.#textAt(end++);
      } else if (typeof value === "string" && joinsTexts(this.tokens, end)) {
        const more = this.primary(end + 1, depth);
        if (more.value instanceof Unknown) this.notes.push(unknownNote(more.value.expression));
        else value += String(more.value);
        end = more.end;
      } else if (
        next.text === "." && TRIMS.test(this.tokens[end + 1]?.text ?? "") && this.is(end + 2, "(")
      ) {
        const method = this.tokens[end + 1]!.text;
        if (typeof value === "string") value = withoutMargin(method, this.budget.used(value));
        end = this.#skip(end + 3) + 1;
      } else if (next.text === "|" && isObject(value) && !(value instanceof Unknown)) {
        const both = new Map(Object.entries(value));
        this.spread.add(value);
        end = this.#addMembers(both, end + 1, this.primary(end + 1, depth));
        value = inOrder(both);
      } else if (next.text === "as" || next.text === "satisfies") {
        return { value, end: this.#skip(end) };
      } else if (
        statement && this.#text.slice(this.tokens[end - 1]!.to, next.from).includes("\n")
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
    this.notes.push(...this.holes.unknown(at).map(unknownNote));
    return this.holes.filled(at);
  }

  #unknown(from: number, end: number): Unknown {
    return new Unknown(spanOf(this.#text, this.tokens, from, end));
  }

  /** The token after a call whose parenthesis opens at `open`. */
  closing(open: number): number {
    let after = this.#skip(open + 1);
    while (after < this.tokens.length && !this.is(after, ")")) after = this.#skip(after + 1);
    return after + 1;
  }

  /** Finds the token that ends the enclosing literal, or the next comma. */
  #skip(from: number): number {
    let depth = 0;
    for (let at = from; at < this.tokens.length; at++) {
      this.budget.spend();
      const { kind, text } = this.tokens[at]!;
      if (kind !== "mark") continue;
      if ("([{".includes(text)) depth++;
      else if (depth === 0 && CLOSING.includes(text)) return at;
      else if (")]}".includes(text)) depth--;
    }
    return this.tokens.length;
  }

  primary(at: number, depth: number): Value {
    const token = this.tokens[at];
    if (token === undefined) throw NO_LITERAL;
    const { kind, text } = token;
    if (kind === "text") return { value: this.#textAt(at), end: at + 1 };
    const plain = plainAt(this.tokens, at);
    if (plain !== null) return plain;
    if (text === "{") return this.#braces(at, depth);
    if (text === "[" || text === "(") {
      const open = typeEnd(this.tokens, at);
      return open === -1
        ? this.#list(at, depth, text === "[" ? "]" : ")")
        : this.#braces(open, depth);
    }
    // A pointer of Go, a reference of Rust.
    if (text === "&") return this.primary(at + 1, depth);
    if (kind !== "name") throw NO_LITERAL;
    return this.#named(at, depth);
  }

  /** A constant, a variable, or a call. */
  #named(at: number, depth: number): Value {
    const open = typeEnd(this.tokens, at);
    const typed = open === -1 ? undefined : this.attempt(() => this.#braces(open, depth));
    if (typed !== undefined) return typed;
    let end = at + 1;
    while (this.is(end, ".") && this.tokens[end + 1]?.kind === "name") end += 2;
    const { text: name } = this.tokens[end - 1]!;
    if (this.is(end, "(")) {
      if (isKeyword(this.tokens, end + 1)) return this.members(end, depth, ")");
      if (pairAt(this.tokens, end + 1) !== null) return this.#list(end, depth, ")");
      if (name === "of" && /Map$/.test(this.tokens[end - 3]?.text ?? "")) {
        const { value, end: after } = this.#list(end, depth, ")", false);
        return { value: objectOfPairs(Array.isArray(value) ? value : []), end: after };
      }
      if (MERGES.test(name)) {
        const merged = this.attempt(() => this.members(end, depth, ")", true));
        if (merged !== undefined) return merged;
      }
      if (LISTS.test(name)) return this.#list(end, depth, ")", false);
      const close = this.#skip(end + 1);
      const after = this.closing(end);
      if (name === "rawJSON" || SAME.test(name) || PARSES.test(name)) {
        const { value } = this.value(end + 1, depth + 1);
        if (name === "rawJSON") return { value: numberOf(String(value)), end: after };
        const passed = PARSES.test(name) ? bodiesIn(value).found[0]?.body : converted(name, value);
        return { value: passed === undefined ? this.#unknown(at, close + 1) : passed, end: after };
      }
      return { value: this.#unknown(at, after), end: after };
    }
    // Rust's `vec!["a"]`.
    if (this.is(end, "!") && this.is(end + 1, "[")) return this.#list(end + 1, depth, "]");
    if (end === at + 1) {
      if (CONSTANTS.has(name)) return { value: CONSTANTS.get(name), end };
      const value = this.budget.used(this.variables.get(name));
      if (value !== undefined) return { value, end };
    }
    // `new Date()`, `await x`, `os.environ["X"]`: skip the whole expression.
    const after =
      this.is(end, "[") || this.tokens[end]?.kind === "name" && /^(?:new|await|not)$/.test(name)
        ? this.#skip(end)
        : end;
    return { value: this.#unknown(at, after), end: after };
  }

  /** The members up to `close`. In a call that merges, arguments without a name are spread. */
  members(open: number, depth: number, close: string, merges = false): Value {
    const [members, own] = [new Map<string, unknown>(), new Set<string>()];
    let at = open + 1;
    while (!this.is(at, close)) {
      this.budget.spend();
      const isSpread = this.is(at, "...") || this.is(at, "**");
      if (isSpread || merges && !isKeyword(this.tokens, at)) {
        const from = isSpread ? at + 1 : at;
        at = this.#addMembers(members, from, this.value(from, depth + 1));
      } else at = this.#member(at, depth, members, own, close);
      if (this.is(at, ",") || this.is(at, ";")) at++;
      else if (!this.is(at, close)) throw NO_LITERAL;
    }
    return { value: inOrder(members), end: at + 1 };
  }

  /** Adds the members of the value at `from`, or a note if they are not known. Returns the token after it. */
  #addMembers(members: Map<string, unknown>, from: number, { value, end }: Value): number {
    if (isObject(value) && !(value instanceof Unknown)) {
      this.spread.add(value);
      for (const [name, member] of Object.entries(value)) members.set(name, member);
    } else this.notes.push(unknownNote(this.#unknown(from, end).expression));
    return end;
  }

  #member(
    at: number,
    depth: number,
    members: Map<string, unknown>,
    own: Set<string>,
    close: string,
  ): number {
    const pair = pairAt(this.tokens, at);
    const computed = this.is(at, "[");
    const key = pair?.key ?? this.tokens[computed ? at + 1 : at];
    if (key === undefined || key.kind === "mark") throw NO_LITERAL;
    const sign = pair === null ? at + (computed ? 3 : 1) : pair.value - 1;
    const isPair = pair !== null || [":", "=>", "="].some((mark) => this.is(sign, mark));
    if (!isPair && (key.kind !== "name" || !(this.is(sign, ",") || this.is(sign, close)))) {
      // A positional argument has no name.
      if (close === ")") return this.value(at, depth + 1).end;
      throw NO_LITERAL;
    }
    if (own.has(key.text)) {
      this.notes.push(`“${key.text}” appears twice. Only the last one was read.`);
    }
    // `{ input }` is short for `{ input: input }`.
    const { value, end } = isPair ? this.value(sign + 1, depth + 1) : this.#named(at, depth);
    members.set(key.text, value);
    own.add(key.text);
    return end;
  }

  /** A map, or a list in braces: C#'s `{ { "a", 1 } }`, Go's `{"a"}`, Python's sets. */
  #braces(open: number, depth: number): Value {
    const [first, second] = [this.tokens[open + 1], this.tokens[open + 2]];
    const isList = this.is(open + 1, "{") && !this.is(open + 2, "{") ||
      first?.kind === "text" && second?.kind === "mark" && ",}".includes(second.text);
    if (!isList) return this.members(open, depth, "}");
    const { value, end } = this.#list(open, depth, "}");
    const items: unknown[] = Array.isArray(value) ? value : [];
    const isMap = items.every((item) => Array.isArray(item) && item.length === 2);
    return { value: isMap && items.length > 0 ? objectOfPairs(items.flat()) : value, end };
  }

  #list(open: number, depth: number, close: string, groups = close === ")"): Value {
    const items: unknown[] = [];
    const pairs = new Map<string, unknown>();
    let commas = 0, at = open + 1;
    while (!this.is(at, close)) {
      const pair = pairAt(this.tokens, at);
      if (pair !== null) {
        const member = this.value(pair.value, depth + 1);
        pairs.set(pair.key.text, member.value);
        at = member.end;
      } else {
        const { value, end } = this.value(at, depth + 1);
        at = end;
        items.push(value);
      }
      if (this.is(at, ",")) {
        at++;
        commas++;
      } else if (!this.is(at, close)) throw NO_LITERAL;
    }
    if (pairs.size > 0) return { value: inOrder(pairs), end: at + 1 };
    const grouped = groups && commas === 0 && items.length === 1;
    return { value: grouped ? items[0] : items, end: at + 1 };
  }
}
