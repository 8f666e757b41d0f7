import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { importCapture } from "../../routes/inspect/(_parts)/ndjson.ts";
import { type TestBrowser, withApp } from "../app/test_app.ts";
import { parseCsv } from "./parse_csv.ts";

const EXPORTS = ["report.md", "table.csv", "trace.ndjson", "result.json"];

async function finished(browser: TestBrowser, fields: Record<string, string> = {}) {
  const runId = await browser.createTask(fields);
  await browser.events(runId);
  return runId;
}

Deno.test("every export has its type, a readable name and the simulated mark", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await finished(browser, { processor: "base" });
    const expected: readonly [name: string, type: RegExp, check: (text: string) => void][] = [
      [
        "report.md",
        /^text\/markdown; charset=utf-8$/,
        (text) => assertMatch(text, /Simulated by the Taskstream sandbox/),
      ],
      ["table.csv", /^text\/csv; charset=utf-8; header=present$/, (text) => {
        const [head, row] = parseCsv(text);
        assertStrictEquals(head?.[0], "simulated");
        assertMatch(row?.[0] ?? "", /^Simulated/);
        assertStrictEquals(row?.length, head?.length);
      }],
      ["trace.ndjson", /^application\/x-ndjson; charset=utf-8$/, (text) => {
        assert(importCapture(text).ok);
        assertStrictEquals(JSON.parse(text.split("\n")[0] ?? "").simulated, true);
      }],
    ];
    for (const [name, type, check] of expected) {
      const response = await browser.fetch(`/tasks/${runId}/${name}`);
      assertStrictEquals(response.status, 200, name);
      assertMatch(response.headers.get("content-type") ?? "", type);
      const disposition = response.headers.get("content-disposition") ?? "";
      const extension = name.split(".")[1];
      assertMatch(
        disposition,
        new RegExp(
          `^attachment; filename="\\d{4}-\\d\\d-\\d\\d simulated What is the tallest building in Lyon\\.${extension}"$`,
        ),
      );
      check(await response.text());
    }
    const { run } = await (await browser.fetch(`/tasks/${runId}/result.json`)).json();
    assertStrictEquals(run.simulated, true);
  }));

Deno.test("another owner's exports give 404, and a visitor is asked to sign in", () =>
  withApp(async (app) => {
    const runId = await finished(await app.browser().enterSandbox());
    const other = await app.browser().enterSandbox();
    for (const name of EXPORTS) {
      assertStrictEquals((await other.fetch(`/tasks/${runId}/${name}`)).status, 404, name);
      const stranger = await app.browser().fetch(`/tasks/${runId}/${name}`);
      assertStrictEquals(stranger.status, 303, name);
    }
  }));

Deno.test("a run without a result has a report and a trace; its table says why it is empty", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await finished(browser, { metadata: '{"sandbox": "fail"}' });
    const table = await browser.fetch(`/tasks/${runId}/table.csv`);
    assertStrictEquals(table.status, 409);
    assertMatch(await table.text(), /ended without a result/);
    const report = await browser.fetch(`/tasks/${runId}/report.md`);
    assertStrictEquals(report.status, 200);
    assertMatch(await report.text(), /## No result/);
  }));
