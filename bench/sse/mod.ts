import { spreadOf } from "../statistics.ts";
import type { BenchResult } from "../types.ts";

export const packages = [
  "eventsource-parser",
  "@microsoft/fetch-event-source/parse",
  "parse-sse",
  "fetch-event-stream",
  "parallel-web",
];

/** How many processes are measured; the middle one counts. */
const PROCESSES = 3;

/**
 * The SSE library's numbers, each beside its peer in the same run on the same input.
 *
 * They are measured in several fresh processes and the median ratio is taken, because the addresses
 * a process happens to get decide much of it: the same code measures 1.1 or 1.6 against the peer
 * from process to process, and 1.5 to 1.7 in every one where address randomisation is off.
 */
export async function run(): Promise<BenchResult[]> {
  const runs: BenchResult[][] = [];
  for (let n = 0; n < PROCESSES; n++) runs.push(await measureApart());
  return (runs[0] ?? []).map((first, n) => {
    const same = runs.flatMap((results) => results[n] ?? []);
    const sorted = same.sort((a, b) => (a.ratio ?? 0) - (b.ratio ?? 0));
    const ratios = sorted.map(({ ratio }) => ratio ?? NaN);
    return {
      ...(sorted[PROCESSES >> 1] ?? first),
      spread: spreadOf(ratios),
      note: `ratios by process: ${ratios.join(", ")}`,
    };
  });
}

async function measureApart(): Promise<BenchResult[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("./all.ts", import.meta.url).href],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the SSE benchmarks failed");
  const results: unknown = JSON.parse(new TextDecoder().decode(stdout));
  if (!Array.isArray(results)) throw new Error("the SSE benchmarks gave no list");
  return results.filter(isResult);
}

const isResult = (value: unknown): value is BenchResult =>
  typeof value === "object" && value !== null && "name" in value && "value" in value;

if (import.meta.main) {
  for (const { name, value, ratio, peer, target = "", note } of await run()) {
    const line = [
      name.padEnd(46),
      String(value).padStart(9),
      `${ratio}x`.padStart(7),
      target,
      peer,
      note,
    ];
    await Deno.stdout.write(new TextEncoder().encode(line.join("  ") + "\n"));
  }
}
