/**
 * Runs every benchmark, or those named on the command line, prints a table and writes
 * `bench/results.json`. Absolute times belong to one machine at one moment; the ratios to a peer in
 * the same run are what can be compared.
 */
import { join } from "node:path";
import type { BenchResult, Suite } from "./types.ts";

const SUITES: Readonly<Record<string, () => Promise<Suite>>> = {
  ssr: () => import("./ssr/mod.ts"),
  start: () => import("./start/mod.ts"),
  sse: () => import("./sse/mod.ts"),
  history: () => import("./history/mod.ts"),
  result: () => import("./result/mod.ts"),
  lighthouse: () => import("./lighthouse/mod.ts"),
  campaign: () => import("./campaign/mod.ts"),
  relay: () => import("./streams/fanout.ts"),
  latency: () => import("./streams/latency.ts"),
  recording: () => import("./streams/recording.ts"),
  memory: () => import("./streams/memory.ts"),
};

const print = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

const named = Deno.args.length > 0 ? Deno.args : Object.keys(SUITES);
const path = join(import.meta.dirname!, "results.json");
const results: Record<string, readonly BenchResult[]> = await readResults();
for (const name of named) {
  const load = SUITES[name];
  if (load === undefined) {
    print(`There is no benchmark "${name}": ${Object.keys(SUITES).join(", ")}`);
    Deno.exit(1);
  }
  print(`\n${name}`);
  results[name] = await (await load()).run();
  for (const result of results[name]) print(line(result));
}
await Deno.writeTextFile(
  path,
  `${
    JSON.stringify({ measured: new Date().toISOString(), machine: machine(), results }, null, 2)
  }\n`,
);
// Connections to servers that were killed on purpose may still wait for their ends.
Deno.exit(0);

function line({ name, value, unit, peer, ratio, target, note }: BenchResult): string {
  const figure = `${value.toLocaleString("en", { maximumFractionDigits: 2 })} ${unit}`;
  const against = ratio === undefined ? "" : `${ratio.toFixed(2)}x ${peer ?? ""}`;
  const promise = target === undefined ? "" : `(target: ${target})`;
  return `  ${name.padEnd(46)} ${figure.padStart(18)}  ${
    [against, promise, note].filter(Boolean).join("  ")
  }`;
}

function machine(): Record<string, string | number> {
  return {
    cores: navigator.hardwareConcurrency,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
  };
}

async function readResults(): Promise<Record<string, readonly BenchResult[]>> {
  try {
    return JSON.parse(await Deno.readTextFile(path)).results;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
