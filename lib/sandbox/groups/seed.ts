/** Derives a run's seed. Pure. */
import type { SandboxRecord } from "../record.ts";
import type { RunSeed } from "../timeline.ts";

/** The seed of a run. `resumedUs` is when a stalled run was resumed. */
export function seedOf(
  { group, ...record }: SandboxRecord,
  resumedUs: number | null = null,
): RunSeed {
  if (group === undefined) return { ...record, resumedUs };
  const { waitUs, fails, warnings } = group;
  return { ...record, resumedUs, waitUs, fails, warnings };
}
