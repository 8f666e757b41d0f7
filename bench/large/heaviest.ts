/**
 * The heaviest runs that an import accepts, six times at once in each format, and four uploads at once. All of
 * {@linkcode HOSTILE_RUNS} take ten minutes (`HEAVIEST=all`); by default those that once were the heaviest.
 */
import { HOSTILE_RUNS, hostileFile } from "../../tests/safety/hostile_runs.ts";
import { spreadOf } from "../statistics.ts";
import { type BenchResult, PROMISE } from "../types.ts";
import { type Watched, WatchedServer } from "./watched.ts";

const AT_ONCE = 6;
const UPLOADS = 4;
const LIMIT_MS = 250, LIMIT_MB = 500;
const MIB = 1024 * 1024;

/** The runs with the highest memory or the longest wait of some request, when all were measured. */
const USUAL: readonly string[] = [
  "a cell of formulas and quotes, 10 MB",
  "one row of 100,000 fields",
  "a citation of 12 MB",
  "an event of 12 MB",
];

/** The requests for a run. */
const KINDS = [
  "page",
  "report.md",
  "table.csv",
  "result.json",
  "trace.ndjson",
  "several csv",
] as const;

/** The highest of each kind, and the run that it comes from. */
export async function heaviest(): Promise<BenchResult[]> {
  const watched = new Map<string, Map<string, Watched>>();
  const keep = (kind: string, name: string, each: Watched) => {
    const runs = watched.get(kind) ?? new Map<string, Watched>();
    watched.set(kind, runs.set(name, each));
  };
  await using server = await WatchedServer.start();
  const all = Deno.env.get("HEAVIEST") === "all";
  for (const [at, name] of (all ? Object.keys(HOSTILE_RUNS) : USUAL).entries()) {
    const id = `trun_${at}`;
    const file = hostileFile(name, id, Date.now());
    keep(
      "import",
      name,
      await server.watch(async () => {
        if (!/1 imported/.test(await server.import(file))) throw new Error(`Not imported: ${name}`);
      }),
    );
    for (const kind of KINDS) {
      const ask = () =>
        kind === "several csv"
          ? server.read("/tasks/selected", {
            method: "POST",
            body: new URLSearchParams({ id, action: "csv" }),
          })
          : server.read(`/tasks/${id}${kind === "page" ? "" : `/${kind}`}`);
      keep(
        `${AT_ONCE} of ${kind} at once`,
        name,
        await server.watch(() => Promise.all(Array.from({ length: AT_ONCE }, ask))),
      );
    }
  }
  const line = new Uint8Array(63 * MIB).fill(0x78);
  const pressed = {
    "one line of 63 MiB": line,
    "63 MiB of empty lines": line.slice().fill(0x0a),
    "63 MiB of lines that are no JSON": new TextEncoder().encode(
      `{"taskstream":"history","version":1}${"\n{".repeat(63 * MIB / 2 - 32)}`,
    ),
  };
  for (const [name, body] of Object.entries(pressed)) {
    // Two wait for an address, the others are refused.
    const uploads = () => Promise.all(Array.from({ length: UPLOADS }, () => server.import(body)));
    keep(`${UPLOADS} uploads at once`, name, await server.watch(uploads));
  }
  return [...watched].flatMap(([kind, runs]) => results(kind, [...runs]));
}

function results(kind: string, runs: readonly [string, Watched][]): BenchResult[] {
  const slowest = runs.map(([name, { waits }]) => ({ name, value: Math.max(...waits) }));
  const peaks = runs.map(([name, { peak }]) => ({ name, value: peak }));
  return [
    worst(`heaviest, ${kind}: the slowest /healthz`, slowest, "ms", LIMIT_MS),
    worst(`heaviest, ${kind}: resident memory`, peaks, "MB", LIMIT_MB),
  ];
}

function worst(
  name: string,
  runs: readonly { readonly name: string; readonly value: number }[],
  unit: string,
  limit: number,
): BenchResult {
  const sorted = runs.toSorted((a, b) => b.value - a.value);
  const value = Math.round(sorted[0]?.value ?? NaN);
  return {
    name,
    value,
    unit,
    peer: PROMISE,
    spread: spreadOf(runs.map(({ value }) => value)),
    target: `< ${limit} ${unit}`,
    ceiling: limit,
    note: `highest of ${runs.length}: ${sorted[0]?.name}; then ${sorted[1]?.value.toFixed(0)}`,
  };
}
