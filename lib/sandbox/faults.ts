/**
 * Faults on demand. `metadata.sandbox` names one, or several separated by commas:
 *
 * | word | what happens |
 * |---|---|
 * | `fail` | the run fails on its way |
 * | `action_required` | the run stops with that status |
 * | `cut` | connections to the event stream end early, cleanly, several times |
 * | `drop` | connections break in the middle of an event, several times |
 * | `stall` | the first connection goes silent for good; a second one makes the run go on |
 * | `malformed` | payloads that are not JSON, unknown event types, extra members |
 * | `burst` | hundreds of messages of one moment, some of them equal |
 * | `huge` | a result of about 5 MB and one event of 2 MiB; only where `SANDBOX_FAULTS=on` |
 * | `402` `429` `500` `503` | the create itself is rejected with that status |
 *
 * `metadata.sandbox_seconds` sets how long the run takes (seconds, at speed 1), so that it can outlast the
 * 570 seconds of a connection.
 *
 * A run of a group does not stall: nothing opens a second connection, so it continues by itself. Faults of a
 * whole group are in `groups/faults.ts`.
 */
import type { TaskRunInput } from "../parallel/mod.ts";
import type { Problem } from "../tasks/fields/mod.ts";

/** Faults of a run. */
export const FAULTS = [
  "fail",
  "action_required",
  "cut",
  "drop",
  "stall",
  "malformed",
  "burst",
  "huge",
] as const;

/** The faults that produce megabytes. */
const COSTLY_FAULTS: readonly Fault[] = ["huge"];

export type Fault = (typeof FAULTS)[number];

/** Statuses that a create can be rejected with, and the API's message for each. */
export const REFUSALS: Readonly<Record<string, { status: number; message: string }>> = {
  "402": { status: 402, message: "Payment required: insufficient credit in account" },
  "429": { status: 429, message: "Too many requests: quota temporarily exceeded" },
  "500": { status: 500, message: "Internal server error" },
  "503": { status: 503, message: "Service unavailable" },
};

/** Words for a request that adds runs to a group: `groups/faults.ts`. */
const OF_GROUPS = /^(?:lost|late(?::\d+)?|shuffle|fail:\d+|\d{3}(?=@))(?:@\d+)?$/;

/** The faults that a request asks for. */
export interface FaultPlan {
  readonly faults: ReadonlySet<Fault>;
  /** The status to reject the create with. */
  readonly refusal: { readonly status: number; readonly message: string } | null;
  /** Unknown words. */
  readonly unknown: readonly string[];
  /** The run's duration at speed 1 (seconds); `null` for the processor's default. */
  readonly seconds: number | null;
}

/** Reads the faults of a request. */
export function faultsOf(input: TaskRunInput): FaultPlan {
  const words = String(input.metadata?.sandbox ?? "").toLowerCase().split(/[\s,]+/).filter(Boolean);
  const faults = new Set(FAULTS.filter((fault) => words.includes(fault)));
  const refused = words.find((word) => Object.hasOwn(REFUSALS, word));
  const seconds = Number(input.metadata?.sandbox_seconds ?? NaN);
  return {
    faults,
    refusal: refused === undefined ? null : REFUSALS[refused]!,
    unknown: words.filter((word) =>
      !FAULTS.some((fault) => fault === word) && !Object.hasOwn(REFUSALS, word) &&
      !OF_GROUPS.test(word)
    ),
    seconds: seconds > 0 && seconds <= 86_400 ? seconds : null,
  };
}

/** Returns why the request's faults are rejected where costly ones are off, or no problem. */
export function costlyProblems({ faults }: Pick<FaultPlan, "faults">): Problem[] {
  const costly = COSTLY_FAULTS.filter((fault) => faults.has(fault));
  if (costly.length === 0) return [];
  const message = `"${costly.join()}" needs SANDBOX_FAULTS=on on this instance: it is expensive`;
  return [{ field: "metadata.sandbox", message }];
}
