/** Reading JSON of unknown shape. Pure. */

import { type JsonBounds, JsonBoundsError, readVerbatim } from "./json.ts";
import { isObject } from "./json_types.ts";

/**
 * The deepest nesting to process. Real values stay far below, and recursion over a hundred thousand brackets,
 * which fit into a small body, would overflow the stack.
 */
export const MAX_DEPTH = 500;

/** Whether a value is nested deeper than {@linkcode MAX_DEPTH}. Looks level by level, without recursion. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const below: unknown[] = [];
    for (const item of level) {
      if (!Array.isArray(item) && !isObject(item)) continue;
      for (const inner of Object.values(item)) below.push(inner);
    }
    if (below.length === 0) return false;
    level = below;
  }
  return true;
}

/**
 * Parses JSON; numbers keep their spelling. If the text is invalid, explains why to the person who typed it.
 */
export function parseJson(
  text: string,
  bounds?: Partial<JsonBounds>,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string } {
  try {
    return { ok: true, value: readVerbatim(text, bounds) };
  } catch (error) {
    if (error instanceof JsonBoundsError) return { ok: false, why: `${error.message}.` };
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, why: `This is not JSON: ${reason}${placeOf(text, reason)}` };
  }
}

/** The line and column of an offset that an engine reports alone: people count in lines. */
function placeOf(text: string, reason: string): string {
  const offset = /position (\d+)/.exec(reason)?.[1];
  if (offset === undefined || /line \d+/.test(reason)) return "";
  const before = text.slice(0, Number(offset)).split("\n");
  return ` (line ${before.length}, column ${before.at(-1)!.length + 1})`;
}

/** Length of the value as JSON; `Infinity` if it is nested deeper than the engine's stack. */
export function jsonChars(value: unknown): number {
  try {
    return JSON.stringify(value).length;
  } catch {
    return Infinity;
  }
}

/** One step of a JSON pointer, RFC 6901 section 4. */
export function pointerStep(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The value at a JSON pointer, or `undefined`. */
export function atPointer(root: unknown, pointer: string): unknown {
  let value = root;
  for (const step of pointer.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value)) value = /^\d+$/.test(name) ? value[Number(name)] : undefined;
    else if (isObject(value) && Object.hasOwn(value, name)) value = value[name];
    else return undefined;
  }
  return value;
}
