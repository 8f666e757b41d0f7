/** Names that every JavaScript object has work like any other name in requests. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { paceOf } from "../../lib/sandbox/script/pace.ts";
import { faultsOf } from "../../lib/sandbox/faults.ts";
import { priceOf, processor } from "../../lib/parallel/processors.ts";
import { FORM, type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";
import { VALID_RUN } from "../history/valid_run.ts";

const NAMES = ["constructor", "toString", "hasOwnProperty", "valueOf", "__proto__"] as const;
/** Texts of a page that used a function or prototype as a value. */
const LEAK = /native code|\[object |function Object|\bNaN\b|\bundefined\b/;

const lines = (...values: readonly unknown[]) =>
  values.map((value) => typeof value === "string" ? value : JSON.stringify(value)).join("\n");

/** A run of a file with the name in everything that has one. */
function fileWith(name: string): string {
  const output = {
    type: "json",
    content: JSON.parse(`{"${name}": "found", "inner": {"${name}": 1}}`),
    basis: [
      { field: name, reasoning: "why", confidence: name, citations: [] },
      { field: `inner.${name}`, reasoning: "why", confidence: "high", citations: [] },
    ],
  };
  const state = { type: "task_run.state", run: { status: name, is_active: false }, output };
  const run = {
    ...VALID_RUN,
    run_id: name,
    interaction_id: name,
    processor: name,
    status: name,
    title: `A ${name}`,
    input: {
      input: JSON.parse(`{"${name}": "asked"}`),
      processor: name,
      metadata: JSON.parse(`{"${name}": "said"}`),
      task_spec: {
        output_schema: {
          type: "json",
          json_schema: JSON.parse(
            `{"type": "object", "properties": {"${name}": {"type": "string"}}, "required": ["${name}"]}`,
          ),
        },
      },
    },
    output,
    events: [
      { id: 1, received_ms: 1, type: name, data: JSON.stringify({ type: name }) },
      {
        id: 2,
        received_ms: 1,
        type: `task_run.progress_msg.${name}`,
        data: JSON.stringify({ message: name }),
      },
      { id: 3, received_ms: 2, type: "task_run.state", data: JSON.stringify(state) },
    ],
  };
  return lines({ taskstream: "history", version: 1 }, { run }, { end: { runs: 1 } });
}

type Place = readonly [
  what: string,
  ask: (browser: TestBrowser, name: string) => Promise<Response>,
];

const get = (path: (name: string) => string): Place[1] => (browser, name) =>
  browser.fetch(path(name));
const post = (path: string, fields: (name: string) => Record<string, string>): Place[1] =>
(
  browser,
  name,
) => browser.post(path, fields(name));

const PLACES: readonly Place[] = [
  ["a run of that id", get((name) => `/tasks/${name}`)],
  ["its result", get((name) => `/tasks/${name}/result.json`)],
  ["its report", get((name) => `/tasks/${name}/report.md`)],
  ["its table", get((name) => `/tasks/${name}/table.csv`)],
  ["its trace", get((name) => `/tasks/${name}/trace.ndjson`)],
  ["its events", get((name) => `/api/v1/tasks/runs/${name}/events`)],
  ["the list", get(() => "/tasks")],
  ["a search", get((name) => `/tasks?q=${name}`)],
  ["its excerpt", get(() => "/tasks?q=asked")],
  ["a status", get((name) => `/tasks?status=${name}`)],
  ["a processor", get((name) => `/tasks?processor=${name}`)],
  ["a kind", get((name) => `/tasks?output=${name}&kind=${name}&sort=${name}&cursor=${name}`)],
  ["a problem", get((name) => `/tasks?problem=${name}&deleted=${name}&ticked=${name}`)],
  ["a day", get((name) => `/tasks?from=${name}&to=${name}`)],
  ["a comparison", get((name) => `/compare?ids=${name},trun_x&on=${name}&problem=${name}`)],
  ["an edit", get((name) => `/?edit=${name}`)],
  ["a follow-up", get((name) => `/?follow=${name}`)],
  ["an example", get((name) => `/?example=${name}`)],
  ["a link's field", get((name) => `/?${name}=x&processor=${name}`)],
  ["the account's words", get((name) => `/account?done=${name}&problem=${name}&secret=${name}`)],
  ["an export", get((name) => `/tasks/export?format=${name}`)],
  ["a table of all", get(() => "/tasks/export?format=csv")],
  ["an archive of all", get(() => "/tasks/export?format=zip")],
  ["what was asked again", get((name) => `/tasks/${name}?asked=${name}&find=${name}&type=${name}`)],
  ["an action", post("/tasks/selected", (name) => ({ id: name, action: name }))],
  ["a task's processor", post("/tasks", (name) => ({ ...FORM, processor: name }))],
  [
    "a task's types",
    post("/tasks", (name) => ({ ...FORM, input_format: name, output_type: name })),
  ],
  ["a task's location", post("/tasks", (name) => ({ ...FORM, location: name }))],
  ["a field of no form", post("/tasks", (name) => ({ ...FORM, [name]: name, show: name }))],
  [
    "a task's schema",
    post("/tasks", (name) => ({
      ...FORM,
      output_type: "json",
      json_schema: `{"type": "${name}", "${name}": 1, "properties": {"${name}": {"type": "x"}}}`,
    })),
  ],
  [
    "a task's metadata",
    post("/tasks", (name) => ({ ...FORM, metadata: `{"${name}": "x", "sandbox": "${name}"}` })),
  ],
  ["a theme", post("/theme", (name) => ({ theme: name }))],
  ["a session", post("/account/sessions", (name) => ({ end: name }))],
  ["a key", post("/account/keys/remove", (name) => ({ key_id: name }))],
];

async function look(app: TestApp, place: Place, name: string): Promise<void> {
  const [what, ask] = place;
  const browser = await app.browser().enterKey(`sandbox-names-${name.replaceAll("_", "-")}`);
  const response = await ask(browser, name);
  const text = await response.text();
  assert(response.status < 500, `${what} ${name}: ${response.status}`);
  if (response.headers.get("content-type")?.includes("zip")) return;
  assertNotMatch(text.replace(/<script[\s\S]*?<\/script>/g, ""), LEAK, `${what} ${name}`);
}

Deno.test("a name that every JavaScript object has works like any other name in requests", async (t) => {
  await withApp(async (app) => {
    for (const name of NAMES) {
      await t.step(name, async () => {
        const browser = await app.browser().enterKey(`sandbox-names-${name.replaceAll("_", "-")}`);
        const taken = await browser.fetch("/tasks/transfer", {
          method: "POST",
          body: fileWith(name),
        });
        assertMatch(await taken.text(), /1 imported/);
        assertMatch(await browser.text(`/tasks/${name}`), new RegExp(`A ${name}`));
        app.services.histories.indexer.wake();
        await app.services.histories.indexer.settled();
        for (const place of PLACES) await look(app, place, name);
      });
    }
  });
});

Deno.test("lookup tables have no entries for inherited names", () => {
  for (const name of NAMES) {
    assertEquals(paceOf(name), paceOf("base"));
    assertEquals(paceOf(`${name}-fast`), paceOf("base-fast"));
    const plan = faultsOf({ input: "x", processor: name, metadata: { sandbox: name } });
    assertEquals([plan.refusal, plan.unknown], [null, [name.toLowerCase()]]);
    assertStrictEquals(priceOf(name), null);
    assertStrictEquals(processor(name), null);
  }
});
