/**
 * Cuts a value down to what a page can carry. Results of megabytes exist; all of them stays in
 * result.json. Pure.
 */
import { asRecord } from "../../lib/runs/event.ts";

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

/** The first part of a value in reading order, and how much was left out. */
export function trimValue(value: unknown, limits: TrimLimits): Trimmed {
  let { values, chars } = limits;
  let omitted = 0;

  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) {
      const kept: unknown[] = [];
      for (const item of node) {
        if (values <= 0 || chars <= 0) omitted += scalars(item);
        else kept.push(walk(item));
      }
      return kept;
    }
    const record = asRecord(node);
    if (record !== null) {
      const kept: [string, unknown][] = [];
      for (const [key, item] of Object.entries(record)) {
        if (values <= 0 || chars <= 0) omitted += scalars(item);
        else kept.push([key, walk(item)]);
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

  return { value: walk(value), omitted };
}

function scalars(node: unknown): number {
  if (Array.isArray(node)) return node.reduce((sum: number, item) => sum + scalars(item), 0);
  const record = asRecord(node);
  if (record === null) return 1;
  return Object.values(record).reduce((sum: number, item) => sum + scalars(item), 0);
}
