import assert from "node:assert/strict";
import fc from "fast-check";
import { type Cell, csvText } from "../../lib/exports/csv.ts";
import { parseCsv } from "./parse_csv.ts";

Deno.test("whatever is in the cells, a reader gets them back, one apostrophe before formulas", () => {
  const cell = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("=1+1", "@x", "a,b", '"', "\r\n"),
  );
  fc.assert(fc.property(fc.array(fc.array(cell, { minLength: 2 }), { minLength: 1 }), (rows) => {
    const back = parseCsv(csvText(rows));
    assert.equal(back.length, rows.length);
    for (const [y, row] of rows.entries()) {
      for (const [x, text] of row.entries()) {
        const got = back[y]?.[x];
        assert.ok(got === text || got === `'${text}`, JSON.stringify({ text, got }));
      }
    }
  }));
});

const FORMULAS = [
  '=HYPERLINK("http://evil.example")',
  "+cmd|' /C calc'!A0",
  "-2+3+cmd|' /C calc'!A0",
  "@SUM(1)",
  "\t=1",
  "\r=1",
  "  =1",
  "＝1+1",
  "+1 (555) 0100",
];

for (const formula of FORMULAS) {
  Deno.test(`${JSON.stringify(formula)} is no formula to a spreadsheet`, () => {
    const [[cell]] = parseCsv(csvText([[formula]])) as [[string]];
    assert.equal(cell, `'${formula}`);
  });
}

const PLAIN: readonly (readonly [cell: Cell, text: string])[] = [
  [-5, "-5"],
  ["-5", "-5"],
  ["+3.5 %", "+3.5 %"],
  ["-1,234.5", "-1,234.5"],
  [1e21, "1e+21"],
  [true, "true"],
  [null, ""],
  ["日本語", "日本語"],
  ["שלום", "שלום"],
  ["a-b", "a-b"],
];

for (const [cell, text] of PLAIN) {
  Deno.test(`${JSON.stringify(cell)} stays ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseCsv(csvText([[cell, "x"]])), [[text, "x"]]);
  });
}
