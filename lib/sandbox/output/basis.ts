/** The basis of a simulated result: for each field its citations, reasoning and confidence. */
import { isObject } from "../../base/mod.ts";
import type { FieldBasis } from "../../parallel/mod.ts";
import type { Random } from "../random.ts";
import { citationOf, type Source } from "../script/sources.ts";
import { citable } from "../script/write.ts";
import { LABEL } from "./text.ts";

const REASONS = [
  "the cited pages state it in the same terms, and nothing read contradicts it",
  "two independent pages agree; a third gives an older figure and was set aside",
  "it follows from the most recent of the cited pages, which names its own source",
  "the sources differ in their definitions, so the value is the one that most of them share",
  "one page says so directly; the others imply it",
];

const WEAK_REASONS = [
  "only one page touches on it, and it names no source of its own",
  "the pages disagree, and the more recent one was preferred",
];

/** How deep into nested objects a basis goes, in addition to list elements. */
export interface BasisOptions {
  readonly sources: readonly Source[];
  readonly random: Random;
  /** Include the members of top-level objects too, as deep research does. */
  readonly nested?: boolean;
}

/** The basis of an output's content: each top-level field, and each element of a list. */
export function basisOf(
  content: Record<string, unknown>,
  { sources, random, nested = false }: BasisOptions,
): FieldBasis[] {
  return pathsOf(content, nested).map((field) => basisEntry(field, sources, random.fork(field)));
}

function* pathsOfMember(name: string, value: unknown, nested: boolean): Generator<string> {
  yield name;
  if (Array.isArray(value)) {
    for (const index of value.keys()) yield `${name}.${index}`;
  } else if (nested && isObject(value)) {
    for (const member of Object.keys(value)) yield `${name}.${member}`;
  }
}

function pathsOf(content: Record<string, unknown>, nested: boolean): string[] {
  return Object.entries(content).flatMap((
    [name, value],
  ) => [...pathsOfMember(name, value, nested)]);
}

/** One entry of a basis. */
export function basisEntry(
  field: string,
  sources: readonly Source[],
  random: Random,
): FieldBasis {
  const draw = random.next();
  const confidence = draw < 0.55 ? "high" : draw < 0.85 ? "medium" : "low";
  const reason = random.pick(confidence === "low" ? WEAK_REASONS : REASONS);
  return {
    field,
    citations: citable(sources, random, confidence === "low" ? 1 : random.int(1, 3)).map(
      citationOf,
    ),
    reasoning: `${LABEL}: ${reason}.`,
    confidence,
  };
}
