/** Six views of large runs at once, in a separate process: its memory, and the times of its `/healthz`. */
import { VALID_RUN } from "../../tests/history/valid_run.ts";
import { spreadOf } from "../statistics.ts";
import { type BenchResult, PROMISE } from "../types.ts";
import { WatchedServer } from "./watched.ts";

const AT_ONCE = 6;
const LIMIT_MS = 250, LIMIT_MB = 500;
const ROUNDS = 3;
const KINDS = ["page", "result.json", "report.md", "trace.ndjson", "compare"] as const;

/** Measures each kind of view, three times. */
export async function views(): Promise<BenchResult[]> {
  await using server = await WatchedServer.start();
  for (let n = 0; n < AT_ONCE; n++) {
    const report = await server.import(fileOf(n));
    if (!/1 imported/.test(report)) throw new Error(`Run ${n} was not imported`);
  }
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const idle = await server.resident();
  const results: BenchResult[] = [];
  for (const kind of KINDS) {
    const waits: number[] = [];
    const peaks: number[] = [], slowest: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const watched = await server.watch(() =>
        Promise.all(Array.from({ length: AT_ONCE }, (_, n) => {
          const path = kind === "compare"
            ? `/compare?ids=trun_${n},trun_${(n + 1) % AT_ONCE}`
            : `/tasks/trun_${n}${kind === "page" ? "" : `/${kind}`}`;
          return server.read(path);
        }))
      );
      waits.push(...watched.waits);
      slowest.push(Math.max(...watched.waits));
      peaks.push(watched.peak - idle);
    }
    waits.sort((a, b) => a - b);
    results.push({
      name: `${AT_ONCE} views at once, ${kind}: the slowest /healthz`,
      value: Math.round(waits.at(-1) ?? 0),
      unit: "ms",
      peer: PROMISE,
      spread: spreadOf(slowest),
      target: `< ${LIMIT_MS} ms`,
      note: `of ${waits.length}; median ${waits[waits.length >> 1]?.toFixed(1)} ms`,
    }, {
      name: `${AT_ONCE} views at once, ${kind}: memory over idle`,
      value: Math.round(Math.max(...peaks)),
      unit: "MB",
      peer: PROMISE,
      spread: spreadOf(peaks),
      target: `< ${LIMIT_MB} MB`,
      note: `highest of ${ROUNDS} peaks, ${peaks.map((each) => each.toFixed(0)).join(", ")}; idle ${
        idle.toFixed(0)
      } MB`,
    });
  }
  return results;
}

/** A run with a long input, a long result and many events: 15 MB. */
function fileOf(n: number): string {
  const run = {
    ...VALID_RUN,
    run_id: `trun_${n}`,
    // A sandbox account keeps no older runs.
    created_ms: Date.now(),
    ended_ms: Date.now(),
    input: { input: "some words of an input; ".repeat(200_000), processor: "lite" },
    output: { type: "text", content: "|1|2|3|4|5|6|7|8| *a* [1]\n".repeat(180_000), basis: [] },
    events: Array.from({ length: 15_000 }, (_, at) => ({
      id: at + 1,
      received_ms: 1,
      type: "task_run.progress_msg.plan",
      data: JSON.stringify({ message: `Step ${at}: ${"word ".repeat(30)}` }),
    })),
  };
  return [{ taskstream: "history", version: 1 }, { run }, { end: { runs: 1 } }]
    .map((line) => JSON.stringify(line)).join("\n");
}
