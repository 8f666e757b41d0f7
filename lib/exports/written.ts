/** JSON in exports as it was written: its text, fit for a line. Pure. */
import { readVerbatim, slices } from "../base/mod.ts";
import { readOutput } from "../parallel/mod.ts";
import type { RunPage } from "../runs/model/mod.ts";

/** The JSON text of a run's result as it came; `null` without one. */
export function outputText({ output, output_text: text }: RunPage): string | null {
  if (output === null) return null;
  // What cannot be read as an output is kept as a text that says all of it.
  return typeof text === "string" && output.content !== text ? text : JSON.stringify(output);
}

/** Whether a JSON text is an output that can be read back. */
export function isOutput(text: string): boolean {
  try {
    return readOutput(readVerbatim(text)) !== null;
  } catch {
    return false;
  }
}

/** JSON without line breaks, in slices: they may only stand between its parts, where a space says the same. */
export function* oneLine(json: string): Generator<string> {
  for (const slice of slices(json)) yield slice.replace(/[\r\n]/g, " ");
}

/** Whether a JSON text is a line of its own. */
export function isOneLine(json: string): boolean {
  return !/[\r\n]/.test(json);
}
