/** Writes JSON in exports as originally written, fit for one line. Pure. */
import { readVerbatim, slices } from "../base/mod.ts";
import { readOutput } from "../parallel/mod.ts";
import type { RunPage } from "../runs/model/mod.ts";

/** Returns the original JSON text of a run's result, or `null` if there is none. */
export function outputText(page: RunPage): string | null {
  return page.output === null ? null : keptText(page) ?? JSON.stringify(page.output);
}

/** Returns the JSON text that the API sent as the result; `null` if it is not stored or cannot be parsed. */
export function keptText({ output, output_text: text = null }: RunPage): string | null {
  // An output that cannot be parsed has its full text as its content.
  return output?.content === text ? null : text;
}

/** Returns whether a JSON text is an output that can be parsed. */
export function isOutput(text: string): boolean {
  try {
    return readOutput(readVerbatim(text)) !== null;
  } catch {
    return false;
  }
}

/**
 * Returns a JSON text with lone surrogates escaped, as `JSON.stringify` writes them: UTF-8 has none. They occur
 * only within strings.
 */
export function escaped(json: string): string {
  if (json.isWellFormed()) return json;
  return json.replace(
    /\p{Surrogate}/gu,
    (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
  );
}

/**
 * Yields JSON without line breaks, in slices. Line breaks occur only between tokens, so a space can replace
 * them.
 */
export function* oneLine(json: string): Generator<string> {
  for (const slice of slices(json)) yield slice.replace(/[\r\n]/g, " ");
}

/** Returns whether a JSON text has no line breaks. */
export function isOneLine(json: string): boolean {
  return !/[\r\n]/.test(json);
}
