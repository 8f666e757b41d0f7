/** Deeply nested values that were stored before depth was limited. */
import { assert, assertEquals } from "@std/assert";
import { Committer } from "../../lib/store/committer.ts";
import { writeParts } from "../../lib/store/parts.ts";
import { type Head, headKey, readHead } from "../../lib/runs/log/head.ts";
import { writeOutput } from "../../lib/runs/log/trace.ts";
import { withApp } from "../app/test_app.ts";

const KINDS = {
  arrays: (depth: number) => `${"[".repeat(depth)}1${"]".repeat(depth)}`,
  objects: (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`,
};

for (const [kind, nested] of Object.entries(KINDS)) {
  for (const depth of [3_000, 100_000]) {
    Deno.test(`${depth} nested ${kind} in a stored run break no page and no indexer`, () =>
      withApp(async (app) => {
        const browser = await app.browser().enterSandbox();
        const runId = await browser.createTask({ input: "Before" });
        await browser.events(runId);
        const { kv, histories } = app.services;
        await histories.indexer.settled();
        const committer = new Committer(kv);
        const deep = nested(depth);
        const bytes = new TextEncoder().encode(`{"input":${deep},"metadata":{"m":${deep}}}`);
        const input = await writeParts(committer, ["run", runId, "input"], bytes);
        const record = (await kv.get<object>(["run", runId])).value!;
        await kv.set(["run", runId], { ...record, input });
        const { head } = (await readHead(kv, runId))!;
        const output = await writeOutput(
          committer,
          runId,
          7,
          `{"type":"json","content":{"deep":${deep}},"basis":[]}`,
        );
        await kv.set(headKey(runId), { ...head, output } satisfies Head);
        const [mark] = await Array.fromAsync(kv.list({ prefix: ["history"] }));
        await kv.set(["unindexed", mark!.key[1]!, runId], Number(mark!.key[2]));
        const before = app.lines.length;
        // However often it is woken, it does the work once and says nothing.
        for (let wake = 0; wake < 20; wake++) {
          histories.indexer.wake();
          await histories.indexer.settled();
        }
        assertEquals(app.lines.slice(before).filter((line) => /index|search/.test(line)), []);
        assertEquals(await Array.fromAsync(kv.list({ prefix: ["unindexed"] })), []);
        for (const path of ["", "/result.json", "/report.md", "/table.csv", "/trace.ndjson"]) {
          const response = await browser.fetch(`/tasks/${runId}${path}`);
          await response.body?.cancel();
          assert(response.status < 500, `${path}: ${response.status} ${app.lines.at(-1)}`);
        }
        for (const path of [`/compare?ids=${runId}`, `/?edit=${runId}`, "/tasks?q=a", "/"]) {
          const response = await browser.fetch(path);
          await response.body?.cancel();
          assert(response.status < 500, `${path}: ${response.status} ${app.lines.at(-1)}`);
        }
      }));
  }
}
