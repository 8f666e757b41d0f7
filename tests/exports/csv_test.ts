import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { type Cell, csvPieces, unescapedCell } from "../../lib/exports/csv.ts";
import { parseCsv } from "./parse_csv.ts";

const csvText = (rows: readonly (readonly Cell[])[]) => [...csvPieces(rows)].join("");

Deno.test("any cells round-trip, except for apostrophes before formulas", () => {
  const cell = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(...'=-+@;\t\n\r ",a1|!(') }),
    fc.constantFrom("=1+1", "@x", "a,b", '"', "\r\n"),
  );
  const bare = (text: string) => text.replaceAll("'", "");
  fc.assert(fc.property(fc.array(fc.array(cell, { minLength: 2 }), { minLength: 1 }), (rows) => {
    const back = parseCsv(csvText(rows));
    assertStrictEquals(back.length, rows.length);
    for (const [y, row] of rows.entries()) {
      for (const [x, text] of row.entries()) {
        const got = back[y]?.[x] ?? "";
        assertStrictEquals(bare(got), bare(text));
        if (!/[=+\-@＝＋－＠﹦﹢﹣﹫\t\r\n]/.test(text)) assertStrictEquals(got, text);
      }
    }
  }));
});

Deno.test("an escaped cell can be read back with its own apostrophes", () => {
  const cell = fc.string({
    unit: fc.constantFrom(...`'=+-@﹦;\t\n\r ",a1|!(.%\u200b\u2067\ufeff\xa0`),
  });
  fc.assert(
    fc.property(cell, (cell) => {
      const [[safe]] = parseCsv(csvText([[cell, "x"]])) as [[string]];
      assertStrictEquals(unescapedCell(safe), cell);
    }),
    { numRuns: 2_000 },
  );
});

const INNER: readonly (readonly [cell: string, text: string])[] = [
  ["\t=1", "'\t'=1"],
  ["\r=1", "'\r'=1"],
  ["x;=1+1", "x;'=1+1"],
  ['x; "=1+1"', 'x; "\'=1+1"'],
  ["x；＝1", "x；'＝1"],
  ["x;- 2＋HYPERLINK（A1）", "x;'- 2＋HYPERLINK（A1）"],
  ["x\n+ cmd｜'/C calc'！A0", "x\n'+ cmd｜'/C calc'！A0"],
  ["x\t@SUM(1)", "x\t'@SUM(1)"],
  ["x\n=HYPERLINK(1)", "x\n'=HYPERLINK(1)"],
  ["x\r\n- cmd|' /C calc'!A0", "x\r\n'- cmd|' /C calc'!A0"],
  ["=1;=2", "'=1;'=2"],
  ["x;\u200b=1", "x;\u200b'=1"],
  ["x\n\u2067\ufeff﹢cmd", "x\n\u2067\ufeff'﹢cmd"],
  ["x\n- 2﹢HYPERLINK﹙A1﹚", "x\n'- 2﹢HYPERLINK﹙A1﹚"],
  ["1; -2; +3.5 %", "1; -2; +3.5 %"],
  ["# Title\n===\n\n- one\n- two\n---", "# Title\n===\n\n- one\n- two\n---"],
  ["a = b; c - d", "a = b; c - d"],
  ["a, -b", "a, -b"],
];

for (const [cell, text] of INNER) {
  Deno.test(`no part of ${JSON.stringify(cell)} is a formula, even if its cell is split`, () => {
    assertEquals(parseCsv(csvText([[cell, "x"]])), [[text, "x"]]);
  });
}

Deno.test("a cell of only white space takes linear time", () => {
  for (const unit of ["\n", " ", ";", '"', "\n ", "\t=", "-", "\u200b", ";\u200b"]) {
    assert(csvText([[`x${unit.repeat(500_000)}`]]).length > 500_000);
    assert(csvText([[unit.repeat(500_000)]]).length > 500_000);
  }
  // What begins like a number, and takes the square of its length to be none.
  for (const cell of [`+1${" ".repeat(300_000)}x`, `x;-1${" ".repeat(300_000)}x`]) {
    assert(csvText([[cell]]).length > 300_000);
  }
});

const FORMULAS = [
  '=HYPERLINK("http://evil.example")',
  "+cmd|' /C calc'!A0",
  "-2+3+cmd|' /C calc'!A0",
  "@SUM(1)",
  "  =1",
  "＝1+1",
  "+1 (555) 0100",
  ...[..."﹦﹢﹣﹫"].map((sign) => `${sign}1+1`),
  // Zero-width, invisible, bidirectional and blank characters, a byte order mark, and several of them.
  ...[
    ..."\u200b\u200c\u200d\u2060\u00ad\u034f\u180e\u3164\ufe0f",
    ..."\u200e\u200f\u061c\u202a\u202e\u2066\u2069",
    ..."\ufeff\u00a0\u202f\u3000\u2028\0\x1b\u{e0020}",
    "\ufeff \u200b\u00a0",
  ].flatMap((before) => ["=1+1", "+cmd", "-cmd", "@x", "﹦1"].map((formula) => before + formula)),
];

for (const formula of FORMULAS) {
  Deno.test(`a spreadsheet does not read ${JSON.stringify(formula)} as a formula`, () => {
    const [[cell]] = parseCsv(csvText([[formula]])) as [[string]];
    assertStrictEquals(cell, `'${formula}`);
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
  ["\u200f-5", "\u200f-5"],
  ["\u202b+3.5 %\u202c", "\u202b+3.5 %\u202c"],
  ["﹣", "'﹣"],
  ["a﹦b", "a﹦b"],
  ["\u200bword", "\u200bword"],
];

for (const [cell, text] of PLAIN) {
  Deno.test(`${JSON.stringify(cell)} becomes ${JSON.stringify(text)}`, () => {
    assertEquals(parseCsv(csvText([[cell, "x"]])), [[text, "x"]]);
  });
}
