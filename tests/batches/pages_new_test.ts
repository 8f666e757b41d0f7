/** The page of a new batch: reading a table, checking it, sending it. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { FORM_FIELDS } from "../../lib/tasks/fields/mod.ts";
import {
  assertIncludes,
  draftOf,
  fieldsIn,
  NO_RUNS,
  textOf,
  upload,
  withBatches,
} from "./pages_tools.ts";

const COMPANIES = "Company,Website,Founded,Employees\nAalto Pay,aaltopay.example,,\nDukaat,,,\n";

Deno.test("a visitor must sign in before a table is read", () =>
  withBatches(async ({ app }) => {
    const visitor = app.browser();
    const opened = await visitor.fetch("/batches/new");
    const sent = [
      await upload(visitor, COMPANIES),
      await visitor.post("/batches", { table: COMPANIES }),
    ];
    for (const { status } of [opened, ...sent]) assertStrictEquals(status, 303);
    assertStrictEquals(opened.headers.get("location"), "/?next=%2Fbatches%2Fnew");
    for (const { headers } of sent) {
      assertStrictEquals(headers.get("location"), "/?next=%2Fbatches%2Fnew%3Fkept%3D1");
    }
    const file = await upload(app.browser(), new File([COMPANIES], "a.csv"));
    assertStrictEquals(
      file.headers.get("location"),
      "/?next=%2Fbatches%2Fnew%3Fkept%3D1",
    );
    // What was pasted is there after signing in.
    await visitor.post("/auth/sandbox", { next: "/" });
    assertIncludes(textOf(await visitor.text("/batches/new?kept=1")), "Aalto Pay,aaltopay.example");
  }));

for (const path of ["/batches", "/batches/preview"]) {
  Deno.test(`${path}: a batch sent after its session ended has its table and its fields after signing in`, () =>
    withBatches(async ({ app, browser, batches }) => {
      const KEY = "sandbox-ended-12345678";
      await browser.enterKey(KEY);
      const { id, form: first } = await draftOf(browser, COMPANIES);
      // Changed since the page was shown.
      const { "column.1": _, ...rest } = first;
      const form = {
        ...rest,
        name: "My firms",
        "name.0": "firm",
        processor: "pro",
        output_type: "text",
        text_description: "Who leads it?",
        metadata: '{"a": 12345678901234567890}',
        location: "de",
      };
      const late = app.browser();
      const sent = await late.post(path, form);
      const location = sent.headers.get("location") ?? "";
      assertStrictEquals(sent.status, 303);
      const text = textOf(await late.text(location));
      assertIncludes(text, "Your session has ended, so nothing was sent");
      assertEquals(batches.created, []);
      const next = new URL(location, "http://localhost").searchParams.get("next") ?? "";
      assertStrictEquals(next, `/batches/new?draft=${id}&kept=1`);
      const entered = await late.post("/auth/key", { api_key: KEY, next });
      assertStrictEquals(entered.headers.get("location"), next);
      const back = await late.text(next);
      assertIncludes(textOf(back), "2 rows, 4 columns");
      assertIncludes(textOf(back), "What you typed is back.");
      assertEquals(fieldsIn(back), form);
      // Who signed in elsewhere meanwhile gets there at once.
      const again = await late.fetch(location);
      assertStrictEquals(again.headers.get("location"), next);
    }));
}

Deno.test("a pasted table becomes a draft; its page shows how it was read and the first row's input", () =>
  withBatches(async ({ browser }) => {
    const { html, form } = await draftOf(browser, COMPANIES);
    const text = textOf(html);
    assertIncludes(text, "2 rows, 4 columns");
    assertIncludes(text, "Read as CSV, separated by commas, headings in line 1");
    assertIncludes(
      text,
      '"input": { "Company": "Aalto Pay", "Website": "aaltopay.example" }',
    );
    // Empty columns are asked for, the others are sent.
    assertEquals(Object.keys(form).filter((name) => name.startsWith("column.")), [
      "column.0",
      "column.1",
    ]);
    assertEquals(Object.keys(JSON.parse(form.json_schema!).properties), ["founded", "employees"]);
  }));

Deno.test("a file's format is detected from its content, and its name becomes the batch's name", () =>
  withBatches(async ({ browser }) => {
    const file = new File(["\ufeffFirma;Umsatz\nMüller;1,5\n"], "Firmen 2026.csv");
    const { html, form } = await draftOf(browser, file);
    assertIncludes(textOf(html), "separated by semicolons");
    assertStrictEquals(form.name, "Firmen 2026");
  }));

Deno.test("a table that was read and not sent is found again by the account that uploaded it", () =>
  withBatches(async ({ app, browser }) => {
    const unsent = async (of = browser) =>
      /<section[^>]*aria-labelledby="unsent"[^]*?<\/section>/.exec(await of.text("/batches/new"))
        ?.[0];
    assertStrictEquals(await unsent(), undefined);
    const file = new File([COMPANIES], "Payments <1>.csv");
    const { id, form } = await draftOf(browser, file);
    await draftOf(browser, "Company,HQ\nAalto Pay,\n");
    const html = await unsent() ?? "";
    assertMatch(
      textOf(html),
      /^Not sent yet Payments <1> 2 rows, uploaded .* ago Pasted table 1 row, /,
    );
    assertIncludes(html, `href="/batches/new?draft=${id}"`);
    assertStrictEquals(await unsent(await app.browser().enterSandbox()), undefined);
    await browser.post("/batches", { ...form, trial: "" });
    assertStrictEquals((await unsent() ?? "").includes(id), false);
  }));

/** What is wrong with an upload, and what the page says of it. */
const UNREADABLE:
  readonly (readonly [table: string | File, fields: Record<string, string>, says: string])[] = [
    ["", {}, "Choose a file, or paste some rows."],
    ["just one line", { header: "yes" }, "but no rows"],
    ['[{"a": 1}, {"a": ', { format: "json" }, "Line 1"],
    [new File(["%PDF-1.7"], "a.pdf"), {}, "This is a PDF."],
    ["a,b\n1,2", { format: "xlsx" }, "This is text, not an XLSX workbook."],
  ];

for (const [table, fields, says] of UNREADABLE) {
  Deno.test(`an unreadable upload shows an error at its field: ${says}`, () =>
    withBatches(async ({ browser, batches }) => {
      const response = await upload(browser, table, fields);
      assertStrictEquals(response.status, 422);
      const html = await response.text();
      const message = /<p id="table-error"[^>]*>([^<]*)</.exec(html)?.[1] ?? "";
      assertIncludes(textOf(message), says);
      assertIncludes(html, "<title>Error: nothing was sent");
      // Nothing typed is lost.
      if (typeof table === "string") assertIncludes(textOf(html), textOf(table));
      for (const [name, value] of Object.entries(fields)) {
        assert(
          new RegExp(`<select id="${name}"[\\s\\S]*?value="${value}"[^>]*selected`).test(html),
        );
      }
      assertStrictEquals(batches.drafts.size, 0);
    }));
}

Deno.test("a table of 22 MiB is rejected with one sentence, read to its end and not stored", () =>
  withBatches(async ({ browser, batches }) => {
    const line = `${"x".repeat(1023)}\n`;
    const response = await upload(browser, new File([line.repeat(22 * 1024)], "large.csv"));
    assertStrictEquals(response.status, 413);
    assertIncludes(await response.text(), "The table is larger than 20 MiB.");
    assertStrictEquals(batches.drafts.size, 0);
  }));

Deno.test("the largest batch is what the instance allows, and the page says so", () =>
  withBatches(async ({ browser, batches }) => {
    assertIncludes(textOf(await browser.text("/batches/new")), "up to 1 MiB and 2 rows.");
    const tables: readonly (readonly [string, RegExp])[] = [
      ["Company\nA\nB\nC\n", /more than 2 rows/],
      [`Company\nA\n${"x".repeat(1024 * 1024)}`, /larger than 1 MiB/],
    ];
    for (const [table, message] of tables) {
      const response = await upload(browser, table);
      assertStrictEquals(response.status, 422);
      assertMatch(textOf(await response.text()), message);
    }
    assertStrictEquals(batches.drafts.size, 0);
  }, { config: { batchLimits: { rows: 2, bytes: 1024 * 1024 } } }));

const ODD = "Company,City\nA,Rome\n,\nA,Rome\nB,Oslo\nTotal,\n";

Deno.test("blank and duplicate rows are dropped on request, and the form keeps its values", () =>
  withBatches(async ({ browser, batches }) => {
    const { id, html, form } = await draftOf(browser, ODD);
    assertIncludes(textOf(html), "Line 3: 1 row is blank.");
    assertIncludes(textOf(html), "Line 4: 1 row repeats an earlier one.");
    let typed: Record<string, string> = { ...form, "name.0": "firm", name: "Mine" };
    for (const [drop, rows] of [["blank", 4], ["repeated", 3]] as const) {
      const response = await browser.post("/batches/preview", { ...typed, drop });
      assertStrictEquals(response.status, 303, await response.text());
      assertStrictEquals(batches.drafts.get(id)!.table.rows.length, rows);
      const next = await browser.text(response.headers.get("location")!);
      typed = fieldsIn(next);
      assertEquals([typed["name.0"], typed.name], ["firm", "Mine"]);
      assert(!next.includes(`value="${drop}"`));
    }
  }));

Deno.test("rows that cannot be sent are listed, nothing is sent, and they can be left out", () =>
  withBatches(async ({ browser, batches }) => {
    const { id, form } = await draftOf(browser, "Company,Note\nA,x\n,y\nC,z\n");
    const { "column.1": _, ...others } = form;
    const response = await browser.post("/batches", { ...others, output_type: "auto" });
    assertStrictEquals(response.status, 422);
    const html = await response.text();
    assertIncludes(textOf(html), "Line 3: The row is empty in the chosen columns.");
    assertIncludes(html, 'value="unfit"');
    assertStrictEquals(batches.created.length, 0);
    await browser.post("/batches/preview", { ...others, drop: "unfit" });
    assertEquals(batches.drafts.get(id)!.table.rows.map(({ cells }) => cells[0]), ["A", "C"]);
  }));

/** What is wrong with a form, at which field. */
const WRONG: readonly (readonly [fields: Record<string, string>, field: string, says: string])[] = [
  [{ template: "Who owns {{Firm}}?" }, "template", "The table has no column “Firm”."],
  [{ template: "Who owns it?" }, "template", "has no {{column}}"],
  [{ "name.0": "a", "name.1": "a" }, "columns", "Two columns are called “a”"],
  [{ columns: '{"Nope": "x"}' }, "columns", "no column “Nope”"],
  [{ json_schema: "{" }, "json_schema", ""],
  [{ metadata: '{"row": "1"}' }, "metadata", "used by the batch itself"],
  [{ trial: "-3" }, "trial", "Try 1 to 100 rows"],
  [{ processor: "huge" }, "processor", "There is no processor of that name"],
];

for (const [fields, field, says] of WRONG) {
  Deno.test(`a form with an invalid ${field} is redisplayed as typed: ${JSON.stringify(fields)}`, () =>
    withBatches(async ({ browser, batches }) => {
      const { form } = await draftOf(browser, COMPANIES);
      const response = await browser.post("/batches", { ...form, template: "", ...fields });
      assertStrictEquals(response.status, 422);
      const html = await response.text();
      const message = new RegExp(`<p id="${field}-error"[^>]*>([^<]*)<`).exec(html)?.[1] ?? "";
      assert(message !== "", "No message at the field");
      assertIncludes(textOf(message), says);
      const again = fieldsIn(html);
      for (const [name, value] of Object.entries(fields)) {
        if (name in again && name !== "processor") assertStrictEquals(again[name], value);
      }
      assertStrictEquals(batches.created.length, 0);
    }));
}

Deno.test("updating the preview stores the form in the draft", () =>
  withBatches(async ({ browser }) => {
    const { form, id } = await draftOf(browser, COMPANIES);
    const { "column.1": _, ...typed } = form;
    await browser.post("/batches/preview", { ...typed, "name.0": "firm", location: "de" });
    const again = fieldsIn(await browser.text(`/batches/new?draft=${id}`));
    assertEquals([again["name.0"], again.location, again["column.1"]], ["firm", "de", undefined]);
  }));

Deno.test("the form that the page's script keeps while one types is in the draft, and no sign-in is asked for", () =>
  withBatches(async ({ app, browser, batches }) => {
    const { form, id } = await draftOf(browser, COMPANIES);
    const keep = { ...form, keep: "on", location: "de", json_schema: "{ unfinished" };
    const kept = await browser.post("/batches/preview", keep);
    assertEquals([kept.status, await kept.text()], [204, ""]);
    const again = fieldsIn(await browser.text(`/batches/new?draft=${id}`));
    assertEquals([again.location, again.json_schema], ["de", "{ unfinished"]);
    assertStrictEquals(batches.drafts.get(id)?.fields.keep, undefined);

    const stranger = await app.browser().enterSandbox();
    assertStrictEquals((await stranger.post("/batches/preview", keep)).status, 204);
    const visitor = await app.browser().post("/batches/preview", { ...keep, location: "fr" });
    assertEquals([visitor.status, visitor.headers.get("set-cookie")], [401, null]);
    assertStrictEquals(batches.drafts.get(id)?.fields.location, "de");
    assertStrictEquals(batches.drafts.size, 1);
  }));

Deno.test("the schema suggested from empty columns replaces the form's schema", () =>
  withBatches(async ({ browser }) => {
    const { form } = await draftOf(browser, COMPANIES);
    const response = await browser.post("/batches/preview", {
      ...form,
      output_type: "auto",
      json_schema: "",
      suggest: "columns",
    });
    const html = await response.text();
    assertIncludes(textOf(html), "The schema has 2 fields, made of the empty columns.");
    const { output_type, json_schema = "" } = fieldsIn(html);
    assertStrictEquals(output_type, "json");
    assertEquals(Object.keys(JSON.parse(json_schema).properties), ["founded", "employees"]);
  }));

Deno.test("fields are suggested only from a table with empty columns, and without complaints about the rest", () =>
  withBatches(async ({ browser }) => {
    const button = "Suggest from empty columns";
    const open = await draftOf(browser, COMPANIES);
    assertIncludes(textOf(open.html), button);
    const { html, form } = await draftOf(browser, "Company,City\nAalto,Turku\n");
    assert(!textOf(html).includes(button), "offers what does nothing");
    const typed = { output_type: "json", json_schema: "", template: "When was it founded?" };
    for (
      const { posted, note } of [
        { posted: form, note: "No column has a heading without values" },
        { posted: open.form, note: "The schema has 2 fields" },
      ]
    ) {
      const asked = { ...posted, ...typed, suggest: "columns" };
      const text = textOf(await (await browser.post("/batches/preview", asked)).text());
      assertIncludes(text, note);
      assert(!text.includes("Nothing was sent"), text.slice(0, 400));
    }
  }));

Deno.test("a trial of three rows runs first by default; the rest is sent on request", () =>
  withBatches(async ({ browser, batches }) => {
    const rows = Array.from({ length: 400 }, (_, at) => `Company ${at},,`).join("\n");
    const { html, form, id } = await draftOf(browser, `Company,Founded,HQ\n${rows}`);
    const first = /<form id="batch"[^]*?(<button[^>]*>)/.exec(html)?.[1] ?? "";
    // Enter in a field presses it.
    assertIncludes(first, "disabled");
    const text = textOf(html);
    assertIncludes(text, "Try 3 rows first · $0.075");
    assertIncludes(text, "Run all 400 rows · $10.00");
    assertIncludes(text, "400 × $0.025 = $10.00");
    const response = await browser.post("/batches", { ...form, trial: "3", "name.0": "company" });
    assertStrictEquals(response.status, 303);
    const [created] = batches.created;
    assertStrictEquals(created?.trial, 3);
    assertEquals(created.plan.members, [{ column: 0, name: "company" }]);
    assertStrictEquals(created.table.rows.length, 400);
    // The same form again leads to the same batch.
    const again = await browser.post("/batches", { ...form, trial: "" });
    assertStrictEquals(again.headers.get("location"), response.headers.get("location"));
    assertStrictEquals(batches.created.length, 1);
    assertIncludes(await browser.text(`/batches/new?draft=${id}`), "This table was already sent");
  }));

Deno.test("a program creates a batch with one request and gets the page's errors", () =>
  withBatches(async ({ browser, batches }) => {
    const fields = {
      table: "company,site\nA,a.example\n",
      columns: '{"company": "name"}',
      processor: "lite",
      output_type: "text",
    };
    const response = await browser.post("/batches", fields);
    assertStrictEquals(response.status, 303, await response.text());
    assertEquals(batches.created[0]?.plan, {
      members: [{ column: 0, name: "name" }],
      template: null,
    });
    assertStrictEquals(batches.created[0]?.trial, null);
    assertStrictEquals((await browser.post("/batches", { ...fields, table: "" })).status, 422);
  }));

Deno.test("rows that exceed the monthly budget are sent only after confirmation", () =>
  withBatches(async ({ app, batches }) => {
    const browser = await app.browser().enterKey();
    await browser.post("/tasks/budget", { budget_usd: "1" });
    const { form } = await draftOf(browser, "Company,Founded\n" + "A,\nB,\nC,\nD,\n".repeat(20));
    const all = { ...form, trial: "" };
    const held = await browser.post("/batches", all);
    assertStrictEquals(held.status, 409);
    const html = await held.text();
    assertIncludes(textOf(html), "These rows would exceed your monthly budget");
    assertIncludes(html, 'name="over_budget"');
    assertStrictEquals(batches.created.length, 0);
    // The trial fits.
    assertStrictEquals((await browser.post("/batches", { ...form, trial: "3" })).status, 303);
    const again = await draftOf(browser, "Company,Founded\n" + "A,\nB,\nC,\nD,\n".repeat(20));
    const confirmed = { ...again.form, trial: "", over_budget: "on" };
    assertStrictEquals((await browser.post("/batches", confirmed)).status, 303);
  }, { api: NO_RUNS }));

Deno.test("an unknown draft and another account's draft are reported as gone", () =>
  withBatches(async ({ app, browser }) => {
    const { id, form } = await draftOf(browser, COMPANIES);
    const other = await app.browser().enterKey();
    for (
      const response of [
        await other.fetch(`/batches/new?draft=${id}`),
        await other.post("/batches", form),
        await browser.fetch("/batches/new?draft=nope"),
      ]
    ) {
      assertStrictEquals(response.status, 404);
      assertIncludes(await response.text(), "This table has expired");
    }
  }, { api: NO_RUNS }));

Deno.test("what was typed for a table that has expired goes with the next table", () =>
  withBatches(async ({ browser, batches }) => {
    const { form } = await draftOf(browser, COMPANIES);
    batches.drafts.clear();
    const typed = { ...form, name: "My firms", processor: "pro", metadata: '{"a":\r\n "b"}' };
    const expired = await browser.post("/batches", typed);
    assertStrictEquals(expired.status, 404);
    const html = await expired.text();
    const upload = /<form[^>]*multipart[\s\S]*?<\/form>/.exec(html)?.[0] ?? "";
    const hidden = fieldsIn(upload.replace("<form", '<form id="batch"'));
    const again = await browser.post("/batches/preview", {
      ...hidden,
      table: "firm,ceo\nAcme,\nBolt,\n",
    });
    assertStrictEquals(again.status, 303, await again.text());
    const next = fieldsIn(await browser.text(again.headers.get("location") ?? ""));
    assertEquals(
      [next.name, next.processor, next.metadata?.replace(/\r\n?/g, "\n"), next["name.0"]],
      ["My firms", "pro", '{"a":\n "b"}', "firm"],
    );
  }));

Deno.test("a request that the API rejects is shown with the form, and nothing is sent", () =>
  withBatches(async ({ browser, batches }) => {
    const { form } = await draftOf(browser, COMPANIES);
    batches.refusal = {
      ok: false,
      failure: { kind: "refused", status: 402, message: "Insufficient credit", refId: null },
    } as never;
    const response = await browser.post("/batches", { ...form, name: "Mine" });
    assertStrictEquals(response.status, 402);
    const html = await response.text();
    assertIncludes(textOf(html), "Insufficient credit");
    assertStrictEquals(fieldsIn(html).name, "Mine");
  }));

Deno.test("each problem that the summary links to is told at its field", () =>
  withBatches(async ({ browser }) => {
    const bad = "{\u0000 no value of any field";
    const wrong: string[] = [];
    for (const name of [...FORM_FIELDS, "template", "trial"]) {
      const { form } = await draftOf(browser, COMPANIES);
      const sent = await browser.post("/batches", {
        ...form,
        output_type: name === "json_schema" ? "json" : "text",
        [name]: bad,
      });
      const html = await sent.text();
      if (sent.status === 303) continue;
      assertStrictEquals(sent.status, 422, name);
      wrong.push(name);
      const [, summary = ""] = /id="errors"[^]*?<ul>([^]*?)<\/ul>/.exec(html) ?? [];
      const links = [...summary.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
      assert(links.length > 0, `${name}: no link`);
      for (const id of links) {
        assert(html.includes(` id="${id}"`), `${name}: no field ${id}`);
        assertMatch(html, new RegExp(`id="${id}-error"[^>]*>[^<]`), `${name}: nothing at ${id}`);
      }
    }
    assert(wrong.length >= 10, wrong.join(" "));
  }));
