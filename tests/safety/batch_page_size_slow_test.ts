/** The pages of a batch have at most 4 MB for any table, and say which columns they leave out. */
import { assert, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { columnsOfOutputs } from "../../lib/batches/model/mod.ts";
import type { TaskRunOutput } from "../../lib/parallel/mod.ts";
import { type BatchApp, textOf, upload, withBatches } from "../batches/pages_tools.ts";

const MAX_BYTES = 4_000_000;
const ROWS = 100;

const many = <Item>(count: number, make: (n: number) => Item): Item[] =>
  Array.from({ length: count }, (_, n) => make(n));

async function pageOf({ browser }: BatchApp, path: string): Promise<string> {
  const response = await browser.fetch(path);
  assertStrictEquals(response.status, 200, path);
  const bytes = await response.bytes();
  assert(bytes.byteLength <= MAX_BYTES, `${path}: ${bytes.byteLength} bytes`);
  return new TextDecoder().decode(bytes);
}

/** Creates a batch of so many columns, each with a heading of so many characters. */
async function wideBatch(app: BatchApp, columns: number, chars: number): Promise<string> {
  const heads = many(columns, (n) => `h${n}`.padEnd(chars, "&"));
  const line = (row: number) => many(columns, (n) => `r${row}c${n}`.padEnd(50, "&")).join(",");
  const table = [heads.join(","), ...many(ROWS, line)].join("\n");
  const uploaded = await upload(app.browser, new File([table], "wide.csv"), { header: "yes" });
  const draft = uploaded.headers.get("location") ?? "";
  await uploaded.body?.cancel();
  assertMatch(await pageOf(app, draft), /100 rows/);
  const made = await app.browser.post("/batches", {
    draft: draft.split("draft=")[1] ?? "",
    template: `About {{${heads[0]}}}`,
    output_type: "text",
    processor: "lite",
  });
  assertStrictEquals(made.status, 303, await made.text());
  return made.headers.get("location") ?? "";
}

Deno.test("the pages of a table of 500 columns with long headings have at most 4 MB", () =>
  withBatches(async (app) => {
    const batch = await wideBatch(app, 500, 500);
    const html = await pageOf(app, batch);
    // One result and 39 of the 500 uploaded columns, in each of the rows.
    assertMatch(textOf(html), /Rows 1 to 100 of 100. 461 more columns are in the exports/);
    assertStrictEquals(html.match(/<td\s+data-label/g)?.length, ROWS * 38);
    assertMatch(textOf(html), /100 rows, 1 field/);
    // A page of few rows has room for more.
    const [one = ""] = (await pageOf(app, `${batch}?q=r7c499`)).match(/<tbody>[^]*<\/tbody>/) ?? [];
    assertStrictEquals(one.match(/<td\s+data-label/g)?.length, 148);
    for (const path of ["rows", "columns"]) await pageOf(app, `${batch}/${path}`);
  }));

Deno.test("the page of a table with 200 results a row has at most 4 MB, and keeps the row's name", () =>
  withBatches(async (app) => {
    const batch = await wideBatch(app, 20, 20);
    const id = batch.split("/").at(-1) ?? "";
    const fields = many(200, (n) => [`field ${n}`, "&".repeat(300)] as const);
    const output: TaskRunOutput = { type: "json", content: Object.fromEntries(fields), basis: [] };
    app.batches.tell(id, "columns", { columns: columnsOfOutputs([output]) });
    app.batches.complete(id, many(ROWS, (n) => [n + 1, output]));
    const html = await pageOf(app, batch);
    assertMatch(textOf(html), /180 more columns are in the exports/);
    assertStrictEquals(html.match(/<td\s+class="answer"/g)?.length, ROWS * 30);
    assertStrictEquals(html.match(/<th\s+scope="row" class="first">/g)?.length, ROWS);
    assertMatch(textOf(html), /100 rows, 200 fields/);
  }));

Deno.test("a table of 40 columns is shown whole", () =>
  withBatches(async (app) => {
    const html = await pageOf(app, await wideBatch(app, 39, 10));
    assertNotMatch(textOf(html), /in the exports/);
    assertStrictEquals(html.match(/<td\s+data-label/g)?.length, ROWS * 38);
  }));
