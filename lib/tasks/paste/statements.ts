/**
 * Reads the statements of code that set, combine, remove or change variables and their members. Runs nothing.
 * Pure.
 */
import { isObject, type JsonObject } from "../../base/mod.ts";
import { Conditions } from "./conditions.ts";
import { changeNote, setMember, Unknown, unknownNote } from "./found.ts";
import type { Literals } from "./literals.ts";
import { Parameters } from "./parameters.ts";
import { isKeyword, spanOf } from "./tokens.ts";

/** Methods that set a member of a map, and methods that set several. */
const SETS = /^(?:put|set|add|addProperty|insert|append)$/i;
const MERGES = /^(?:update|merge|putAll)$/;
/** A call that makes an empty map. */
const EMPTY = /^(?:new )?[\w.:<>, ]*\w[<>\w, ]*\(\)$/;

/** Methods that add one item to a list. */
const APPENDS = /^(?:push|append|add|push_back)$/;
/** Methods that remove a member of a map. */
const REMOVES = /^(?:pop|remove|delete|unset)$/;
/** Other methods that change a list or a map. */
const ALTERS =
  /^(?:extend|concat!|insert|unshift|prepend|splice|sort|reverse|shift|fill|clear|popitem|addAll|removeAll|retain|delete_if|pop|remove|delete)$/;
const METHODS = [SETS, MERGES, APPENDS, REMOVES, ALTERS];
/** Words before a member that is removed. */
const REMOVAL = /^(?:delete|del|unset)$/;
/** Signs before `=` that change a variable. */
const SIGNS = ["+", ".", "|", "||", "??", "-", "*"];

/** A variable or a member of one: `a`, `a.b`, `a["b"]`. */
interface Target {
  readonly name: string;
  readonly path: string[];
  readonly end: number;
}

export class Statements {
  /** Objects and lists that calls change, and the notes about it. */
  readonly changes: (readonly [object, string])[] = [];
  readonly #text: string;
  readonly #conditions: Conditions;
  /** The index at which each variable was set. */
  readonly #setAt = new Map<string, number>();
  readonly #values: Literals;
  readonly #parameters: Parameters;
  readonly #offer: (value: unknown, before?: unknown) => boolean;

  /** `offer` takes a value that may be a request, and the one that it replaces. */
  constructor(
    text: string,
    values: Literals,
    offer: (value: unknown, before?: unknown) => boolean,
  ) {
    this.#text = text;
    this.#conditions = new Conditions(text);
    this.#values = values;
    this.#parameters = new Parameters(values, this.#setAt);
    this.#offer = offer;
  }

  /** Reads the statement that begins with a name; `null` if it is none, otherwise the token to continue at. */
  read(at: number): number | null {
    if (this.#parameters.set(at)) return at + 1;
    return this.#conditional(at) ?? this.#removed(at) ?? this.#assigned(at);
  }

  /** Leaves out a change that a condition decides, with a note; `null` if it is none. */
  #conditional(at: number): number | null {
    const values = this.#values;
    const { tokens, variables } = values;
    const removes = REMOVAL.test(tokens[at]!.text);
    const from = !removes ? at : values.is(at + 1, "(") ? at + 2 : at + 1;
    const setAt = this.#setAt.get(tokens[from]?.text ?? "");
    if (setAt === undefined || values.is(at - 1, ".")) return null;
    const { name, path, end } = this.#target(from);
    const root = variables.get(name);
    const sign = SIGNS.find((sign) => values.is(end, sign) && values.is(end + 1, "="));
    const calls = values.is(end, "(") && METHODS.some((each) => each.test(path.at(-1) ?? ""));
    const isChange = removes || calls || sign !== undefined || values.is(end, "=");
    if (!isChange || !this.#conditions.isUnder(tokens[at]!.from, setAt)) return null;
    const isHolder = isMap(root) || Array.isArray(root);
    if (path.length === 0) {
      if (isHolder) return null;
      variables.set(name, new Unknown(name));
      return end + 1;
    }
    if (!isHolder) return null;
    const value = sign === undefined ? end + 1 : end + 2;
    const after = removes
      ? end
      : calls
      ? values.closing(end)
      : values.attempt(() => values.value(value, 0, true))?.end ?? value;
    this.changes.push([root, changeNote(this.#span(at, after), "request")]);
    return after;
  }

  /** The variable or member that is named there. */
  #target(at: number): Target {
    const values = this.#values;
    const { tokens } = values;
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
    return { name: tokens[at]!.text, path, end };
  }

  /** Reads `a = …`, `a.b = …`, `a["b"] += …` and calls that set members; `null` if it is none of them. */
  #assigned(at: number): number | null {
    const values = this.#values;
    if (values.is(at - 1, ".")) return null;
    const { name, path, end } = this.#target(at);
    if (values.is(end, "(")) return this.#called(at, name, path, end);
    const sign = SIGNS.find((sign) => values.is(end, sign) && values.is(end + 1, "="));
    if (sign !== undefined) return this.#combined(at, { name, path, end }, sign);
    const from = path.length > 0 ? values.is(end, "=") ? end + 1 : -1 : this.#valueOf(end);
    if (from === -1) return null;
    const read = values.attempt(() => values.value(from, 0, true));
    if (read === undefined) return from;
    if (path.length > 0) return this.#set(name, path, read.value) ? read.end : null;
    const before = values.variables.get(name);
    values.variables.set(name, read.value);
    this.#setAt.set(name, values.tokens[at]!.from);
    this.#picked(from);
    return isObject(read.value) && this.#offer(read.value, before) ? read.end : from;
  }

  /** Reads `a += …`, `a |= …` and `a ??= …`. */
  #combined(at: number, { name, path, end }: Target, sign: string): number | null {
    const values = this.#values;
    const before = this.#get(name, path);
    if (before === undefined) return null;
    const read = values.attempt(() => values.value(end + 2, 0, true));
    if (read === undefined) return null;
    const expression = this.#span(at, read.end);
    if (sign === "||" || sign === "??") return read.end;
    if (sign === "|" && isMap(before) && isMap(read.value)) {
      if (values.budget.holds(read.value, before)) return null;
      for (const [member, value] of Object.entries(read.value)) setMember(before, member, value);
      this.#offer(values.variables.get(name));
      return read.end;
    }
    const isText = typeof before === "string" && typeof read.value === "string" &&
      (sign === "+" || sign === ".");
    const value = isText ? before + read.value : new Unknown(expression);
    if (path.length === 0) values.variables.set(name, value);
    else this.#set(name, path, value);
    return read.end;
  }

  /** Reads `delete a.b`, `del a["b"]` and `unset(a["b"])`; `null` if it is none of them. */
  #removed(at: number): number | null {
    const values = this.#values;
    if (!REMOVAL.test(values.tokens[at]!.text)) return null;
    const from = values.is(at + 1, "(") ? at + 2 : at + 1;
    if (values.tokens[from]?.kind !== "name") return null;
    const { name, path, end } = this.#target(from);
    const holder = this.#get(name, path.slice(0, -1));
    if (path.length === 0 || !isMap(holder)) return null;
    Reflect.deleteProperty(holder, path.at(-1)!);
    return end;
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

  /** Reads a call that changes a variable; `null` if it does not. */
  #called(at: number, name: string, path: string[], open: number): number | null {
    const values = this.#values;
    const method = path.pop() ?? "";
    const [first, comma] = [values.tokens[open + 1], values.is(open + 2, ",")];
    if (method === "stringify") return this.#picked(at);
    if (comma && first?.kind === "text" && SETS.test(method)) {
      const read = values.attempt(() => values.value(open + 3, 0));
      const isSet = read !== undefined && this.#set(name, [...path, first.text], read.value);
      return isSet ? read.end : null;
    }
    const assigns = name === "Object" && method === "assign" && comma && first?.kind === "name";
    if (!assigns && !MERGES.test(method)) {
      return this.#altered(at, name, path, method, open);
    }
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

  /** Reads a call that adds an item, removes a member, or changes a list or map in another way. */
  #altered(
    at: number,
    name: string,
    path: readonly string[],
    method: string,
    open: number,
  ): number | null {
    const values = this.#values;
    const appends = APPENDS.test(method);
    const root = values.variables.get(name);
    if (appends && path.length === 0 && root instanceof Unknown && EMPTY.test(root.expression)) {
      values.variables.set(name, []);
    }
    const holder = this.#get(name, path);
    const first = values.tokens[open + 1];
    if (Array.isArray(holder) && appends) {
      const read = values.attempt(() => values.value(open + 1, 0));
      const isItem = read !== undefined && values.is(read.end, ")");
      if (isItem && !values.budget.holds(read.value, holder)) holder.push(read.value);
      // The item may be a request.
      return read === undefined ? null : open + 1;
    }
    if (isMap(holder) && first?.kind === "text") {
      if (REMOVES.test(method)) return Reflect.deleteProperty(holder, first.text) ? open : null;
      if (method === "setdefault" && Object.hasOwn(holder, first.text)) return open;
      if (method === "setdefault" && values.is(open + 2, ",")) {
        const read = values.attempt(() => values.value(open + 3, 0));
        if (read !== undefined && this.#set(name, [...path, first.text], read.value)) {
          return read.end;
        }
      }
    }
    if ((isMap(holder) || Array.isArray(holder)) && ALTERS.test(method)) {
      const change = this.#span(at, values.closing(open));
      this.changes.push([holder, changeNote(change, "request")]);
    }
    return null;
  }

  /** Reads `JSON.stringify(a, ["b"])`, which sends only some members; `null` if it is none. */
  #picked(at: number): number | null {
    const values = this.#values;
    const { path, end } = this.#target(at);
    if (path.at(-1) !== "stringify" || !values.is(end, "(")) return null;
    const read = values.attempt(() => values.value(end + 1, 0));
    const by = values.tokens[(read?.end ?? 0) + 1];
    if (!isMap(read?.value) || !values.is(read.end, ",") || by === undefined) return null;
    if (/^(?:null|undefined|\))$/.test(by.text)) return null;
    this.changes.push([read.value, changeNote(this.#span(at, values.closing(end)), "request")]);
    return this.#offer(read.value) ? read.end : null;
  }

  #span(from: number, end: number): string {
    return spanOf(this.#text, this.#values.tokens, from, end);
  }

  /** The value of a variable or a member of one. */
  #get(name: string, path: readonly string[]): unknown {
    return path.reduce(
      (holder: unknown, step) =>
        isMap(holder) && Object.hasOwn(holder, step) ? holder[step] : undefined,
      this.#values.variables.get(name),
    );
  }

  /** Sets a member of a variable. Returns whether the variable holds an object. */
  #set(name: string, path: readonly string[], value: unknown): boolean {
    const { variables } = this.#values;
    const root = variables.get(name);
    if (root instanceof Unknown && EMPTY.test(root.expression)) variables.set(name, {});
    const holder = this.#get(name, path.slice(0, -1));
    if (!isMap(holder) || this.#values.budget.holds(value, holder)) return false;
    setMember(holder, path.at(-1) ?? "", value);
    this.#offer(variables.get(name));
    return true;
  }
}

const isMap = (value: unknown): value is JsonObject =>
  isObject(value) && !(value instanceof Unknown);
