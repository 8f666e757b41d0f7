/**
 * Finds requests in JSON, whatever is around them: a request itself, a group's inputs, our own result.json,
 * collections of Postman, Insomnia and Bruno, HAR files. Pure.
 */
import { isObject, type JsonObject, parseTyped } from "../../base/mod.ts";
import { type Found, type Reading, Unknown, unknownNote } from "./found.ts";

/** Values that are looked at, and how deep: what people export stays far below. */
const MAX_VALUES = 50_000;
const MAX_DEPTH = 40;

const NO_REQUEST = 'A request is a JSON object with "input" and "processor"';

/** The requests in a JSON text, or in a value that was read from one. */
export function bodiesIn(source: unknown): Reading {
  let value = source;
  if (typeof source === "string") {
    const json = parseTyped(unescaped(source));
    if (!json.ok) return { found: [], why: json.why };
    value = json.value;
  }
  const search = new Search(variablesOf(value));
  search.look(value, 0);
  return { found: search.found, why: search.found.length > 0 ? null : search.why ?? NO_REQUEST };
}

/** JSON whose quotes are escaped once too often, as for a shell that takes no part in quoting. */
function unescaped(text: string): string {
  if (!/^\s*[[{]\s*\\"/.test(text)) return text;
  const json = parseTyped(`"${text.trim().replace(/\r?\n/g, "\\n").replace(/\t/g, "\\t")}"`);
  return json.ok && typeof json.value === "string" ? json.value : text;
}

/** Whether a value is the body of a request, as far as its members tell. */
export function isBody(value: unknown): value is JsonObject {
  if (!isObject(value) || value instanceof Unknown) return false;
  const { input, processor } = value;
  return (typeof processor === "string" || processor instanceof Unknown) &&
    (typeof input === "string" || isObject(input));
}

class Search {
  readonly found: Found[] = [];
  why: string | null = null;
  #left = MAX_VALUES;
  readonly #variables: ReadonlyMap<string, string>;

  constructor(variables: ReadonlyMap<string, string>) {
    this.#variables = variables;
  }

  look(value: unknown, depth: number) {
    if (depth > MAX_DEPTH || --this.#left < 0) return;
    // A line of our export has the request as the input of its run.
    const isRun = isObject(value) && "run_id" in value && isBody(value.input);
    if (isBody(value) && !isRun) {
      this.found.push({ body: value, notes: [] });
    } else if (typeof value === "string") {
      if (/^\s*\{[^]*"input"/.test(value)) this.#lookInText(value, depth);
    } else if (Array.isArray(value)) {
      for (const item of value) this.look(item, depth + 1);
    } else if (isObject(value)) {
      const before = this.found.length;
      for (const member of Object.values(value)) this.look(member, depth + 1);
      const spec = value.default_task_spec;
      if (spec === undefined) return;
      for (let at = before; at < this.found.length; at++) {
        const { body, notes } = this.found[at]!;
        if (isObject(body)) this.found[at] = { body: { task_spec: spec, ...body }, notes };
      }
    }
  }

  /** A body that a document holds as text, with Postman's variables in it. */
  #lookInText(text: string, depth: number) {
    const unknown = new Set<string>();
    const filled = text.replace(/\{\{\s*([\w.$-]+)\s*\}\}/g, (whole, name) => {
      const value = this.#variables.get(name);
      if (value === undefined) unknown.add(whole);
      return value ?? whole;
    });
    const json = parseTyped(filled);
    if (!json.ok) {
      this.why ??= unknown.size > 0
        ? `This body is JSON only with the values of ${[...unknown].join(", ")}`
        : json.why;
      return;
    }
    const before = this.found.length;
    this.look(json.value, depth + 1);
    for (let at = before; at < this.found.length; at++) {
      const { body, notes } = this.found[at]!;
      this.found[at] = { body, notes: [...notes, ...[...unknown].map(unknownNote)] };
    }
  }
}

/** The variables that a collection sets, as texts. */
function variablesOf(value: unknown): ReadonlyMap<string, string> {
  const list = isObject(value) && Array.isArray(value.variable) ? value.variable : [];
  return new Map(list.flatMap((each) => {
    if (!isObject(each)) return [];
    const { key, value } = each;
    return typeof key === "string" && typeof value === "string" ? [[key, value] as const] : [];
  }));
}
