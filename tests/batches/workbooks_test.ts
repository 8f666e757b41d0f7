/** Workbooks as Excel, LibreOffice, Google Sheets and libraries write them. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { kindAt } from "../../lib/batches/model/table.ts";
import { gridOf, noted, problemOf, tableOf } from "./read.ts";
import { inlineRows, workbook, zipped } from "./workbook.ts";

const one = (data: string, more: object = {}) =>
  workbook({ sheets: [{ name: "Sheet1", data }], ...more });
const text = (place: string, value: string) =>
  `<c r="${place}" t="inlineStr"><is><t>${value}</t></is></c>`;
const HEAD = `<row r="1">${text("A1", "name")}${text("B1", "value")}</row>`;

/** A sheet with one row whose second cell is given, and how that cell reads. */
const CELLS: readonly (readonly [
  name: string,
  cell: string,
  shown: string,
  kind: string,
  more?: object,
])[] = [
  ["a shared text", '<c r="B2" t="s"><v>1</v></c>', "Köln & Bonn", "text", {
    strings: "<si><t>x</t></si><si><t>Köln &amp; Bonn</t></si>",
  }],
  ["a rich text without its reading", '<c r="B2" t="s"><v>0</v></c>', "東京 now", "text", {
    strings:
      '<si><r><t>東京</t></r><r><rPr><b/></rPr><t xml:space="preserve"> now</t></r><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si>',
  }],
  ["an inline text with an escaped character", text("B2", "a_x000D_&#10;b"), "a\r\nb", "text"],
  ["CDATA", text("B2", "<![CDATA[<b> & co]]>"), "<b> & co", "text"],
  ["a formula's text", '<c r="B2" t="str"><f>A1&amp;"x"</f><v>namex</v></c>', "namex", "text"],
  ["a formula's number", '<c r="B2"><f>1+1</f><v>2</v></c>', "2", "number"],
  ["true", '<c r="B2" t="b"><v>1</v></c>', "TRUE", "boolean"],
  ["false", '<c r="B2" t="b"><v>0</v></c>', "FALSE", "boolean"],
  ["a failed formula", '<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!", "error"],
  ["an ISO date", '<c r="B2" t="d"><v>2024-03-15T00:00:00</v></c>', "2024-03-15", "date"],
  ["what a double adds", '<c r="B2"><v>0.30000000000000004</v></c>', "0.3", "number"],
  ["a long id", '<c r="B2"><v>1.23456789012345E+17</v></c>', "123456789012345000", "number"],
  ["a number without its place", "<c/><c><v>7</v></c>", "7", "number"],
];

for (const [name, cell, shown, kind, more] of CELLS) {
  Deno.test(`${name} is read as displayed`, async () => {
    const first = name.includes("without its place") ? "" : text("A2", "x");
    const table = await tableOf(
      one(`${HEAD}<row r="2">${first}${cell}</row><row r="3">${text("A3", "y")}</row>`, more),
      { header: true },
    );
    assertStrictEquals(table.rows[0]!.cells[1], shown);
    assertStrictEquals(kindAt(table.rows[0]!, 1), kind);
  });
}

/** A format and how a number reads in it. */
const FORMATS: readonly (readonly [code: string | number, value: string, shown: string])[] = [
  ["yyyy-mm-dd", "45366", "2024-03-15"],
  ["dd.mm.yyyy", "45366", "15.03.2024"],
  ["d/m/yy", "45366", "15/3/24"],
  ["[$-409]mmmm d, yyyy;@", "45366", "March 15, 2024"],
  ["[$-F800]dddd, mmmm dd, yyyy", "45366", "Friday, March 15, 2024"],
  ["ddd d mmm", "45366", "Fri 15 Mar"],
  ['"Q" yyyy', "45366", "Q 2024"],
  ["yyyy\\-mm\\-dd hh:mm:ss", "45366.75", "2024-03-15 18:00:00"],
  ["h:mm AM/PM", "0.75", "6:00 PM"],
  ["h:mm AM/PM", "0.0", "12:00 AM"],
  ["mm:ss.00", "0.0007291666666666667", "01:03.00"],
  ["[h]:mm", "1.5", "36:00"],
  ["[mm]:ss", "0.0625", "90:00"],
  ["yyyy-mm-dd hh:mm", "45366.999999", "2024-03-16 00:00"],
  [14, "45366", "2024-03-15"],
  [22, "45366.5", "2024-03-15 12:00"],
  [17, "45366", "Mar-24"],
  [57, "45366", "2024-03-15"],
  ["yyyy-mm-dd", "1", "1900-01-01"],
  ["yyyy-mm-dd", "61", "1900-03-01"],
  ["yyyy-mm-dd", "2958465", "9999-12-31"],
  ["yyyy-mm-dd", "2958466", "2958466"],
  ["yyyy-mm-dd", "-1", "-1"],
  ["0%", "0.45", "45%"],
  ["0.0%", "0.1234", "12.3%"],
  ["00000", "1067", "01067"],
  ["000\\-00\\-0000", "12345678", "012-34-5678"],
  ["(000) 000-0000", "5550100123", "(555) 010-0123"],
  ["#,##0.00", "1234.5", "1234.5"],
  ["$#,##0", "1234.5", "1234.5"],
  ['0 "days"', "3", "3"],
  ["General", "3", "3"],
  ["[Red]0.00", "3.14159", "3.14159"],
  [0, "491701234567", "491701234567"],
];

const styled = (code: string | number, is1904 = false) => ({
  is1904,
  styles: typeof code === "number"
    ? `<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="${code}"/></cellXfs>`
    : `<numFmts><numFmt numFmtId="164" formatCode="${
      code.replaceAll("&", "&amp;").replaceAll('"', "&quot;")
    }"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"><alignment/></xf></cellXfs>`,
});

for (const [code, value, shown] of FORMATS) {
  Deno.test(`${value} is shown as ${shown} in the format ${code}`, async () => {
    const rows = `${HEAD}<row r="2">${text("A2", "x")}<c r="B2" s="1"><v>${value}</v></c></row>`;
    const table = await tableOf(one(rows, styled(code)), { header: true });
    assertStrictEquals(table.rows[0]!.cells[1], shown);
  });
}

Deno.test("dates count from 1904 if the workbook says so", async () => {
  const rows = `${HEAD}<row r="2">${text("A2", "x")}<c r="B2" s="1"><v>43904</v></c></row>`;
  const table = await tableOf(one(rows, styled("yyyy-mm-dd", true)), { header: true });
  assertStrictEquals(table.rows[0]!.cells[1], "2024-03-15");
});

Deno.test("cells are placed by column letters, rows by row numbers", async () => {
  const table = await tableOf(one(
    `<row r="2">${text("A2", "a")}${text("C2", "c")}${text("AB2", "ab")}</row>` +
      `<row r="5">${text("C5", "x")}</row><row r="6" ht="15"/><row r="9">${text("A9", "y")}</row>`,
  ));
  assertStrictEquals(table.columns.length, 28);
  assertEquals(table.rows.map(({ line }) => line), [5, 9]);
  assertStrictEquals(table.rows[0]!.cells[2], "x");
});

Deno.test("the first visible sheet with values is read by default, another one by choice", async () => {
  const book = workbook({
    sheets: [
      { name: "Cover", data: "" },
      { name: "Lists", data: inlineRows([["k", "v"], ["a", "b"]]), state: "hidden" },
      { name: "A &amp; B", data: inlineRows([["name", "city"], ["Acme", "Berlin"]]) },
    ],
  });
  const table = await tableOf(book);
  assertStrictEquals(table.sheet, "A & B");
  assertEquals(noted(table), ["sheet - - 1"]);
  assertEquals(table.sheets.map(({ name, hidden }) => [name, hidden]), [
    ["Cover", false],
    ["Lists", true],
    ["A & B", false],
  ]);
  assertEquals(await gridOf(book, { sheet: "Lists" }), [["k", "v"], ["a", "b"]]);
  assertMatch((await problemOf(book, { sheet: "None" })).message, /no sheet “None”/);
});

Deno.test("merged cells count for every row they span", async () => {
  const book = workbook({
    sheets: [{
      name: "S",
      data: inlineRows([["company", "site"], ["Acme", "Berlin"], ["", "Bonn"], ["Globex", "Rome"]]),
      after: '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>',
    }],
  });
  const table = await tableOf(book);
  assertEquals(table.rows.map(({ cells }) => cells[0]), ["Acme", "Acme", "Globex"]);
  assertEquals(noted(table), ["merged_cells - - 1"]);
});

Deno.test("a title that spans several columns is not the heading", async () => {
  const book = workbook({
    sheets: [{
      name: "S",
      data: inlineRows([["Customers"], ["company", "site"], ["Acme", "Berlin"]]),
      after: '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>',
    }],
  });
  const table = await tableOf(book);
  assertEquals(table.columns.map(({ name }) => name), ["company", "site"]);
  assertEquals(noted(table), ["title_skipped 1 - 1"]);
});

Deno.test("formatting far below the last value adds no rows", async () => {
  const empty = Array.from({ length: 30_000 }, (_, at) => `<row r="${at + 3}"><c s="1"/></row>`);
  const table = await tableOf(one(inlineRows([["a", "b"], ["x", "y"]]) + empty.join("")));
  assertStrictEquals(table.rows.length, 1);
});

Deno.test("XML variants of other programs: prefixes, single quotes, line breaks, other folders", async () => {
  const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const rel = "http://purl.oclc.org/ooxml/officeDocument/relationships";
  const book = zipped({
    "_rels/.rels":
      `<?xml version='1.0'?><r:Relationships xmlns:r='p'><r:Relationship Id='a' Type='${rel}/officeDocument' Target='/book/main.xml'/></r:Relationships>`,
    "book/main.xml":
      `<x:workbook xmlns:x='${main}' xmlns:r='${rel}'><x:sheets><x:sheet name='It&apos;s' sheetId='4' r:id='q1'/></x:sheets></x:workbook>`,
    "book/_rels/main.xml.rels":
      `<Relationships><Relationship\n Id = "q1"\n Type="${rel}/worksheet"\n Target="../data/one%20sheet.xml"/></Relationships>`,
    "data/one sheet.xml": `<!-- > --><x:worksheet xmlns:x='${main}'><x:sheetData><x:row>` +
      `<x:c t='str' note='a > b'><x:v>name</x:v></x:c><x:c t='str'><x:v>city</x:v></x:c></x:row>` +
      `<x:row><x:c t='str'><x:v>Acme</x:v></x:c><x:c t='str'><x:v>Berlin</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
  });
  const table = await tableOf(book);
  assertStrictEquals(table.sheet, "It's");
  assertEquals(await gridOf(book), [["name", "city"], ["Acme", "Berlin"]]);
});

Deno.test("a failed formula is noted with its place", async () => {
  const rows = `${HEAD}<row r="2">${text("A2", "x")}<c r="B2" t="e"><v>#N/A</v></c></row>`;
  assertEquals(noted(await tableOf(one(rows), { header: true })), ["error_cells 2 2 1"]);
});

Deno.test("hidden rows and uncomputed formulas are noted with their places", async () => {
  const rows = `${HEAD}<row r="2">${text("A2", "x")}<c r="B2"><f>1+1</f></c></row>` +
    `<row r="3" hidden="1">${text("A3", "y")}<c r="B3" t="str"><f>""</f><v></v></c></row>` +
    '<row r="4" hidden="1"/>' +
    `<row r="5">${text("A5", "z")}<c r="B5"><f>B2*2</f><v></v></c></row>`;
  assertEquals(noted(await tableOf(one(rows), { header: true })), [
    "hidden_rows 3 - 1",
    "unsaved_formulas 2 2 2",
  ]);
});

const REFUSED: readonly (readonly [name: string, book: Uint8Array, message: RegExp])[] = [
  ["an empty workbook", one(""), /No sheet of the workbook has any values/],
  ["an OpenDocument file", zipped({ mimetype: "x", "content.xml": "<x/>" }), /OpenDocument/],
  ["a binary workbook", zipped({ "xl/workbook.bin": "x" }), /XLSB/],
  ["a Numbers document", zipped({ "Index/Document.iwa": "x" }), /Numbers/],
  ["any archive", zipped({ "a.txt": "x" }), /without a workbook/],
  ["half a workbook", one(inlineRows([["a", "b"]])).slice(0, 300), /cut off or damaged/],
  ["XML that ends early", one("<row><c"), /cannot be read/],
  [
    "XML that declares entities",
    one('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'),
    /cannot be read/,
  ],
  [
    "a cell past the last column",
    one('<row r="1"><c r="XFE1"><v>1</v></c></row>'),
    /outside XFD/,
  ],
];

for (const [name, book, message] of REFUSED) {
  Deno.test(`${name}: rejected with a fix`, async () => {
    assertMatch((await problemOf(book)).message, message);
  });
}

Deno.test("a workbook corrupted anywhere is read or rejected, but never throws", async () => {
  const book = one(`${HEAD}<row r="2">${text("A2", "x")}<c r="B2"><v>1</v></c></row>`, {
    strings: "<si><t>x</t></si>",
    ...styled("yyyy"),
  });
  for (let at = 0; at < book.length; at += 3) {
    const broken = book.slice();
    broken[at] = broken[at]! ^ 0xff;
    await gridOf(broken).catch((error) => assertMatch(String(error), /^AssertionError/));
  }
});
