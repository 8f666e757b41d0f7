/** The steps of a run, before they are given times. */
import type { McpToolCall, Warning } from "../../parallel/mod.ts";
import type { Source } from "./sources.ts";

/** One reported step. `weight` is its share of the time (1 by default). */
export type Step =
  | {
    readonly kind: "message";
    readonly subtype: string;
    readonly text: string;
    readonly weight?: number;
  }
  /** Reading a page: an `extract` message, and one more source read. */
  | { readonly kind: "read"; readonly source: Source; readonly weight?: number }
  /** Stats so far, computed from the step's position. */
  | { readonly kind: "stats"; readonly weight?: number };

/** The steps of a run. */
export interface Script {
  readonly steps: readonly Step[];
  /** The pages it read. Stats show a sample of them and results cite some. */
  readonly sources: readonly Source[];
}

/** The outcome of a request's MCP servers. */
export interface ToolUse {
  readonly steps: readonly Step[];
  readonly calls: readonly McpToolCall[];
  readonly warnings: readonly Warning[];
}

/** A message of the given subtype. */
export function say(subtype: string, text: string, weight = 1): Step {
  return { kind: "message", subtype, text, weight };
}
