/**
 * Faults of a group on demand: `metadata.sandbox` of the group, or of an added run. Words are separated by
 * commas. Each is `word` or `word:number`, with `@n` to apply it only to the n-th request that adds runs,
 * such as `lost@2,fail:25,429@3`.
 *
 * | word | what happens |
 * |---|---|
 * | `fail:25` | 25 of 100 runs fail, always the same ones; without a number all |
 * | `lost` | the runs are added, but the response never arrives |
 * | `late:10` | like `lost`, and the runs are added ten seconds later; 30 without a number |
 * | `402` `429` `500` `503` | the request is rejected with that status, and adds nothing |
 * | `shuffle` | the group's events report ends late and out of order |
 *
 * Words for single runs (see `faults.ts`) keep their meaning: `fail` in one run's metadata is that run's.
 */
import type { Metadata, TaskRunInput } from "../../parallel/mod.ts";
import { REFUSALS } from "../faults.ts";

/** The faults of one request that adds runs. */
export interface GroupFaults {
  readonly refusal: { readonly status: number; readonly message: string } | null;
  readonly isLost: boolean;
  /** How long after its lost response the request takes effect (ms). */
  readonly lateMs: number;
  /** The fraction of runs that fail, 0 to 1. */
  readonly failing: number;
  readonly shuffles: boolean;
}

const LATE_SECONDS = 30;
/** Words in a run's metadata that apply to its whole request. */
const OF_REQUEST = /^(?:lost|late|402|429|500|503)\b/;

/** Reads the faults of the `nth` request (from 1). */
export function groupFaults(
  group: Metadata,
  inputs: readonly Pick<TaskRunInput, "metadata">[],
  nth: number,
): GroupFaults {
  const words = wordsOf(group);
  for (const { metadata } of inputs) {
    if (metadata?.sandbox === undefined) continue;
    for (const word of wordsOf(metadata)) if (OF_REQUEST.test(word)) words.push(word);
  }
  const found = new Map<string, number>();
  for (const word of words) {
    const [, name, value, at] = /^([a-z0-9]+)(?::(\d+))?(?:@(\d+))?$/.exec(word) ?? [];
    if (name === undefined || (at !== undefined && Number(at) !== nth)) continue;
    found.set(name, value === undefined ? NaN : Number(value));
  }
  const refusal = Object.keys(REFUSALS).find((status) => found.has(status));
  const late = found.get("late"), fail = found.get("fail");
  return {
    refusal: refusal === undefined ? null : REFUSALS[refusal]!,
    isLost: found.has("lost") || late !== undefined,
    lateMs: late === undefined ? 0 : 1000 * (Number.isNaN(late) ? LATE_SECONDS : late),
    failing: fail === undefined ? 0 : Number.isNaN(fail) ? 1 : Math.min(1, fail / 100),
    shuffles: found.has("shuffle"),
  };
}

function wordsOf(metadata: Metadata | null): string[] {
  return String(metadata?.sandbox ?? "").toLowerCase().split(/[\s,]+/).filter(Boolean);
}
