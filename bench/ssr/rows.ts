/**
 * What both servers show: a hundred runs, as a history page would.
 */
export interface Row {
  id: string;
  title: string;
  status: string;
  processor: string;
  created: string;
  sources: number;
}

const STATUSES = ["completed", "running", "failed", "queued"];
const PROCESSORS = ["lite", "base", "core", "pro", "ultra"];

/** A hundred rows, the same in every process. */
export const ROWS: readonly Row[] = Array.from({ length: 100 }, (_, index) => ({
  id: `trun_${(index * 7919).toString(16).padStart(8, "0")}`,
  title: `Which companies opened a plant in "region ${index}" & who supplies them?`,
  status: STATUSES[index % STATUSES.length]!,
  processor: PROCESSORS[index % PROCESSORS.length]!,
  created: new Date(Date.UTC(2026, 0, 1, 0, index * 17)).toISOString(),
  sources: (index * 37) % 90,
}));
