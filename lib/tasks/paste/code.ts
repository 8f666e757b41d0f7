/**
 * Finds requests in code of any HTTP client or SDK: object literals and keyword arguments with the members of
 * a request, strings that hold its JSON, and members that are set afterwards. Runs nothing. Pure.
 */
import { isObject, type JsonObject } from "../../base/mod.ts";
import { bodiesIn, isBody } from "./documents.ts";
import {
  changeNote,
  type Found,
  type Reading,
  setMember,
  TooMuch,
  Unknown,
  unknownNote,
} from "./found.ts";
import { Literals } from "./literals.ts";
import { isKeyword, pairAt, writtenIn } from "./tokens.ts";
import { withApiNames } from "./names.ts";

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

/** Calls that fill in a text: `printf`, `String.format`. */
const FORMATS = /printf$|^format(?:ted)?!?$/i;
const SPECIFIER = /%[-+\d.$]*[sdifgvqx]/g;
/** Methods that change a text. */
const CHANGES = /^(?:replace\w*|format|formatted|gsub|sub|substitute)$/;
/** Methods that set a member of a map, and methods that set several. */
const SETS = /^(?:put|set|add|addProperty|insert|append)$/i;
const MERGES = /^(?:update|merge|putAll)$/;
/** A call that makes an empty map. */
const EMPTY = /^(?:new )?[\w.:<>, ]*\w[<>\w, ]*\(\)$/;

interface Noted extends Found {
  readonly notes: string[];
}

class CodeReader {
  readonly found: Noted[] = [];
  why: string | null = null;
  readonly #text: string;
  readonly #values: Literals;

  constructor(text: string) {
    this.#text = text;
    this.#values = new Literals(text);
  }

  run() {
    for (let at = 0; at < this.#values.tokens.length;) at = this.#look(at);
  }

  /** Visits one token: reads a request that begins there, and returns the token to continue at. */
  #look(at: number): number {
    const values = this.#values;
    const { kind, text } = values.tokens[at]!;
    values.notes = [];
    if (kind === "text") return /^\s*[[{]/.test(text) ? this.#inText(at) : at + 1;
    if (kind === "name") return this.#assigned(at) ?? at + 1;
    // PHP, Swift and Groovy write members in brackets, Ruby in a call.
    const isMap = "[(".includes(text) && pairAt(values.tokens, at + 1) !== null;
    const isCall = text === "(" && (isMap || isKeyword(values.tokens, at + 1));
    if (kind !== "mark" || (text !== "{" && !isMap && !isCall)) return at + 1;
    const read = values.attempt(() => isCall ? values.members(at, 0, ")") : values.primary(at, 0));
    return read !== undefined && this.#offer(read.value) ? read.end : at + 1;
  }

  /** Adds a request with the notes of its values. The same object is one request. */
  #offer(value: unknown): boolean {
    const known = this.found.find(({ body }) => body === value);
    const body = isBody(value) ? value : withApiNames(value);
    if (known !== undefined) known.notes.push(...this.#values.notes);
    else if (body !== null) this.found.push({ body, notes: this.#values.notes });
    return body !== null;
  }

  /** Reads the requests in a string that holds JSON, whole or in parts that the program joins. */
  #inText(at: number): number {
    const values = this.#values;
    const token = values.tokens[at]!;
    const joined = values.attempt(() => values.value(at, 0, true));
    if (joined !== undefined && typeof joined.value === "string" && joined.end > at + 1) {
      const { found } = bodiesIn(joined.value);
      for (const { body, notes } of found) {
        this.found.push({ body, notes: [...notes, ...values.notes] });
      }
      if (found.length > 0) return joined.end;
    }
    const { holes } = values;
    let { found, why } = bodiesIn(holes.filled(at));
    // An expression may have quotes or a backslash in it, and none around it: `${JSON.stringify(q)}`.
    for (const written of [(hole: string) => JSON.stringify(hole).slice(1, -1), JSON.stringify]) {
      if (found.length === 0) ({ found } = bodiesIn(holes.filled(at, written)));
    }
    // Languages differ in where a backslash is literal.
    if (found.length === 0) ({ found } = bodiesIn(writtenIn(this.#text, token)));
    const notes = [...holes.unknown(at).map(unknownNote), ...this.#changes(at)];
    this.found.push(
      ...found.map(({ body, notes: own }) => ({ body, notes: [...own, ...notes] })),
    );
    this.why ??= why;
    return at + 1;
  }

  /** Notes on what the program does to a string. */
  #changes(at: number): string[] {
    const { tokens } = this.#values;
    const { text } = tokens[at]!;
    const [call, open, , next, method] = tokens.slice(Math.max(at - 2, 0), at + 3);
    if (at >= 2 && open?.text === "(" && FORMATS.test(call?.text ?? "")) {
      return (text.match(SPECIFIER) ?? []).map(unknownNote);
    }
    const changed = at < 2 ? tokens[at + 1] : next;
    const by = at < 2 ? tokens[at + 2] : method;
    const isChanged = changed?.kind === "mark" &&
      (changed.text === "%" || changed.text === "." && CHANGES.test(by?.text ?? ""));
    if (!isChanged) return [];
    return [changeNote(this.#text.slice(changed.from).split("\n", 1)[0]!.trim())];
  }

  /** Reads `a = …`, `a.b = …`, `a["b"] = …` and calls that set members; `null` if it is none of them. */
  #assigned(at: number): number | null {
    const values = this.#values;
    const { tokens } = values;
    if (values.is(at - 1, ".")) return null;
    const name = tokens[at]!.text;
    const path: string[] = [];
    let end = at + 1;
    for (;;) {
      if (values.is(end, ".") && tokens[end + 1]?.kind === "name") {
        path.push(tokens[end + 1]!.text);
        end += 2;
      } else if (
        values.is(end, "[") && tokens[end + 1]?.kind === "text" && values.is(end + 2, "]")
      ) {
        path.push(tokens[end + 1]!.text);
        end += 3;
      } else break;
    }
    if (values.is(end, "(")) return this.#called(name, path, end);
    const from = path.length > 0 ? values.is(end, "=") ? end + 1 : -1 : this.#valueOf(end);
    if (from === -1) return null;
    const read = values.attempt(() => values.value(from, 0, true));
    if (read === undefined) return from;
    if (path.length > 0) return this.#set(name, path, read.value) ? read.end : null;
    values.variables.set(name, read.value);
    return isObject(read.value) && this.#offer(read.value) ? read.end : from;
  }

  /** Where the value of a variable begins: after `=`, `:=`, or a type and `=`; otherwise -1. */
  #valueOf(end: number): number {
    const { tokens } = this.#values;
    if (this.#values.is(end, "=")) return end + 1;
    if (!this.#values.is(end, ":")) return -1;
    for (const { kind, text, from } of tokens.slice(++end, end + 12)) {
      if (text === "=" && kind === "mark") return end + 1;
      if (kind !== "name" && !"[]<>.,|&?:".includes(text)) return -1;
      if (this.#text.slice(tokens[end - 1]!.to, from).includes("\n")) return -1;
      end++;
    }
    return -1;
  }

  /** Reads a call that sets members of a variable; `null` if it does not. */
  #called(name: string, path: string[], open: number): number | null {
    const values = this.#values;
    const method = path.pop() ?? "";
    const [first, comma] = [values.tokens[open + 1], values.is(open + 2, ",")];
    if (comma && first?.kind === "text" && SETS.test(method)) {
      const read = values.attempt(() => values.value(open + 3, 0));
      const isSet = read !== undefined && this.#set(name, [...path, first.text], read.value);
      return isSet ? read.end : null;
    }
    const assigns = name === "Object" && method === "assign" && comma && first?.kind === "name";
    if (!assigns && !MERGES.test(method)) return null;
    const target = assigns ? first.text : name;
    const read = values.attempt(() =>
      isKeyword(values.tokens, open + 1)
        ? values.members(open, 0, ")")
        : values.value(open + (assigns ? 3 : 1), 0)
    );
    if (!isObject(read?.value) || !(isObject(values.variables.get(target)))) return null;
    if (read.value instanceof Unknown) values.notes.push(unknownNote(read.value.expression));
    else {
      for (const [member, value] of Object.entries(read.value)) {
        this.#set(target, [...path, member], value);
      }
    }
    return read.end;
  }

  /** Sets a member of a variable. Returns whether the variable holds an object. */
  #set(name: string, path: readonly string[], value: unknown): boolean {
    const { variables } = this.#values;
    let root = variables.get(name);
    if (root instanceof Unknown && EMPTY.test(root.expression)) {
      variables.set(name, root = {});
    }
    let holder = root;
    for (const step of path.slice(0, -1)) {
      holder = isMap(holder) && Object.hasOwn(holder, step) ? holder[step] : undefined;
    }
    if (!isMap(holder)) return false;
    setMember(holder, path.at(-1) ?? "", value);
    this.#offer(root);
    return true;
  }
}

const isMap = (value: unknown): value is JsonObject =>
  isObject(value) && !(value instanceof Unknown);
