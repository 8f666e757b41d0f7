/** Results side by side: the fields of all of them, and where they differ. Pure. */
import { isNumber, isObject, type JsonObject } from "../../lib/parallel/json.ts";
import type { FieldBasis, TaskRunOutput } from "../../lib/parallel/types.ts";
import { pathKey } from "../../lib/results/grounds.ts";

/** One run's value of a field. */
export interface FieldValue {
  /** As text; `null` where the result has no such field, or there is no result yet. */
  readonly text: string | null;
  readonly confidence: string | null;
  /** Cited pages, each once. */
  readonly urls: readonly string[];
}

/** A field of any of the results. */
export interface ComparedField {
  /** With dots; empty for a text. */
  readonly path: string;
  /** One a run, in their order. */
  readonly values: readonly FieldValue[];
  /** Two runs that have a result do not say the same. */
  readonly differs: boolean;
}

/** The fields of all results, in the order in which they first come up. */
export function compareFields(outputs: readonly (TaskRunOutput | null)[]): ComparedField[] {
  const flattened = outputs.map((output) => output === null ? null : leavesOf(output));
  const places = new Map(flattened.flatMap((leaves) => [...leaves ?? []]));
  const grounds = outputs.map((output, index) => {
    const leaves = [...flattened[index]?.values() ?? []];
    return groundsBy(output?.basis ?? [], new Set(leaves.map(({ steps }) => steps.join("."))));
  });
  const uses = new Map<string, number>();
  for (const { steps } of places.values()) {
    uses.set(steps.join("."), (uses.get(steps.join(".")) ?? 0) + 1);
  }
  return [...places].map(([place, { steps }]) => {
    const plain = steps.join(".");
    const values = outputs.map((_, index): FieldValue => {
      const text = flattened[index]?.get(place)?.text ?? null;
      const { confidence = null, urls = [] } = grounds[index]?.get(plain) ?? {};
      return { text, confidence, urls: [...urls] };
    });
    const said = values.filter((_, index) => outputs[index] !== null).map(({ text }) => text);
    // The `b` of `a` is not the field `a.b`.
    const path = uses.get(plain) === 1
      ? plain
      : steps.map((step) => JSON.stringify(step)).join(".");
    return { path, values, differs: new Set(said).size > 1 };
  });
}

/** A value that is no object, and the names that lead to it. */
interface Leaf {
  readonly steps: readonly string[];
  readonly text: string;
}

/** Everything in a result that is no object, by its place. */
function leavesOf(output: TaskRunOutput): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  if (output.type === "text") leaves.set("", { steps: [], text: output.content });
  else collect(output.content, [], leaves);
  return leaves;
}

function collect(record: JsonObject, above: readonly string[], leaves: Map<string, Leaf>): void {
  for (const [name, value] of Object.entries(record)) {
    const steps = [...above, name];
    if (isObject(value) && Object.keys(value).length > 0) collect(value, steps, leaves);
    else leaves.set(JSON.stringify(steps), { steps, text: textOf(value) });
  }
}

/** A list of words one a line; anything deeper as JSON. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const isPlain = Array.isArray(value) &&
    value.every((item) => isNumber(item) || typeof item !== "object");
  return isPlain ? value.join("\n") : JSON.stringify(value, null, 2);
}

/** What the API says of a place and of everything below it. */
interface Grounds {
  /** Of the place itself; `undefined` until its entry comes. */
  confidence: string | null | undefined;
  readonly urls: Set<string>;
}

/** The grounds of every place that has a value: a basis without one would stand under a dash. */
function groundsBy(
  basis: readonly FieldBasis[],
  places: ReadonlySet<string>,
): ReadonlyMap<string, Grounds> {
  const found = new Map<string, Grounds>();
  for (const { field, confidence, citations } of basis) {
    const key = pathKey(field);
    for (const place of above(key)) {
      if (!places.has(place)) continue;
      const grounds = found.get(place) ?? { confidence: undefined, urls: new Set<string>() };
      found.set(place, grounds);
      // A text has one basis, whatever its field is called.
      if (grounds.confidence === undefined && (place === "" || place === key)) {
        grounds.confidence = confidence ?? null;
      }
      for (const { url } of citations ?? []) grounds.urls.add(url);
    }
  }
  return found;
}

/** A result is not read deeper, whatever its basis names. */
const DEEPEST = 100;

/** The whole, every place above a path, and the path itself. */
function* above(path: string): Generator<string> {
  yield "";
  for (let at = path.indexOf("."), level = 0; at !== -1 && level < DEEPEST; level++) {
    yield path.slice(0, at);
    at = path.indexOf(".", at + 1);
  }
  if (path !== "") yield path;
}
