/** Another sheet of a workbook is read without a new upload. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { withApp } from "../app/test_app.ts";
import { ownerOf } from "./batch_tools.ts";
import { assertIncludes, draftOf, fieldsIn, textOf } from "./pages_tools.ts";
import { inlineRows, workbook } from "./workbook.ts";

const KEY = "sandbox-sheets-12345678";

Deno.test("the draft page offers the workbook's sheets, and the workbook is kept as long as the draft", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(KEY);
    const owner = await ownerOf(app, KEY);
    const { batches, kv } = app.services;
    const book = workbook({
      sheets: [
        { name: "People", data: inlineRows([["name"], ["Ann"]]) },
        { name: "Firms &amp; more", data: inlineRows([["firm", "founded"], ["Acme", ""]]) },
      ],
    });
    const { id, form, html } = await draftOf(browser, new File([book as BlobPart], "a.xlsx"));
    assertIncludes(textOf(html), "sheet “People”");
    const read = (sheet: string) =>
      browser.post("/batches/preview", { ...form, sheet, read_sheet: "on" });
    const chosen = await read("Firms & more");
    assertEquals(
      [chosen.status, chosen.headers.get("location")],
      [303, `/batches/new?draft=${id}`],
    );
    const page = await browser.text(`/batches/new?draft=${id}`);
    assertIncludes(textOf(page), "sheet “Firms & more”");
    // The schema is suggested from this sheet's empty columns.
    assertIncludes(fieldsIn(page).json_schema ?? "", "founded");
    // What was typed stays, unless it is about the columns.
    assertStrictEquals((await read("People")).status, 303);
    const typed = { ...form, name: "My people", processor: "pro", location: "de" };
    const other = await browser.post("/batches/preview", {
      ...typed,
      sheet: "Firms & more",
      read_sheet: "on",
    });
    assertStrictEquals(other.status, 303);
    const { name, processor, location, json_schema } = fieldsIn(
      await browser.text(`/batches/new?draft=${id}`),
    );
    assertEquals([name, processor, location], ["My people", "pro", "de"]);
    assertIncludes(json_schema ?? "", "founded");
    const wrong = await read("None");
    assertStrictEquals(wrong.status, 422);
    assertIncludes(textOf(await wrong.text()), "no sheet “None”");
    assertStrictEquals((await read("People")).status, 303);
    assertEquals((await batches.draft(owner.id, id))?.table.rows[0]?.cells, ["Ann"]);
    await batches.removeDraft(owner.id, id);
    const left = await Array.fromAsync(kv.list({ prefix: ["draft-part"] }));
    assertEquals(left.length, 0);
  }));

Deno.test("a workbook with one sheet offers no choice and is not kept", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(KEY);
    const owner = await ownerOf(app, KEY);
    const book = workbook({ sheets: [{ name: "One", data: inlineRows([["a"], ["b"]]) }] });
    const { id, html } = await draftOf(browser, new File([book as BlobPart], "a.xlsx"));
    assertStrictEquals(html.includes("read_sheet"), false);
    assertStrictEquals(await app.services.batches.draftWorkbook(owner.id, id), null);
  }));
