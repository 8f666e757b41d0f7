/**
 * Runs every benchmark, or those named on the command line, prints a table, and says which numbers moved
 * since the last results. Writes `bench/results.json`, `bench/results.md`, the graph of
 * the docs and the figures of lib/sse's README.
 */
import { join } from "node:path";
import { type BenchRecord, type Move, movesOf, toMarkdown, versionsOf } from "./record.ts";
import { writeGraph } from "./graph.ts";
import { writeSpeed } from "./sse/readme.ts";
import type { BenchResult, Suite } from "./types.ts";

const SUITES: Readonly<Record<string, () => Promise<Suite>>> = {
  ssr: () => import("./ssr/mod.ts"),
  start: () => import("./start/mod.ts"),
  sse: () => import("./sse/mod.ts"),
  history: () => import("./history/mod.ts"),
  result: () => import("./result/mod.ts"),
  batches: () => import("./batches/mod.ts"),
  large: () => import("./large/mod.ts"),
  lighthouse: () => import("./lighthouse/mod.ts"),
  campaign: () => import("./campaign/mod.ts"),
  relay: () => import("./streams/fanout.ts"),
  latency: () => import("./streams/latency.ts"),
  recording: () => import("./streams/recording.ts"),
  memory: () => import("./streams/memory.ts"),
  store: () => import("./store/mod.ts"),
};

const print = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

const named = Deno.args.length > 0 ? Deno.args : Object.keys(SUITES);
const unknown = named.filter((name) => SUITES[name] === undefined);
if (unknown.length > 0) {
  print(`There is no benchmark "${unknown.join('", "')}": ${Object.keys(SUITES).join(", ")}`);
  Deno.exit(1);
}
const { imports } = JSON.parse(
  await Deno.readTextFile(join(import.meta.dirname!, "..", "deno.json")),
);
const moved: Move[] = [];
const over: BenchResult[] = [];
const began = performance.now();
for (const name of named) {
  print(`\n${name}`);
  const started = performance.now();
  const { run, packages = [] } = await SUITES[name]!();
  const results = await run();
  for (const result of results) print(line(result));
  over.push(...results.filter(({ value, ceiling = Infinity }) => value > ceiling));
  const record = await kept();
  moved.push(...movesOf(record[name], results));
  const seconds = secondsSince(started);
  print(`  ${seconds} s`);
  // After every suite: if the next one fails, this one is kept.
  await keep({
    ...record,
    [name]: {
      measured: new Date().toISOString(),
      seconds,
      machine: {
        cores: navigator.hardwareConcurrency,
        os: `${Deno.build.os} ${Deno.build.arch}`,
      },
      versions: {
        deno: Deno.version.deno,
        v8: Deno.version.v8,
        ...versionsOf(packages, imports),
      },
      results,
    },
  });
}
print(`\n${named.length} suites in ${secondsSince(began)} s`);
print(
  moved.length === 0
    ? "No number moved by more than its spread."
    : "Moved by more than its spread:",
);
for (const { name, before, after, isBetter, since } of moved) {
  const verdict = isBetter === null ? "" : isBetter ? "better" : "worse";
  print(`  ${verdict.padEnd(6)}  ${name}: ${after}; on ${since.slice(0, 10)} ${before}`);
}
for (const { name, value, unit, ceiling } of over) {
  print(`Over its ceiling of ${ceiling} ${unit}: ${name}, ${value}`);
}
// Connections to servers that were killed on purpose may still wait for their ends.
Deno.exit(over.length === 0 ? 0 : 1);

function line({ name, value, unit, peer, ratio, target, note }: BenchResult): string {
  const figure = `${value.toLocaleString("en", { maximumFractionDigits: 2 })} ${unit}`;
  const against = ratio === undefined ? "" : `${ratio.toFixed(2)}x ${peer}`;
  const promise = target === undefined ? "" : `(target: ${target})`;
  return `  ${name.padEnd(46)} ${figure.padStart(18)}  ${
    [against, promise, note].filter(Boolean).join("  ")
  }`;
}

function secondsSince(started: number): number {
  return Math.round((performance.now() - started) / 1000);
}

function path(name: string): string {
  return join(import.meta.dirname!, name);
}

async function kept(): Promise<BenchRecord> {
  try {
    return JSON.parse(await Deno.readTextFile(path("results.json")));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

async function keep(record: BenchRecord): Promise<void> {
  await Deno.writeTextFile(path("results.json"), `${JSON.stringify(record, null, 2)}\n`);
  await Deno.writeTextFile(path("results.md"), toMarkdown(record));
  await writeGraph(record);
  if (record["sse"]) await writeSpeed(record);
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", path("results.md")] }).output();
}
