/** What a run does between its start and its end, before any of it has a time. */
import type { McpToolCall, Warning } from "../../parallel/mod.ts";
import type { Source } from "./sources.ts";

/** One thing that the run reports. `weight` is its share of the time (1 by default). */
export type Step =
  | {
    readonly kind: "message";
    readonly subtype: string;
    readonly text: string;
    readonly weight?: number;
  }
  /** A page is read: an `extract` message, and one more source read. */
  | { readonly kind: "read"; readonly source: Source; readonly weight?: number }
  /** Figures so far; computed from where it stands. */
  | { readonly kind: "stats"; readonly weight?: number };

/** A run's work. */
export interface Script {
  readonly steps: readonly Step[];
  /** The pages it read, of which stats show a sample and results cite some. */
  readonly sources: readonly Source[];
}

/** What came of the MCP servers of a request. */
export interface ToolUse {
  readonly steps: readonly Step[];
  readonly calls: readonly McpToolCall[];
  readonly warnings: readonly Warning[];
}

/** A message of the given subtype. */
export function say(subtype: string, text: string, weight = 1): Step {
  return { kind: "message", subtype, text, weight };
}
