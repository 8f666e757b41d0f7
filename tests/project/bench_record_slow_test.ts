/** The committed results of the benchmarks: dated, with versions, and the table says what the JSON does. */
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { type BenchRecord, toMarkdown, versionsOf } from "../../bench/record.ts";

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

Deno.test("the committed table is that of the committed results", async () => {
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

Deno.test("a package's version comes from deno.json, or from its own specifier", () => {
  const imports = { hono: "npm:hono@4.1.2", "@a/b/c": "npm:@a/b@1.0.0/lib/c.js", own: "./x.ts" };
  assertEquals(versionsOf(["hono", "@a/b/c", "npm:x@3.0.0"], imports), {
    hono: "4.1.2",
    "@a/b": "1.0.0",
    x: "3.0.0",
  });
  assertMatch(String(assertThrows(() => versionsOf(["own"], imports))), /own is no package/);
});
