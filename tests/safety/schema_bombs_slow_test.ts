/** Short schemas that would take endless work get a quick response. */
import { assertMatch, assertStrictEquals } from "@std/assert";
import { type TestBrowser, withApp } from "../app/test_app.ts";

type Json = Record<string, unknown>;

const LEVELS = 40;

/** References that double at each of forty levels. */
function doubling(define: (next: Json) => Json): Json {
  const defs = Array.from({ length: LEVELS }, (_, level) => [
    `d${level}`,
    define({ $ref: `#/$defs/d${level + 1}` }),
  ]);
  return {
    type: "object",
    properties: { a: { $ref: "#/$defs/d0" } },
    required: ["a"],
    additionalProperties: false,
    $defs: Object.fromEntries([...defs, [`d${LEVELS}`, { type: "number" }]]),
  };
}

const BOMBS: Readonly<Record<string, Json>> = {
  anyOf: doubling((next) => ({ anyOf: [next, next] })),
  allOf: doubling((next) => ({ allOf: [next, next] })),
  oneOf: doubling((next) => ({ oneOf: [next, next] })),
  not: doubling((next) => ({ not: { allOf: [next, next] } })),
  if: doubling((next) => ({ if: next, then: next, else: next })),
  prefixItems: doubling((next) => ({ type: "array", prefixItems: [next, next] })),
  items: doubling((next) => ({ type: "array", items: next })),
};

for (const [name, schema] of Object.entries(BOMBS)) {
  Deno.test(`references that double by ${name} get a response from the sandbox, and the run has a page`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterSandbox();
      const text = JSON.stringify(schema);
      const runId = await browser.createTask({ output_type: "json", json_schema: text });
      assertMatch((await browser.events(runId)).at(-1)?.data ?? "", /"status":"completed"/);
      const page = await browser.fetch(`/tasks/${runId}`);
      assertStrictEquals(page.status, 200);
      await page.body?.cancel();
      const input = { input_format: "json", input: '{"a":1}', input_schema: text };
      await browser.events(await browser.createTask(input));
    }));
}

/** A file with a run of another instance, as `change` leaves it. */
async function exported(browser: TestBrowser, change: (run: Json) => void): Promise<string> {
  const runId = await browser.createTask({
    output_type: "json",
    json_schema: '{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],' +
      '"additionalProperties":false}',
  });
  await browser.events(runId);
  const lines = (await browser.text("/tasks/export")).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  const line = lines.find((line) => line.run !== undefined);
  line.run.run_id = "trun_imported";
  change(line.run);
  return lines.map((line) => JSON.stringify(line)).join("\n");
}

Deno.test("a pattern in an imported run's schema is never executed", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const file = await exported(browser, (run) => {
      const text = JSON.stringify(run.input).replace(
        '"a":{"type":"string"}',
        '"a":{"type":"string","pattern":"^(a+)+$"}',
      );
      run.input = JSON.parse(text);
      run.output = { type: "json", content: { a: `${"a".repeat(60)}!` }, basis: [] };
    });
    assertMatch(file, /\(a\+\)\+/);
    const taken = await browser.fetch("/tasks/transfer", { method: "POST", body: file });
    assertStrictEquals(taken.status, 200);
    await taken.body?.cancel();
    const page = await browser.fetch("/tasks/trun_imported");
    assertStrictEquals(page.status, 200);
    assertMatch(await page.text(), /cannot be applied.*it holds a pattern/s);
  }));
