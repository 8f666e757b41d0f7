/** Results side by side: all their fields, and where they differ. Pure. */
import { isNumber, isObject, isSameNumber, type JsonObject } from "../base/mod.ts";
import type { FieldBasis, TaskRunOutput } from "../parallel/mod.ts";
import { pathKey } from "./schema.ts";
import { htmlBytes } from "./trim.ts";

/** The most characters of a text without difference marks, and the most sources of one value. */
export const SHOWN_CHARS = 6_000, SHOWN_SOURCES = 5;

/** One run's value of a field. */
export interface FieldValue {
  /** As text; `null` if the result does not have the field, or there is no result yet. */
  readonly text: string | null;
  readonly confidence: string | null;
  /** Cited pages, without duplicates. */
  readonly urls: readonly string[];
}

/** A field of any of the results. */
export interface ComparedField {
  /** Dotted; empty for a text result. If two fields share a dotted path, each name is in quotes. */
  readonly path: string;
  /** The names on the path. */
  readonly steps: readonly string[];
  /** One per run, in their order. */
  readonly values: readonly FieldValue[];
  /** For each run, whether it has a result and the field is in it or was requested. */
  readonly asked: readonly boolean[];
  /** Whether two of these disagree. */
  readonly differs: boolean;
}

/** The most fields to examine in one result: a hostile result may have millions. */
export const MAX_LEAVES = 2_000;

/**
 * The fields of all results, in order of first appearance. Takes the first {@linkcode MAX_LEAVES} of each.
 * `isAsked` returns whether a result that lacks a field should have had it. By default it should.
 */
export function compareFields(
  outputs: readonly (TaskRunOutput | null)[],
  isAsked: (index: number, steps: readonly string[]) => boolean = () => true,
): ComparedField[] {
  const places = new Map<string, Path>();
  for (const output of outputs) {
    if (output === null) continue;
    let left = MAX_LEAVES;
    for (const steps of leavesOf(output)) {
      if (left-- === 0) break;
      places.set(JSON.stringify(steps), steps);
    }
  }
  const fields = [...places.values()].map((steps) => ({
    steps,
    plain: steps.join("."),
    texts: outputs.map((output) => output === null ? null : leafAt(output, steps)),
  }));
  // Do not show a basis without a value: it would appear under a dash.
  const bases = outputs.map((output, index) =>
    basisByPath(
      output?.basis ?? [],
      new Set(fields.flatMap(({ plain, texts }) => texts[index] === null ? [] : plain)),
    )
  );
  const uses = new Map<string, number>();
  for (const { plain } of fields) uses.set(plain, (uses.get(plain) ?? 0) + 1);
  return fields.map(({ steps, plain, texts }) => {
    const values = texts.map((text, index): FieldValue => {
      const { confidence = null, urls = [] } = bases[index]?.get(plain) ?? {};
      return { text, confidence, urls: [...urls] };
    });
    const asked = texts.map((text, index) =>
      outputs[index] !== null && (text !== null || isAsked(index, steps))
    );
    const present = texts.map((_, index) => index).filter((index) => asked[index]);
    const [first = 0, ...others] = present;
    const differs = others.some((index) =>
      texts[index] !== texts[first] &&
      !isSameValue(valueAt(outputs[index], steps), valueAt(outputs[first], steps))
    );
    // The `b` of `a` is not the field `a.b`.
    const path = uses.get(plain) === 1
      ? plain
      : steps.map((step) => JSON.stringify(step)).join(".");
    return { path, steps, values, asked, differs };
  });
}

/** The names on the path to a value. */
type Path = readonly string[];

/** Yields the paths of a result's values that are not objects, or are empty objects. */
function* leavesOf(output: TaskRunOutput): Generator<Path> {
  if (output.type === "text") yield [];
  else yield* leavesIn(output.content, []);
}

function* leavesIn(record: JsonObject, above: Path): Generator<Path> {
  for (const name of Object.keys(record)) {
    const value = record[name];
    const steps = [...above, name];
    if (isBranch(value)) yield* leavesIn(value, steps);
    else yield steps;
  }
}

function leafAt(output: TaskRunOutput, steps: Path): string | null {
  const value = valueAt(output, steps);
  return value === undefined || isBranch(value) ? null : textOf(value);
}

function valueAt(output: TaskRunOutput | null | undefined, steps: Path): unknown {
  if (!output) return undefined;
  if (output.type === "text") return steps.length === 0 ? output.content : undefined;
  if (steps.length === 0) return undefined;
  let value: unknown = output.content;
  for (const step of steps) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}

/** Whether two values are equal: numbers by value, however they are written, and members in any order. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (isNumber(one) && isNumber(other)) return isSameNumber(String(one), String(other));
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, at) => isSameValue(item, other[at]));
  }
  if (!isObject(one) || !isObject(other)) return one === other;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSameValue(one[name], other[name]));
}

function isBranch(value: unknown): value is JsonObject {
  return isObject(value) && Object.keys(value).length > 0;
}

/** A list of words with one per line; anything deeper as JSON. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const isPlain = Array.isArray(value) &&
    value.every((item) => isNumber(item) || typeof item !== "object");
  return isPlain ? value.join("\n") : JSON.stringify(value, null, 2);
}

/** The API's basis for a path and everything below it. */
interface PathBasis {
  /** For the path itself; `undefined` until its entry is found. */
  confidence: string | null | undefined;
  readonly urls: Set<string>;
}

/** Collects the basis of every path that has a value. */
function basisByPath(
  basis: readonly FieldBasis[],
  places: ReadonlySet<string>,
): ReadonlyMap<string, PathBasis> {
  const found = new Map<string, PathBasis>();
  for (const { field, confidence, citations } of basis) {
    const key = pathKey(field);
    for (const place of above(key)) {
      if (!places.has(place)) continue;
      const own = found.get(place) ?? { confidence: undefined, urls: new Set<string>() };
      found.set(place, own);
      // A text has one basis, whatever its field is called.
      if (own.confidence === undefined && (place === "" || place === key)) {
        own.confidence = confidence ?? null;
      }
      for (const { url } of citations ?? []) own.urls.add(url);
    }
  }
  return found;
}

/** The most levels of a basis path to index: a path may have any length. */
const DEEPEST = 100;

/** Yields the root, every ancestor of a path, and the path itself. */
function* above(path: string): Generator<string> {
  yield "";
  for (let at = path.indexOf("."), level = 0; at !== -1 && level < DEEPEST; level++) {
    yield path.slice(0, at);
    at = path.indexOf(".", at + 1);
  }
  if (path !== "") yield path;
}

/** The most fields that one page compares, and their share of its 4 MB (bytes). */
const SHOWN = { fields: 300, bytes: 2_400_000 };
/** Markup of a field, and of one run's value (bytes). */
const FIELD_BYTES = 200, VALUE_BYTES = 500;

/** Returns the first fields that fit a page. */
export function fieldsThatFit(fields: readonly ComparedField[]): readonly ComparedField[] {
  let { bytes } = SHOWN;
  const end = fields.findIndex(({ path, values }, at) => {
    bytes -= FIELD_BYTES + htmlBytes(path, bytes);
    for (const { text, confidence, urls } of values) {
      bytes -= VALUE_BYTES + htmlBytes(text ?? "", bytes, SHOWN_CHARS) +
        htmlBytes(confidence ?? "", bytes);
      for (const url of urls.slice(0, SHOWN_SOURCES)) bytes -= 2 * htmlBytes(url, bytes);
    }
    return bytes < 0 || at >= SHOWN.fields;
  });
  return end === -1 ? fields : fields.slice(0, end);
}
