/**
 * Numbers that a double cannot hold, unusual spellings, and the places of names made of digits pass through
 * unchanged.
 */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { unzipSync } from "fflate";
import { importCapture } from "../../routes/inspect/(_parts)/ndjson.ts";
import { type TestBrowser, withApp } from "./test_app.ts";

/** Each is changed by `JSON.parse` and `JSON.stringify`. */
const NUMBERS = [
  "1234567890123456789",
  "-9007199254740993",
  "123456789012345678901234567890",
  "3.14159265358979323846",
  "1e400",
  "12.50",
  "-0",
];
const listed = NUMBERS.join(",");

const OUTPUT = `{"type": "json", "content": {"order_id": ${NUMBERS[0]}, "rows": [` +
  NUMBERS.map((number, at) => `{"n": ${number}, "at": ${at}}`).join(", ") +
  `], "deep": {"list": [${listed}]}, "2024": "later", "2023": "sooner"}, "basis": []}`;

/** Answers creates with runs of its own and remembers their bodies. */
function numbersApi(how: "inline" | "fetched") {
  const bodies: string[] = [];
  const run = (id: string, status: string) =>
    JSON.stringify({
      run_id: id,
      interaction_id: id,
      status,
      is_active: status === "running",
      processor: "lite",
      created_at: "2026-11-28T10:00:00Z",
      modified_at: "2026-11-28T10:00:09Z",
    }).replace(/}$/, ',"metadata":{"b":1,"9":2,"1":3}}');
  const answer = (json: string, status = 200) =>
    new Response(json, { status, headers: { "content-type": "application/json" } });
  const api = async (request: Request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") {
      bodies.push(await request.text());
      return answer(run(`trun_n${bodies.length}`, "queued"), 202);
    }
    const id = /trun_n\d+/.exec(pathname)?.[0];
    if (id === undefined) {
      return answer('{"type":"error","error":{"message":"Run not found"}}', 404);
    }
    if (pathname.endsWith("/input")) return answer(bodies[Number(id.slice(6)) - 1] ?? "{}");
    if (pathname.endsWith("/result")) {
      return answer(`{"output":${OUTPUT},"run":${run(id, "completed")}}`);
    }
    if (!pathname.endsWith("/events")) return answer(run(id, "completed"));
    const state = (status: string, output: string) =>
      `event: task_run.state\ndata: {"type":"task_run.state","run":${
        run(id, status)
      },"output":${output}}\n\n`;
    const odd = `event: x.numbers\ndata: {"type":"x.numbers","message":"m","n":[${listed}]}\n\n`;
    const last = state("completed", how === "inline" ? OUTPUT : "null");
    return new Response(state("running", "null") + odd + last, {
      headers: { "content-type": "text/event-stream" },
    });
  };
  return { api, bodies };
}

const BODY = `{"input":{"ids":[${listed}],"2024":"x","7":{"b":1,"0":2}},"processor":"lite",` +
  `"metadata":{"order":${NUMBERS[0]},"2024":"x","2023":1.0},` +
  `"task_spec":{"output_schema":{"type":"json","json_schema":{"type":"object","properties":` +
  `{"order_id":{"type":"integer","description":"x"},"2024":{"type":"string","description":"y"},` +
  `"2023":{"type":"string","description":"z"}},"required":["order_id","2024","2023"],` +
  `"additionalProperties":false}}}}`;

async function created(browser: TestBrowser): Promise<string> {
  const response = await browser.fetch("/api/v1/tasks/runs", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: BODY,
  });
  assertStrictEquals(response.status, 202);
  const { run_id: id } = await response.json();
  await browser.events(id);
  return id;
}

function hasAll(text: string, where: string, names = ["order_id", "2024", "2023"]): void {
  for (const number of NUMBERS) {
    const digits = new RegExp(`(?<![\\d.])${number.replace(".", "\\.")}(?![\\d.])`);
    assertMatch(text, digits, `${where} lost ${number}`);
  }
  // Whole words only: the digits of a name can also be part of a share link or of a script's hash.
  const places = names.map((name) =>
    Array.from(text.matchAll(new RegExp(`(?<![\\w:-])${name}(?![\\w-])`, "g"))).at(-1)?.index ?? -1
  );
  assertEquals(places, places.toSorted((a, b) => a - b), `${where} moved a name`);
}

const DOWNLOADS = ["", "/result.json", "/report.md", "/table.csv", "/trace.ndjson"];

async function checkEverywhere(browser: TestBrowser, id: string): Promise<void> {
  for (const part of DOWNLOADS) hasAll(await browser.text(`/tasks/${id}${part}`), part || "page");
  const events = await browser.events(id);
  hasAll(events.at(-1)?.data ?? "", "the stream's result");
  assert(events.at(-1)?.data.includes(OUTPUT), "the very text");
  hasAll(events.at(-2)?.data ?? "", "the stream's event");
  hasAll(await browser.text(`/tasks/${id}?find=${NUMBERS[0]}`), "a search in the trace");
  const take = async (action: string) => {
    const body = new URLSearchParams({ id, action });
    return new Uint8Array(
      await (await browser.fetch("/tasks/selected", { method: "POST", body })).arrayBuffer(),
    );
  };
  const decoder = new TextDecoder();
  hasAll(decoder.decode(await take("ndjson")), "NDJSON of runs");
  hasAll(decoder.decode(await take("csv")), "CSV of runs");
  for (const [name, bytes] of Object.entries(unzipSync(await take("zip")))) {
    hasAll(decoder.decode(bytes), name);
  }
  hasAll(await browser.text("/tasks/export"), "the account's export");
  const capture = importCapture(await browser.text(`/tasks/${id}/trace.ndjson`));
  assert(capture.ok && capture.events.at(-1)?.text.includes(OUTPUT), "a replay's result");
  const captured = importCapture(await browser.text(`/tasks/${id}/result.json`));
  assert(captured.ok);
  hasAll(captured.events.map(({ text }) => text).join(), "a replay of result.json");
}

for (const how of ["inline", "fetched"] as const) {
  const { api } = numbersApi(how);
  Deno.test(`numbers of a result that is ${how} stay as they came wherever they are read`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterKey();
      const id = await created(browser);
      await checkEverywhere(browser, id);
      await importedAgain(browser, id);
      const shared = await browser.post(`/tasks/${id}/share`, {});
      const link = /\/s\/[\w-]+/.exec(
        shared.headers.get("location") ?? await browser.text(`/tasks/${id}`),
      ) ?? /\/s\/[\w-]+/.exec(await browser.text(`/tasks/${id}`));
      const visitor = app.browser();
      hasAll(await visitor.text(link?.[0] ?? ""), "the shared page");
      hasAll(await visitor.text(`${link?.[0]}/events`), "the shared stream");
    }, { api }));
}

/** The account's file, taken in elsewhere, says the same and leads to the same file. */
async function importedAgain(browser: TestBrowser, id: string): Promise<void> {
  const file = await browser.text("/tasks/export");
  const body = (text: string) => text.split("\n").slice(1).join("\n");
  await withApp(async (other) => {
    const reader = await other.browser().enterSandbox();
    const report = await reader.fetch("/tasks/transfer", {
      method: "POST",
      body: file,
      headers: { "content-type": "application/x-ndjson" },
    });
    assertMatch(await report.text(), /1 imported/);
    await checkEverywhere(reader, id);
    assertEquals(await reader.events(id), await browser.events(id));
    const again = body(await reader.text("/tasks/export"));
    assertStrictEquals(again, body(file).replace('"source":"api"', '"source":"import"'));
  });
}

Deno.test("a request is stored, shown and resent with its original numbers", async () => {
  const { api, bodies } = numbersApi("inline");
  await withApp(async (app) => {
    const browser = await app.browser().enterKey();
    const id = await created(browser);
    assertStrictEquals(bodies[0], BODY);
    const page = await browser.text(`/tasks/${id}`);
    hasAll(page.slice(page.indexOf("Input as sent")), "the input");
    const edit = await browser.text(`/?edit=${id}`);
    hasAll(edit, "the form");
    const rerun = await browser.post(`/tasks/${id}/rerun`, {});
    assertStrictEquals(rerun.status, 303);
    assertStrictEquals(bodies[1], BODY);
    const compare = await browser.post(`/tasks/${id}/rerun`, { processor: "base", compare: "1" });
    assertStrictEquals(compare.status, 303);
    assertStrictEquals(bodies[2], BODY.replace('"lite"', '"base"'));
    await browser.events("trun_n2");
    hasAll(await browser.text(`/compare?ids=${id},trun_n2`), "the comparison", ["2024", "2023"]);
    // Created elsewhere: what the API says of the request.
    bodies.push(BODY);
    assertStrictEquals((await browser.fetch("/tasks/trun_n4")).status, 200);
    assertStrictEquals((await browser.post("/tasks/trun_n4/rerun", {})).status, 303);
    assertStrictEquals(bodies[4], BODY);
  }, { api });
});

Deno.test("a created run is kept even if its group id is not a string", async () => {
  for (const group of ['{"b":1,"2":1,"1":12345678901234567890}', "12345678901234567890", '""']) {
    const { api: plain } = numbersApi("inline");
    const api = async (request: Request) => {
      const response = await plain(request);
      if (request.method !== "POST") return response;
      const text = (await response.text()).replace(/}$/, `,"taskgroup_id":${group}}`);
      return new Response(text, response);
    };
    await withApp(async (app) => {
      const browser = await app.browser().enterKey();
      const id = await created(browser);
      const { run } = await (await browser.fetch(`/tasks/${id}/result.json`)).json();
      assertEquals([run.run_id, run.group_id ?? null], [id, null]);
    }, { api });
  }
});

Deno.test("the sandbox answers with the numbers it receives", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const [id = ""] = NUMBERS;
    const response = await browser.fetch("/api/v1/tasks/runs", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body:
        `{"input":{"id":${id}},"processor":"lite","task_spec":{"output_schema":{"type":"json",` +
        `"json_schema":{"type":"object","properties":{"id":{"type":"integer","enum":[${id}]}},` +
        `"required":["id"],"additionalProperties":false}}}}`,
    });
    assertStrictEquals(response.status, 202);
    const { run_id: run } = await response.json();
    const last = (await browser.events(run)).at(-1)?.data ?? "";
    assertMatch(last, new RegExp(`"content":\\{"id":${id}\\}`));
    assertMatch(
      await browser.text(`/api/v1/tasks/runs/${run}/input`),
      new RegExp(`"id":${id}\\}`),
    );
    const page = await browser.text(`/tasks/${run}`);
    assertMatch(page, new RegExp(`<dd class="value">${id}<`));
    assertNotMatch(page, /does not fit|cannot be applied/);
  }));
