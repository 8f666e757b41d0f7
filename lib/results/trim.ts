/**
 * Cuts a value down to what a page can carry. Results of megabytes exist; all of them stays in
 * result.json. Pure.
 */
import { isObject } from "../parallel/json.ts";

/** How much of a value a page shows. */
export interface TrimLimits {
  /** Scalars, at most. */
  readonly values: number;
  /** Characters of all strings together, at most. */
  readonly chars: number;
}

export interface Trimmed {
  readonly value: unknown;
  /** Scalars left out or cut short. */
  readonly omitted: number;
}

/** Deeper than anybody reads, and safely within the stack of what renders it. */
const MAX_DEPTH = 40;

/** The first part of a value in reading order, and how much was left out. */
export function trimValue(value: unknown, limits: TrimLimits): Trimmed {
  let { values, chars } = limits;
  let omitted = 0;

  const full = (depth: number) => values <= 0 || chars <= 0 || depth >= MAX_DEPTH;
  const walk = (node: unknown, depth: number): unknown => {
    if (Array.isArray(node)) {
      const kept: unknown[] = [];
      for (const item of node) {
        if (full(depth)) omitted += countValues(item);
        else kept.push(walk(item, depth + 1));
      }
      return kept;
    }
    if (isObject(node)) {
      const kept: [string, unknown][] = [];
      for (const [key, item] of Object.entries(node)) {
        if (full(depth)) omitted += countValues(item);
        else kept.push([key, walk(item, depth + 1)]);
      }
      return Object.fromEntries(kept);
    }
    values--;
    if (typeof node !== "string") return node;
    const text = node.length > chars ? node.slice(0, chars) : node;
    if (text.length < node.length) omitted++;
    chars -= text.length;
    return text;
  };

  return { value: walk(value, 0), omitted };
}

/** How many scalars and empty containers a value holds. Without recursion: a model may nest deeper than the stack. */
export function countValues(node: unknown): number {
  const stack = [node];
  let count = 0;
  while (stack.length > 0) {
    const next = stack.pop();
    const items = Array.isArray(next) || isObject(next) ? Object.values(next) : [];
    if (items.length === 0) count++;
    for (const item of items) stack.push(item);
  }
  return count;
}
