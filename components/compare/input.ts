/** What runs were asked, side by side: every option of the request, and where they differ. Pure. */
import { isObject } from "../../lib/parallel/json.ts";
import type { TaskRunInput } from "../../lib/parallel/types.ts";

/** An option of any of the requests. */
export interface ComparedOption {
  /** With a dot where it is part of another one. */
  readonly name: string;
  /** One a run, in their order; `null` where a run has no such option. */
  readonly texts: readonly (string | null)[];
  readonly differs: boolean;
}

/** The options of all requests, the input first; the processor stands elsewhere. */
export function compareInputs(inputs: readonly TaskRunInput[]): ComparedOption[] {
  const flattened = inputs.map(optionsOf);
  const names = new Set(["input", ...flattened.flatMap((options) => [...options.keys()])]);
  return [...names].map((name) => {
    const texts = flattened.map((options) => options.get(name) ?? null);
    return { name, texts, differs: new Set(texts).size > 1 };
  });
}

function optionsOf({ input, processor: _, ...options }: TaskRunInput): Map<string, string> {
  const found = new Map([["input", textOf(input)]]);
  for (const [name, value] of Object.entries(options)) {
    const parts = isObject(value)
      ? Object.entries(value).map(([part, own]) => [`${name}.${part}`, own] as const)
      : [[name, value] as const];
    for (const [path, own] of parts) {
      if (own !== undefined && own !== null) found.set(path, textOf(own));
    }
  }
  return found;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
