/** Other buttons of the form: suggest a schema, and enter several inputs. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { emptyForm } from "../../lib/tasks/fields/mod.ts";
import { FORM, type TestBrowser, withApp } from "./test_app.ts";
import { fieldsIn, textOf, withBatches } from "../batches/pages_tools.ts";

const QUESTION = "Stripe: legal name, founding year and who leads it";
const FIELDS = { ...emptyForm(), input: QUESTION };

const suggest = async (browser: TestBrowser, fields: Record<string, string> = FIELDS) => {
  const response = await browser.fetch("/tasks", {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams({ ...fields, show: "suggest" }),
  });
  assertStrictEquals(response.status, 200);
  return await response.json();
};

Deno.test("the sandbox suggests a schema, marked as simulated", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const { schema, note } = await suggest(browser);
    assert(Object.keys(JSON.parse(schema).properties).length >= 2);
    assertMatch(note, /^\d fields, made up by the sandbox/);
    const { schema: none, note: why } = await suggest(browser, { ...FIELDS, input: " " });
    assertStrictEquals(none, null);
    assertMatch(why, /Write the question first/);
  }));

Deno.test("without JavaScript the suggestion page keeps the form", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const response = await browser.post("/tasks", {
      ...FIELDS,
      output_type: "text",
      text_description: "Three sentences",
      show: "suggest",
    });
    const html = await response.text();
    assertMatch(html, /name="output_type" value="json" checked/);
    const [, before = ""] = /name="before" value="([^"]*)"/.exec(html) ?? [];
    const undo = { ...FIELDS, output_type: "json", text_description: "Three sentences" };
    const back = await (await browser.post("/tasks", {
      ...undo,
      show: "undo",
      before: before.replaceAll("&quot;", '"'),
    })).text();
    assertMatch(back, /name="output_type" value="text" checked/);
    assertMatch(back, /Three sentences/);
  }));

/** What the API answers, what the schema is made of, and what is said. */
const ANSWERS: readonly (readonly [response: () => Response, fields: string[], note: RegExp])[] = [
  [
    () =>
      Response.json({
        output_schema: { type: "object", properties: { ceo: { type: "string" } } },
        warnings: ["Check the year"],
      }),
    ["ceo"],
    /^1 field, suggested by Parallel, which adds: Check the year/,
  ],
  [
    () => Response.json({ error: { message: "no such path" } }, { status: 404 }),
    ["legal_name", "founding_year", "leads"],
    /drafted here from the words of the question, because this account has no suggestions/,
  ],
  [
    () => Response.json({ error: { message: "broken" } }, { status: 500 }),
    ["legal_name", "founding_year", "leads"],
    /drafted here .* because Parallel made no suggestion/,
  ],
];

for (const [answer, fields, said] of ANSWERS) {
  Deno.test(`a suggestion for a key of the real API: ${said.source}`, () => {
    const asked: unknown[] = [];
    const api = async (request: Request) => {
      if (!request.url.endsWith("/v1beta/tasks/suggest")) {
        return Response.json({ error: { message: "Run id not found" } }, { status: 404 });
      }
      asked.push(await request.json());
      return answer();
    };
    return withApp(async (app) => {
      const browser = await app.browser().enterKey();
      const { schema, note } = await suggest(browser);
      assertEquals(Object.keys(JSON.parse(schema).properties), fields);
      assertMatch(note, said);
      assertEquals(asked[0], { user_intent: QUESTION });
    }, { api });
  });
}

const LINES = "Who leads Stripe?\n\n  Who leads “Adyen”, and since when? \nWho leads Klarna?\n";

Deno.test("several inputs, one per line, become a batch draft with the form's output and options", () =>
  withBatches(async ({ browser, batches }) => {
    const page = await browser.text("/?several=1");
    assertMatch(page, /name="several" value="on"/);
    assertMatch(page, /One input per line/);
    const response = await browser.post("/tasks", {
      ...FIELDS,
      input: LINES,
      processor: "base",
      fast: "on",
      output_type: "text",
      location: "de",
      several: "on",
      idempotency_key: "key-of-the-submit",
    });
    assertStrictEquals(response.status, 303, await response.text());
    const path = response.headers.get("location") ?? "";
    assertMatch(path, /^\/batches\/new\?draft=/);
    // The draft in the browser has become one of the server's.
    assertMatch(
      response.headers.getSetCookie().join(),
      /created=key-of-the-submit;.*Path=\/batches\/new/,
    );
    const html = await browser.text(path);
    assertMatch(textOf(html), /3 rows, 1 column/);
    assertMatch(textOf(html), /base-fast.*3 × \$0\.01 = \$0\.03/);
    const form = fieldsIn(html);
    assertStrictEquals(form.location, "de");
    const made = await browser.post("/batches", { ...form, trial: "" });
    assertStrictEquals(made.status, 303, await made.text());
    const [batch] = batches.created;
    assertEquals(batch?.table.rows.map(({ cells }) => cells[0]), [
      "Who leads Stripe?",
      "Who leads “Adyen”, and since when?",
      "Who leads Klarna?",
    ]);
    assertEquals(batch?.plan.template, [0]);
    assertStrictEquals(batch?.task.processor, "base-fast");
  }));

Deno.test("errors in several inputs are shown at the field, and nothing is stored", () =>
  withBatches(async ({ browser, batches }) => {
    for (
      const [fields, field] of [
        [{ input: " \n\n" }, "input"],
        [{ input: LINES, location: "zz" }, "location"],
        [{ input: `short\n${"x".repeat(25_001)}` }, "input"],
      ] as const
    ) {
      const response = await browser.post("/tasks", { ...FIELDS, ...fields, several: "on" });
      assertStrictEquals(response.status, 422);
      const html = await response.text();
      assertMatch(html, new RegExp(`<p id="${field}-error"[^>]*>[^<]`));
      assertMatch(html, /name="several" value="on"/);
    }
    assertStrictEquals(batches.drafts.size, 0);
  }));

Deno.test("switching a form to several inputs and back keeps the text", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const typed = { ...FIELDS, processor: "core", metadata: '{"team": "a1"}' };
    const several = await (await browser.post("/tasks", { ...typed, show: "several" })).text();
    const single = await (await browser.post("/tasks", { ...typed, several: "on", show: "single" }))
      .text();
    for (const html of [several, single]) {
      assertMatch(html, /Stripe: legal name/);
      assertMatch(html, /value="core" checked/);
      assertMatch(html, /&quot;team&quot;: &quot;a1&quot;/);
    }
    assertStrictEquals(/name="several"/.test(several), true);
    assertStrictEquals(/name="several"/.test(single), false);
  }));

Deno.test("the largest form is shown again on a page of at most 4 MB, whatever its long field is", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const long = "<".repeat(590_000);
    const forms = {
      processor: long,
      output_type: long,
      webhook_url: `https://example.com/?${"&".repeat(590_000)}`,
      metadata: JSON.stringify({ a: '"'.repeat(290_000) }),
    };
    for (const [name, value] of Object.entries(forms)) {
      const body = new FormData();
      for (const [each, text] of Object.entries({ ...FORM, [name]: value, show: "code" })) {
        body.append(each, text);
      }
      const response = await browser.fetch("/tasks", { method: "POST", body });
      const { byteLength } = await response.bytes();
      assert(response.status < 500 && byteLength <= 4_000_000, `${name}: ${byteLength} bytes`);
    }
  }));
