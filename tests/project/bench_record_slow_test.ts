/** The committed benchmark results have dates and versions, and the table matches the JSON. */
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { drawGraph, GRAPH, writeGraph } from "../../bench/graph.ts";
import { type BenchRecord, movesOf, toMarkdown, versionsOf } from "../../bench/record.ts";
import { README, speedText, withSpeed } from "../../bench/sse/readme.ts";
import { ratiosOf, spreadOf } from "../../bench/statistics.ts";
import type { BenchResult } from "../../bench/types.ts";

const BENCH = join(import.meta.dirname!, "..", "..", "bench");

const committed = async (): Promise<BenchRecord> =>
  JSON.parse(await Deno.readTextFile(join(BENCH, "results.json")));

Deno.test("every suite's last results have their own date, machine and versions", async () => {
  const runner = await Deno.readTextFile(join(BENCH, "run.ts"));
  const suites = [...runner.matchAll(/^ {2}(\w+): \(\) => import\(/gm)].map(([, name]) => name);
  const record = await committed();
  assertEquals(Object.keys(record).sort(), suites.sort());
  for (const [name, { measured, machine, versions, results }] of Object.entries(record)) {
    assert(!Number.isNaN(Date.parse(measured)), name);
    assert(Number(machine.cores) > 0 && String(machine.os).length > 0, name);
    assert(versions.deno !== undefined && versions.v8 !== undefined, name);
    assert(results.length > 0, name);
  }
  for (const peer of ["hono", "eventsource-parser", "lighthouse"]) {
    assert(Object.values(record).some(({ versions }) => versions[peer] !== undefined), peer);
  }
});

Deno.test("the committed table matches the committed results", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "results.md");
    await Deno.writeTextFile(path, toMarkdown(await committed()));
    const config = join(BENCH, "..", "deno.json");
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["fmt", "-q", "--config", config, path],
    }).output();
    assert(success);
    assertStrictEquals(
      await Deno.readTextFile(join(BENCH, "results.md")),
      await Deno.readTextFile(path),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the figures of lib/sse's README match the committed results", async () => {
  const readme = await Deno.readTextFile(README);
  // `deno fmt` fills lines and pads tables.
  const words = (text: string) => text.replace(/[\s-]+/g, " ");
  assertStrictEquals(words(withSpeed(readme, speedText(await committed()))), words(readme));
  assertThrows(() => speedText({}), Error, "was not run");
  assertThrows(() => withSpeed("# A README", ""), Error, "does not mark");
});

Deno.test("a package's version comes from deno.json or from its own specifier", () => {
  const imports = { hono: "npm:hono@4.1.2", "@a/b/c": "npm:@a/b@1.0.0/lib/c.js", own: "./x.ts" };
  assertEquals(versionsOf(["hono", "@a/b/c", "npm:x@3.0.0"], imports), {
    hono: "4.1.2",
    "@a/b": "1.0.0",
    x: "3.0.0",
  });
  assertMatch(String(assertThrows(() => versionsOf(["own"], imports))), /own is no package/);
});

Deno.test("the committed graph matches the committed results, for light and dark", async () => {
  const graph = await Deno.readTextFile(GRAPH);
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "bench.svg");
    await writeGraph(await committed(), path);
    assertStrictEquals(graph, await Deno.readTextFile(path));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assertMatch(graph, /prefers-color-scheme: dark/);
  assert(GRAPH.startsWith(join(BENCH, "..")));
  const linked = await Deno.readTextFile(join(BENCH, "README.md"));
  assertMatch(linked, /docs\/images\/bench\.svg/);
});

Deno.test("the graph leaves out what was not measured", () => {
  const empty = drawGraph({});
  assertMatch(empty, /^<svg [^]*<\/svg>\n$/);
  for (const each of empty.matchAll(/"(NaN|-?Infinity|undefined|-\d[^"]*)"/g)) {
    throw new Error(`The graph has ${each[0]}`);
  }
});

Deno.test("results that changed by more than their spread are reported, better and worse", () => {
  const row = (name: string, more: Partial<BenchResult>): BenchResult => ({
    ...{ name, value: 10, unit: "ms", peer: "a peer", spread: [9, 11] },
    ...more,
  });
  const before = [
    row("steady", {}),
    row("slower", {}),
    row("faster", {}),
    row("rate", { unit: "events/s" }),
    row("wide now", {}),
    row("ratio", { ratio: 1, spread: [0.9, 1.1], target: ">= 1" }),
    row("lower is better", { ratio: 1, spread: [0.9, 1.1], target: "<= 1.3x" }),
    row("another peer", {}),
    row("bytes", { unit: "faults" }),
  ];
  const after = [
    row("steady", { value: 12 }),
    row("slower", { value: 12.1, spread: [12, 12.2] }),
    row("faster", { value: 7 }),
    row("rate", { value: 20, unit: "events/s", spread: [19, 21] }),
    row("wide now", { value: 20, spread: [10, 30] }),
    row("ratio", { value: 10, ratio: 0.7, spread: [0.65, 0.75], target: ">= 1" }),
    row("lower is better", { ratio: 0.5, spread: [0.4, 0.6], target: "<= 1.3x" }),
    row("another peer", { value: 100, peer: "another" }),
    row("bytes", { value: 100, unit: "faults" }),
    row("new", { value: 100 }),
  ];
  const kept = { measured: "2026-11-29T03:00:00.000Z", machine: {}, versions: {}, results: before };
  const moves = movesOf(kept, after).map(({ name, isBetter }) => [name, isBetter]);
  assertEquals(moves, [
    ["slower", false],
    ["faster", true],
    ["rate", true],
    ["ratio", false],
    ["lower is better", true],
    ["bytes", null],
  ]);
  assertEquals(movesOf(undefined, after), []);
});

Deno.test("the spread is the range of few rounds, or the quartiles of many", () => {
  assertEquals(spreadOf([3, 1, 2]), [1, 3]);
  assertEquals(spreadOf([100, 2, 3, 4, 5, 6, 7, 0]), [3, 7]);
  assertEquals(ratiosOf([2, 9], [1, 3]), [2, 3]);
});
