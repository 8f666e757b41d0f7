/** Columns and rows added to a batch run once each and appear in the table and its exports. */
import { assert, assertEquals, assertStrictEquals, fail } from "@std/assert";
import { rowView, sendView } from "../../lib/batches/model/mod.ts";
import { withApp } from "../app/test_app.ts";
import { batchOf, companies, created, ownerOf, pageIn, pageWhen, rowsOf } from "./batch_tools.ts";
import { assertIncludes, textOf } from "./pages_tools.ts";

const FAST = { config: { sandboxSpeed: 1_000 } };
const CEO = {
  output_schema: {
    type: "json",
    json_schema: {
      type: "object",
      properties: { ceo: { type: "string" } },
      required: ["ceo"],
      additionalProperties: false,
    },
  },
} as const;

Deno.test("added columns run every row once more with their own output, and appear in the export", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const { batches, runs } = app.services;
    const id = await created(app, owner, await batchOf(companies(3)));
    await pageIn(app, owner, id, "done");
    const asked = { processor: "base", task_spec: CEO, trial: null };
    assertStrictEquals(await batches.addColumns(owner, id, asked), "done");
    const page = await pageIn(app, owner, id, "done");
    assertEquals(page.view.outputs.map(({ name }) => name), ["founded", "city", "ceo"]);
    assertEquals(page.view.counts, { completed: 3 });
    for (const { row, cells } of rowsOf(page)) {
      assertStrictEquals(cells?.length, 3);
      const { run_id, attempt, processor } = sendView(page.view, 1, row);
      assertEquals([attempt, processor], [1001, "base"]);
      const run = await runs.request(owner.id, run_id!) ?? fail("no run");
      assertEquals(run.run.input.metadata, { row: `r${row}`, attempt: 1001 });
      assertEquals(run.run.input.task_spec?.output_schema, CEO.output_schema);
    }
    assertStrictEquals(
      (await app.services.histories.list(owner.id, { limit: 100, rows: true })).runs.length,
      6,
    );
    const download = { rows: [1, 2, 3], sources: false, bom: false };
    const csv = (await Array.fromAsync(batches.csv(owner.id, page, download))).join("");
    const [head, first] = csv.split("\r\n");
    assertStrictEquals(head, "company,zip,founded,city,ceo,status,error,run_id,simulated");
    assert(first?.split(",")[4] !== "", first);
    await batches.addRows(owner, id, (await batchOf("company,zip\nBolt,77\n")).table);
    const more = await pageWhen(app, owner, id, ({ view }) => view.counts.completed === 4);
    assertStrictEquals(rowView(more.view, 4).cells?.length, 3);
  }, FAST));

Deno.test("columns or rows sent twice under one name are added once, at once or later", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const { batches } = app.services;
    const id = await created(app, owner, await batchOf(companies(2)));
    await pageIn(app, owner, id, "done");
    const asked = { processor: "base", task_spec: CEO, trial: null };
    const columns = crypto.randomUUID(), rows = crypto.randomUUID();
    const { table } = await batchOf("company,zip\nBolt,77\n");
    const sendAll = () => [
      batches.addColumns(owner, id, asked, columns),
      batches.addRows(owner, id, table, rows),
    ];
    assertEquals(
      await Promise.all([...sendAll(), ...sendAll()]),
      ["done", "done", "done", "done"],
    );
    await Promise.all(sendAll());
    const page = await pageIn(app, owner, id, "done");
    assertEquals([page.view.sets.length, page.view.rows], [2, 3]);
    assertStrictEquals(
      (await app.services.histories.list(owner.id, { limit: 100, rows: true })).runs.length,
      6,
    );
  }, FAST));

Deno.test("rows waiting in other columns keep waiting while added columns run", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const { batches } = app.services;
    const id = await created(app, owner, await batchOf(companies(5), { trial: 2 }));
    await pageIn(app, owner, id, "paused");
    await batches.addColumns(owner, id, { processor: "base", task_spec: CEO, trial: null });
    const page = await pageWhen(
      app,
      owner,
      id,
      ({ view }) => view.state === "paused" && view.sets[1]?.counts.completed === 5,
    );
    assertEquals(page.view.sets[0]?.counts, { completed: 2, waiting: 3 });
    await batches.command(owner, id, { type: "start", rows: null });
    assertEquals((await pageIn(app, owner, id, "done")).view.counts, { completed: 5 });
  }, FAST));

Deno.test("retrying a failed cell of added columns runs only that cell", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const { batches } = app.services;
    const batch = await batchOf(companies(8));
    const task = { ...batch.task, metadata: { sandbox: "fail:50@2" } };
    const id = await created(app, owner, { ...batch, task });
    assertEquals((await pageIn(app, owner, id, "done")).view.counts, { completed: 8 });
    await batches.addColumns(owner, id, { processor: "base", task_spec: CEO, trial: null });
    const page = await pageIn(app, owner, id, "done");
    const failed = page.view.counts.failed ?? 0;
    assert(failed > 0, JSON.stringify(page.view.counts));
    await batches.command(owner, id, { type: "retry", rows: null });
    const again = await pageWhen(app, owner, id, ({ view }) => view.counts.completed === 8);
    assertEquals(again.view.sets[0]?.counts, { completed: 8 });
    assert(rowsOf(again).every(({ row }) => sendView(again.view, 0, row).attempt === 1));
  }, FAST));

Deno.test("the pages add columns and rows: an invalid form is redisplayed, rows are previewed before sending", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const made = await browser.post("/batches", {
      table: "company,zip\nAcme,01\n",
      output_type: "auto",
      processor: "lite",
    });
    const path = made.headers.get("location") ?? fail("no batch");
    assertIncludes(await browser.text(path), `${path}/columns`);
    assertIncludes(await browser.text(`${path}/columns`), "Add columns");
    const wrong = await browser.post(`${path}/columns`, { output_type: "json", json_schema: "{" });
    assertStrictEquals(wrong.status, 422);
    assertIncludes(textOf(await wrong.text()), "Nothing was sent");
    const schema = JSON.stringify(CEO.output_schema.json_schema);
    const asked = { output_type: "json", json_schema: schema, processor: "base" };
    const added = await browser.post(`${path}/columns`, asked);
    assertEquals([added.status, added.headers.get("location")], [303, path]);
    assertIncludes(textOf(await browser.text(path)), "ceo");

    // Sent after the session ended, and opened after signing in.
    const cookies = [...browser.cookies];
    const late = [
      ["columns", { ...asked, json_schema: '{"typed": "late"' }, '{"typed": "late"'],
      ["rows", { table: "company\nTyped late\n" }, "Typed late"],
    ] as const;
    for (const [action, fields, back] of late) {
      browser.cookies.delete("taskstream");
      const sent = await browser.post(`${path}/${action}`, fields);
      const next = `${path}/${action}?kept=1`;
      const front = `/?${new URLSearchParams({ next })}`;
      assertEquals([sent.status, sent.headers.get("location")], [303, front]);
      for (const [name, value] of cookies) browser.cookies.set(name, value);
      assertIncludes(textOf(await browser.text(next)), back);
    }

    const other = await browser.post(`${path}/rows`, { table: "colour\nred\n" });
    assertStrictEquals(other.status, 422);
    assertIncludes(textOf(await other.text()), "none of the batch’s columns");
    const blank = await browser.post(`${path}/rows`, { table: "company,zip\nBolt,2\n,\n , \n" });
    assert(blank.status === 422 || blank.status === 200);
    const shown = await browser.post(`${path}/rows`, { table: "zip,company,x\n77,Bolt,1\n" });
    assertStrictEquals(shown.status, 200);
    const html = await shown.text();
    assertIncludes(textOf(html), "Ignored, because the batch has no such column: “x”");
    const draft = /name="draft" value="([^"]+)"/.exec(html)?.[1] ?? fail("no draft");
    const confirmed = await browser.post(`${path}/rows`, { draft, confirm: "on" });
    assertEquals([confirmed.status, confirmed.headers.get("location")], [303, path]);
    assertStrictEquals((await browser.post(`${path}/rows`, { draft, confirm: "on" })).status, 404);
    assertIncludes(textOf(await browser.text(path)), "Bolt 77");
    const stranger = await app.browser().enterSandbox();
    for (const action of ["columns", "rows"]) {
      assertStrictEquals((await stranger.fetch(`${path}/${action}`)).status, 404);
      assertStrictEquals((await stranger.post(`${path}/${action}`, asked)).status, 404);
    }
  }, FAST));
