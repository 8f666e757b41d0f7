/** What keeping a run takes. */
import type { SandboxRecord } from "./record.ts";
import type { Timeline } from "./timeline.ts";

/** A run that is kept, and how much of it (bytes). */
export interface KeptRun {
  readonly runId: string;
  readonly bytes: number;
}

/** What a row of a batch comes to besides its request, on average: making each result would take seconds. */
const ROW_BYTES = 12 * 1024;

/** Its request, its trace and its result (characters). */
export function bytesOf({ input }: SandboxRecord, timeline: Timeline): number {
  const trace = timeline.events.reduce((sum, { data }) => sum + data.length, 0);
  return JSON.stringify(input).length + trace + JSON.stringify(timeline.output()).length;
}

/** What a run of a group takes. */
export function bytesOfRow({ runId, input }: SandboxRecord): KeptRun {
  return { runId, bytes: JSON.stringify(input).length + ROW_BYTES };
}
