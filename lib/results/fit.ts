/**
 * Checks whether a result fits the requested schema, and where it does not. Pure; server only, because the
 * validator is large.
 */
import { beginning } from "../base/mod.ts";
import type { OutputUnit } from "@cfworker/json-schema";
import { BoundedValidator } from "../tasks/schema/mod.ts";
import type { JsonObject } from "../base/mod.ts";
import { countValues, firstOfLists } from "./trim.ts";

/** A path that does not fit. */
export interface Misfit {
  /** Dotted, as in a basis: `companies.0.revenue`; empty for the whole. */
  readonly path: string;
  /** The problem there, as half a sentence. */
  readonly what: string;
}

/**
 * The outcome of a check. `whole`: everything was checked and every misfit is listed. Otherwise only the
 * first items of long lists were checked, and only the first misfit is listed.
 */
export type Fit =
  | { readonly kind: "fits"; readonly whole: boolean }
  | { readonly kind: "misfits"; readonly misfits: readonly Misfit[]; readonly whole: boolean }
  /** The schema itself is unusable, e.g. a `$ref` that is broken or endless. */
  | { readonly kind: "unchecked"; readonly why: string };

/** Above this number of values only the first items of each list are checked, so the page does not wait. */
const CHECKED_VALUES = 20_000;
/** Every misfit is listed up to this number of values. For a larger result, only the first is. */
const LISTED_VALUES = 5_000;
/** The most validator errors to read. A misfit causes a few, including its wrappers. */
const LISTED_UNITS = 20_000;

/** Keywords whose error only says that a deeper one failed. */
const WRAPPERS = new Set([
  "properties",
  "patternProperties",
  "additionalProperties",
  "unevaluatedProperties",
  "items",
  "prefixItems",
  "additionalItems",
  "allOf",
  "if",
  "then",
  "else",
  "$ref",
  "$recursiveRef",
  "$dynamicRef",
  "dependentSchemas",
]);

/** Keywords whose nested errors concern alternatives: the summary error is enough. */
const ALTERNATIVES = new Set(["anyOf", "oneOf", "not", "contains"]);

/** Checks content against a schema (draft 2020-12). */
export function fitOf(content: unknown, schema: JsonObject): Fit {
  const values = countValues(content, CHECKED_VALUES);
  const whole = values <= CHECKED_VALUES;
  const checked = whole ? content : firstOfLists(content, CHECKED_VALUES);
  const first = check(checked, schema, true);
  if (typeof first === "string") return { kind: "unchecked", why: first };
  if (first.length === 0) return { kind: "fits", whole };
  const listed = whole && values <= LISTED_VALUES;
  const all = listed ? check(checked, schema, false) : first;
  // One path may have more problems than anyone reads.
  const few = typeof all !== "string" && all.length <= LISTED_UNITS;
  return { kind: "misfits", misfits: misfitsOf(few ? all : first), whole: listed && few };
}

function check(
  content: unknown,
  schema: JsonObject,
  stopAtFirst: boolean,
): readonly OutputUnit[] | string {
  try {
    return new BoundedValidator(schema, { stopAtFirst }).errorsIn(content);
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
  }
}

function misfitsOf(units: readonly OutputUnit[]): Misfit[] {
  const misfits = new Map<string, Misfit>();
  const closed: string[] = [];
  for (const unit of units) {
    const { keyword, keywordLocation } = unit;
    if (closed.some((place) => keywordLocation.startsWith(place))) continue;
    if (ALTERNATIVES.has(keyword)) closed.push(`${keywordLocation}/`);
    if (WRAPPERS.has(keyword)) continue;
    const misfit = { path: pathOf(unit), what: wordsOf(unit) };
    misfits.set(`${misfit.path}\n${misfit.what}`, misfit);
  }
  const [first] = units;
  if (misfits.size > 0 || first === undefined) return [...misfits.values()];
  // Only wrappers are left: report the outermost.
  return [{ path: pathOf(first), what: wordsOf(first) }];
}

/** `#/a~1b/0` → `a/b.0`. */
function pathOf({ instanceLocation, keyword, error }: OutputUnit): string {
  const steps = instanceLocation.split("/").slice(1).map((step) =>
    decoded(step).replaceAll("~1", "/").replaceAll("~0", "~")
  );
  const missing = keyword === "required" ? /"(.*)"/s.exec(error)?.[1] : undefined;
  return [...steps, ...missing === undefined ? [] : [missing]].join(".");
}

function decoded(step: string): string {
  try {
    return decodeURI(step);
  } catch {
    return step;
  }
}

/** The longest message about one path: an error may repeat a schema's whole list of choices (characters). */
const WORDS_CHARS = 300;
/** A longer error is not parsed: a schema may name types of any length (characters). */
const ERROR_CHARS = 1_000;

function wordsOf(unit: OutputUnit): string {
  const words = allWordsOf(unit);
  return words.length > WORDS_CHARS ? `${beginning(words, WORDS_CHARS)}…` : words;
}

function allWordsOf({ keyword, error }: OutputUnit): string {
  if (keyword === "required") return "is missing";
  if (keyword === "false") return "is not in the schema";
  const [, found, wanted] = /^Instance type "(.*?)" is invalid\. Expected "?(.*?)"?\.$/.exec(
    beginning(error, ERROR_CHARS),
  ) ?? [];
  if (found !== undefined && wanted !== undefined) {
    return `is of type ${found}, not ${wanted.replaceAll('", "', " or ")}`;
  }
  if (ALTERNATIVES.has(keyword)) return `matches none of the alternatives (${keyword})`;
  return `does not fit “${keyword}”: ${error.replace(/\.$/, "")}`;
}
