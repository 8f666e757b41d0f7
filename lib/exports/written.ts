/** Writes JSON in exports as originally written, fit for one line. Pure. */
import { readVerbatim, slices } from "../base/mod.ts";
import { readOutput } from "../parallel/mod.ts";
import type { RunPage } from "../runs/model/mod.ts";

/** Returns the original JSON text of a run's result, or `null` if there is none. */
export function outputText({ output, output_text: text }: RunPage): string | null {
  if (output === null) return null;
  // An output that cannot be parsed is kept as its full text.
  return typeof text === "string" && output.content !== text ? text : JSON.stringify(output);
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
