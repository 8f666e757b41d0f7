/** The runs' requests side by side: every option, and where they differ. Pure. */
import { cutJson, isObject, isSameJson } from "../../../lib/base/mod.ts";
import { htmlBytes, SHOWN_CHARS } from "../../../lib/results/mod.ts";
import type { TaskRunInput } from "../../../lib/parallel/mod.ts";

/** An option of any of the requests. */
export interface ComparedOption {
  /** Dotted if it is part of another option. */
  readonly name: string;
  /** One per run, in their order; `null` if a run does not have the option. Long JSON is cut. */
  readonly texts: readonly (string | null)[];
  readonly differs: boolean;
}

/** The options of all requests, input first. The processor is shown elsewhere. */
export function compareInputs(inputs: readonly TaskRunInput[]): ComparedOption[] {
  const flattened = inputs.map(optionsOf);
  const names = new Set(["input", ...flattened.flatMap((options) => [...options.keys()])]);
  return [...names].map((name) => {
    const [first, ...others] = flattened.map((options) => options.get(name));
    return {
      name,
      texts: [first, ...others].map((value) => value === undefined ? null : textOf(value)),
      differs: others.some((other) => !isSameJson(first, other)),
    };
  });
}

function optionsOf({ input, processor: _, ...options }: TaskRunInput): Map<string, unknown> {
  const found = new Map<string, unknown>([["input", input]]);
  for (const [name, value] of Object.entries(options)) {
    const parts = isObject(value)
      ? Object.entries(value).map(([part, own]) => [`${name}.${part}`, own] as const)
      : [[name, value] as const];
    for (const [path, own] of parts) {
      if (own !== undefined && own !== null) found.set(path, own);
    }
  }
  return found;
}

/** The most of a long JSON value (characters): with the note on its rest it is shown whole. */
const JSON_CHARS = SHOWN_CHARS - 100;

function textOf(value: unknown): string {
  return typeof value === "string" ? value : cutJson(value, JSON_CHARS);
}

/** Options that one page compares, and their share of its 4 MB (bytes). */
const SHOWN = { options: 200, bytes: 800_000 };
/** Markup of an option, and of one run's text (bytes). */
const OPTION_BYTES = 300;

/** Returns the first options that fit a page. */
export function optionsThatFit(options: readonly ComparedOption[]): readonly ComparedOption[] {
  let { bytes } = SHOWN;
  const end = options.findIndex(({ name, texts }, at) => {
    bytes -= 2 * htmlBytes(name, bytes);
    for (const text of texts) bytes -= OPTION_BYTES + htmlBytes(text ?? "", bytes, SHOWN_CHARS);
    return bytes < 0 || at >= SHOWN.options;
  });
  return end === -1 ? options : options.slice(0, end);
}
