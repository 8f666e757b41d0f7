/** Estimates the storage that a run takes. */
import type { SandboxRecord } from "./record.ts";
import type { Timeline } from "./timeline.ts";

/** A stored run and its size (bytes). */
export interface KeptRun {
  readonly runId: string;
  readonly bytes: number;
}

/** The average size of a batch row besides its request. Generating each result would take seconds. */
const ROW_BYTES = 12 * 1024;

/** The size of its request, trace and result (characters). */
export function bytesOf({ input }: SandboxRecord, timeline: Timeline): number {
  const trace = timeline.events.reduce((sum, { data }) => sum + data.length, 0);
  return JSON.stringify(input).length + trace + JSON.stringify(timeline.output()).length;
}

/** The size of a group's run. */
export function bytesOfRow({ runId, input }: SandboxRecord): KeptRun {
  return { runId, bytes: JSON.stringify(input).length + ROW_BYTES };
}
