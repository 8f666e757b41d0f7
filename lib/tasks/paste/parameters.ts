/** The parameters of functions that a program calls, with the values that the calls give them. Pure. */
import { Unknown } from "./found.ts";
import type { Literals } from "./literals.ts";
import type { Token } from "./tokens.ts";

const DECLARES = /^(?:function|def|fn|fun|func)$/;

/** A parameter, by its token. */
interface Parameter {
  readonly name: string;
  readonly at: number;
}

interface Declared {
  /** The token of the function's name. */
  readonly at: number;
  readonly parameters: readonly Parameter[];
}

/** The token at which an argument begins; `null` if calls give different ones. */
type Given = ReadonlyMap<number, number | null>;

export class Parameters {
  readonly #values: Literals;
  readonly #setAt: Map<string, number>;
  readonly #given: Given;

  /** `setAt` gets the index at which each parameter's variable is set. */
  constructor(values: Literals, setAt: Map<string, number>) {
    this.#values = values;
    this.#setAt = setAt;
    this.#given = givenIn(values.tokens);
  }

  /** Sets the variable of a parameter that begins at a token. Returns whether it did. */
  set(at: number): boolean {
    const from = this.#given.get(at);
    if (from === undefined) return false;
    const { tokens, variables } = this.#values;
    const { text: name, from: index } = tokens[at]!;
    const read = from === null
      ? undefined
      : this.#values.attempt(() => this.#values.value(from, 0));
    const value = read === undefined ? new Unknown(name) : read.value;
    // The object of a call is a request of its own.
    const isKnown = typeof value !== "object" || value instanceof Unknown;
    if (!isKnown) return false;
    variables.set(name, value);
    this.#setAt.set(name, index);
    return true;
  }
}

function givenIn(tokens: readonly Token[]): Given {
  const given = new Map<number, number | null>();
  const declared = declaredIn(tokens);
  if (declared.size === 0) return given;
  const calls = new Map<string, number[][]>();
  for (const [at, { kind, text }] of tokens.entries()) {
    const own = kind === "name" ? declared.get(text) : undefined;
    if (own === undefined || own.at === at || !isMark(tokens[at + 1], "(")) continue;
    if (isMark(tokens[at - 1], ".")) continue;
    const made = calls.get(text) ?? [];
    if (made.length < MAX_CALLS) calls.set(text, [...made, partsIn(tokens, at + 1)]);
  }
  for (const [name, { parameters }] of declared) {
    const made = calls.get(name) ?? [];
    for (const [index, parameter] of parameters.entries()) {
      const found = made.map((parts) => argumentOf(tokens, parts, parameter.name, index));
      if (found.every((from) => from === null)) continue;
      given.set(parameter.at, found.length === 1 ? found[0]! : null);
    }
  }
  return given;
}

/** Where a call's argument for a parameter begins; `null` if there is none. */
function argumentOf(
  tokens: readonly Token[],
  parts: readonly number[],
  name: string,
  index: number,
): number | null {
  const isKeyword = (at: number) =>
    tokens[at]?.kind === "name" && (isMark(tokens[at + 1], "=") || isMark(tokens[at + 1], ":"));
  const keyword = parts.find((at) => isKeyword(at) && tokens[at]?.text === name);
  if (keyword !== undefined) return keyword + 2;
  const at = parts[index];
  return at === undefined || isKeyword(at) ? null : at;
}

/** The functions of a program by name. One that is declared twice is left out. */
function declaredIn(tokens: readonly Token[]): Map<string, Declared> {
  const declared = new Map<string, Declared>();
  const twice = new Set<string>();
  const hasArrows = tokens.some((token) => isMark(token, "=>"));
  for (const [at, { kind, text: name }] of tokens.entries()) {
    if (declared.size === MAX_FUNCTIONS) break;
    if (kind !== "name") continue;
    const open = DECLARES.test(tokens[at - 1]?.text ?? "") && isMark(tokens[at + 1], "(")
      ? at + 1
      : hasArrows
      ? arrowAt(tokens, at)
      : -1;
    if (open === -1) continue;
    const parameters = partsIn(tokens, open).flatMap((at) => {
      const token = tokens[at];
      return token?.kind === "name" ? [{ name: token.text, at }] : [];
    });
    if (declared.has(name)) twice.add(name);
    declared.set(name, { at, parameters });
  }
  for (const name of twice) declared.delete(name);
  return declared;
}

/** The parenthesis of `run = async (q) =>` and `run = function (q)`; -1 for another token. */
function arrowAt(tokens: readonly Token[], at: number): number {
  if (!isMark(tokens[at + 1], "=")) return -1;
  const isAsync = tokens[at + 2]?.text === "async";
  const open = isAsync ? at + 3 : at + 2;
  if (tokens[open]?.text === "function") return isMark(tokens[open + 1], "(") ? open + 1 : -1;
  if (!isMark(tokens[open], "(")) return -1;
  const close = endOf(tokens, open);
  const after = tokens.slice(close + 1, close + 8);
  const arrow = after.findIndex((token) => isMark(token, "=>"));
  return arrow === 0 || arrow > 0 && isMark(after[0], ":") ? open : -1;
}

/** The tokens at which the parts between a parenthesis and its end begin. */
function partsIn(tokens: readonly Token[], open: number): number[] {
  const end = endOf(tokens, open);
  const parts = open + 1 < end ? [open + 1] : [];
  for (let at = open + 1, depth = 0; at < end; at++) {
    const { kind, text } = tokens[at]!;
    if (kind !== "mark") continue;
    if ("([{".includes(text)) depth++;
    else if (")]}".includes(text)) depth--;
    else if (text === "," && depth === 0 && at + 1 < end) parts.push(at + 1);
  }
  return parts;
}

/** Most tokens between parentheses that are looked at, so that nested calls of a long text end soon. */
const MAX_TOKENS = 200;
/** Most calls of one function. With the second one, a parameter has no single value. */
const MAX_CALLS = 20;
/** Most functions of a program. */
const MAX_FUNCTIONS = 200;

/** The token that closes a parenthesis, or the end of what is looked at. */
function endOf(tokens: readonly Token[], open: number): number {
  const last = Math.min(tokens.length, open + MAX_TOKENS);
  for (let at = open, depth = 0; at < last; at++) {
    const { kind, text } = tokens[at]!;
    if (kind !== "mark") continue;
    if ("([{".includes(text)) depth++;
    else if (")]}".includes(text) && --depth === 0) return at;
  }
  return last;
}

const isMark = (token: Token | undefined, mark: string) =>
  token?.kind === "mark" && token.text === mark;
