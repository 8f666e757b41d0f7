/**
 * Finds requests anywhere in JSON: a plain request, a group's inputs, our result.json, Postman, Insomnia and
 * Bruno collections, HAR files. Pure.
 */
import { isObject, type JsonObject, parseTyped } from "../../base/mod.ts";
import { FORM_NOTE, type Found, type Reading, Unknown, unknownNote } from "./found.ts";

/** Maximum values visited, and maximum depth. Real exports stay far below. */
const MAX_VALUES = 50_000;
const MAX_DEPTH = 40;

const NO_REQUEST = 'A request is a JSON object with "input" and "processor"';

/** Finds the requests in a JSON text or a parsed value. */
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

/** Removes one level of escaped quotes, left over from a shell. */
function unescaped(text: string): string {
  if (!/^\s*[[{]\s*\\"/.test(text)) return text;
  const json = parseTyped(`"${text.trim().replace(/\r?\n/g, "\\n").replace(/\t/g, "\\t")}"`);
  return json.ok && typeof json.value === "string" ? json.value : text;
}

/** Whether a value looks like the body of a request. */
export function isBody(value: unknown): value is JsonObject {
  if (!isObject(value) || value instanceof Unknown) return false;
  const { input, processor } = value;
  return (typeof processor === "string" || processor instanceof Unknown) &&
    (typeof input === "string" || isObject(input));
}

/** A string, which is kept, or a comment. */
const COMMENT = /("(?:[^"\\]|\\.)*"?)|\/\/[^\n]*/g;

/** A form as Postman and HAR files write it: a list of names and values. */
function formOf({ mode, urlencoded, formdata, params }: JsonObject): JsonObject | null {
  const list = mode === "urlencoded" ? urlencoded : mode === "formdata" ? formdata : params;
  if (!Array.isArray(list)) return null;
  const form = Object.fromEntries(list.flatMap((each) => {
    const name = isObject(each) ? each.key ?? each.name : undefined;
    return typeof name === "string" ? [[name, each.value]] : [];
  }));
  return isBody(form) ? form : null;
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
    // In our export, the request is the input of a run.
    const isRun = isObject(value) && "run_id" in value && isBody(value.input);
    if (isBody(value) && !isRun) {
      this.found.push({ body: value, notes: [] });
    } else if (typeof value === "string") {
      // n8n begins a template with an equals sign.
      if (/^\s*=?\s*\{[^]*"input"/.test(value)) {
        this.#lookInText(value.replace(/^\s*=/, ""), depth);
      }
    } else if (Array.isArray(value)) {
      for (const item of value) this.look(item, depth + 1);
    } else if (isObject(value)) {
      const form = formOf(value);
      if (form !== null) return void this.found.push({ body: form, notes: [FORM_NOTE] });
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

  /** Reads a body stored as text, which may contain Postman variables. */
  #lookInText(text: string, depth: number) {
    const unknown = new Set<string>();
    const filled = text.replace(/\{\{\s*([\w.$-]+)\s*\}\}/g, (whole, name) => {
      const value = this.#variables.get(name);
      if (value === undefined) unknown.add(whole);
      return value ?? whole;
    });
    let json = parseTyped(filled);
    // Postman removes comments.
    if (!json.ok) json = parseTyped(filled.replace(COMMENT, "$1"));
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

/** The variables that a collection defines, as text. */
function variablesOf(value: unknown): ReadonlyMap<string, string> {
  const list = isObject(value) && Array.isArray(value.variable) ? value.variable : [];
  return new Map(list.flatMap((each) => {
    if (!isObject(each)) return [];
    const { key, value } = each;
    return typeof key === "string" && typeof value === "string" ? [[key, value] as const] : [];
  }));
}
