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
  /** Scalars left out or cut short; counted to {@linkcode COUNTED} and no further. */
  readonly omitted: number;
}

/** Past this many left out, how many more is nobody's question, and to count them takes its time. */
export const COUNTED = 10_000;

/** Deeper than anybody reads, and safely within the stack of what renders it. */
const MAX_DEPTH = 40;

/** The first part of a value in reading order, and how much was left out. */
export function trimValue(value: unknown, limits: TrimLimits): Trimmed {
  let { values, chars } = limits;
  let omitted = 0;

  const leave = (node: unknown) => {
    if (omitted <= COUNTED) omitted += countValues(node, COUNTED - omitted);
  };
  const full = (depth: number) => values <= 0 || chars <= 0 || depth >= MAX_DEPTH;
  const walk = (node: unknown, depth: number): unknown => {
    if (Array.isArray(node)) {
      const kept: unknown[] = [];
      for (const item of node) {
        if (full(depth)) leave(item);
        else kept.push(walk(item, depth + 1));
      }
      return kept;
    }
    if (isObject(node)) {
      const kept: [string, unknown][] = [];
      for (const [key, item] of Object.entries(node)) {
        if (full(depth)) leave(item);
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

/**
 * How many scalars and empty containers a value holds; stops counting past `limit`. Without recursion:
 * a model may nest deeper than the stack.
 */
export function countValues(node: unknown, limit = Infinity): number {
  const stack = [node];
  let count = 0;
  while (stack.length > 0 && count <= limit) {
    const next = stack.pop();
    const before = stack.length;
    if (Array.isArray(next)) { for (const item of next) stack.push(item); }
    // What JSON makes has no members but its own.
    else if (isObject(next)) { for (const name in next) stack.push(next[name]); }
    if (stack.length === before) count++;
  }
  return count;
}

/** The value with every list cut to its first items, so that some `values` scalars are left. */
export function firstOfLists(value: unknown, values: number): unknown {
  for (let length = 1_000; length >= 1; length = Math.floor(length / 4)) {
    const cut = cutLists(value, length);
    if (countValues(cut, values) <= values) return cut;
  }
  return cutLists(value, 1);
}

function cutLists(value: unknown, length: number, depth = 0): unknown {
  if (Array.isArray(value)) {
    return depth >= MAX_DEPTH
      ? []
      : value.slice(0, length).map((item) => cutLists(item, length, depth + 1));
  }
  if (!isObject(value) || depth >= MAX_DEPTH) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, cutLists(item, length, depth + 1)]),
  );
}
