/** Six views of large runs at once, in its own process: its memory, and how soon it says that it is well. */
import { Server } from "../../tests/process/server.ts";
import { SOUND } from "../../tests/history/sound_run.ts";
import { spreadOf } from "../statistics.ts";
import { type BenchResult, PROMISE } from "../types.ts";

const AT_ONCE = 6;
const LIMIT_MS = 250, LIMIT_MB = 500;
const ROUNDS = 3;
const KINDS = ["page", "result.json", "report.md", "trace.ndjson", "compare"] as const;

/** Measures each kind of view, three times. */
export async function views(): Promise<BenchResult[]> {
  await using server = await Server.start({ SANDBOX_SPEED: "100" });
  const signedIn = await fetch(`${server.url}/auth/sandbox`, {
    method: "POST",
    body: new URLSearchParams({ next: "/" }),
    headers: { "sec-fetch-site": "same-origin" },
    redirect: "manual",
  });
  await signedIn.body?.cancel();
  const cookie = signedIn.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ");
  const headers = { cookie, "sec-fetch-site": "same-origin" };
  for (let n = 0; n < AT_ONCE; n++) {
    const response = await fetch(`${server.url}/tasks/transfer`, {
      method: "POST",
      body: fileOf(n),
      headers: { ...headers, "content-type": "application/x-ndjson" },
    });
    const report = await response.text();
    if (!/1 imported/.test(report)) throw new Error(`Run ${n} was not imported`);
  }
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const idle = await resident(server.pid);
  const results: BenchResult[] = [];
  for (const kind of KINDS) {
    const waits: number[] = [];
    const peaks: number[] = [], slowest: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await forgetPeak(server.pid);
      const first = waits.length;
      let isOver = false;
      const asked = Promise.all(Array.from({ length: AT_ONCE }, async (_, n) => {
        const path = kind === "compare"
          ? `/compare?ids=trun_${n},trun_${(n + 1) % AT_ONCE}`
          : `/tasks/trun_${n}${kind === "page" ? "" : `/${kind}`}`;
        const response = await fetch(server.url + path, { headers });
        if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
        for await (const _chunk of response.body ?? []) { /* It is read as it comes. */ }
      })).finally(() => isOver = true);
      while (!isOver) {
        const started = performance.now();
        await (await fetch(`${server.url}/healthz`)).body?.cancel();
        waits.push(performance.now() - started);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await asked;
      slowest.push(Math.max(...waits.slice(first)));
      peaks.push(await peak(server.pid) - idle);
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
    ...SOUND,
    run_id: `trun_${n}`,
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

/** Megabytes that the process holds now, and the most it held since its peak was forgotten (Linux only). */
const resident = (pid: number | null) => statusOf(pid, "VmRSS");
const peak = (pid: number | null) => statusOf(pid, "VmHWM");

async function statusOf(pid: number | null, name: string): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? NaN) / 1024;
}

async function forgetPeak(pid: number | null): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
}
