/** Files that are too large, too deep or malicious give a clear message, use little memory and do not block. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { clearImmediate, setImmediate } from "node:timers";
import { Zip, ZipDeflate } from "fflate";
import { readTable, type ReadTableOptions } from "../../lib/batches/mod.ts";
import { TABLE_LIMITS } from "../../lib/batches/model/mod.ts";
import { delimitedRows } from "../../lib/batches/table/delimited.ts";
import { nextTurn } from "../../lib/base/paced.ts";
import { gridOf, problemOf, tableOf } from "./read.ts";
import { inlineRows, workbook } from "./workbook.ts";

const MIB = 1024 * 1024;

/** A workbook whose sheet is `before`, then `filler` over and over, compressed as it is made. */
function bomb(part: string, before: string, filler: string, bytes: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((_, chunk) => void chunks.push(chunk));
  const add = (name: string, text: Iterable<string>) => {
    const file = new ZipDeflate(name, { level: 9 });
    zip.add(file);
    for (const piece of text) file.push(new TextEncoder().encode(piece));
    file.push(new Uint8Array(), true);
  };
  add("_rels/.rels", [
    '<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>',
  ]);
  add("xl/workbook.xml", ['<workbook><sheets><sheet name="S" id="s"/></sheets></workbook>']);
  add("xl/_rels/workbook.xml.rels", [
    '<Relationships><Relationship Id="s" Type="x/worksheet" Target="sheet.xml"/>' +
    '<Relationship Id="t" Type="x/sharedStrings" Target="strings.xml"/></Relationships>',
  ]);
  const large = function* () {
    yield before;
    const piece = filler.repeat(Math.ceil(256 * 1024 / filler.length));
    for (let made = 0; made < bytes; made += piece.length) yield piece;
  };
  for (const name of ["sheet.xml", "strings.xml"]) {
    add(`xl/${name}`, name === part ? large() : ["<x/>"]);
  }
  zip.end();
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const wide = (columns: number, cell = "x") => Array.from({ length: columns }, () => cell).join(",");
const rows = (count: number) => Array.from({ length: count }, (_, at) => `a${at},b`).join("\n");
const SHEET = "<worksheet><sheetData>";

const HOSTILE: readonly (readonly [
  name: string,
  source: () => string | Uint8Array,
  message: RegExp,
  place: readonly [line: number | null, column: number | null],
  options?: ReadTableOptions,
])[] = [
  ["a file of 22 MiB", () => new Uint8Array(22 * MIB).fill(97), /larger than 20 MiB/, [null, null]],
  ["a paste of 22 MiB", () => "a,b\n".repeat(5.5 * MIB), /larger than 20 MiB/, [null, null]],
  ["a smaller limit", () => "a,b\n1,2\n", /larger than 0\.0 MiB/, [null, null], {
    limits: { bytes: 4 },
  }],
  ["10,001 rows", () => `a,b\n${rows(10_001)}`, /more than 10,000 rows/, [null, null]],
  ["a million rows", () => `a,b\n${rows(1_000_000)}`, /more than 10,000 rows/, [null, null]],
  ["2,000 columns", () => `${wide(2_000)}\n${wide(2_000)}`, /more than 500 columns/, [1, 501]],
  [
    "2,000 members",
    () =>
      `[${JSON.stringify(Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [at, 1])))}]`,
    /2,000 members/,
    [1, null],
  ],
  [
    "2,000 columns over many JSON rows",
    () => Array.from({ length: 2_000 }, (_, at) => `{"c${at}":1}`).join("\n"),
    /more than 500 columns/,
    [501, 501],
  ],
  [
    "2,000 columns of a sheet",
    () =>
      workbook({
        sheets: [{
          name: "S",
          data: `<row r="3">${'<c t="str"><v>x</v></c>'.repeat(2_000)}</row>`,
        }],
      }),
    /more than 500 columns/,
    [3, 501],
  ],
  [
    "five million short cells",
    () => `${wide(500, "h")}\n${`${wide(500, "a")}\n`.repeat(9_900)}`,
    /more than 2,000,000 cells/,
    [4001, null],
  ],
  ["nothing but broken bytes", () => new Uint8Array(19 * MIB).fill(0xe9), /characters/, [1, 1]],
  ["nothing but line breaks and a zero", () => "\n".repeat(19 * MIB) + "\0", /binary/, [
    19 * MIB + 1,
    null,
  ]],
  ["nothing but spaces in a JSON list", () => `[${" ".repeat(19 * MIB)}1,]`, /extra comma/, [
    1,
    19 * MIB + 4,
  ], { format: "json" }],
  ["a cell of 1 MB", () => `a,b\nx,${"y".repeat(1_000_000)}\n`, /1,000,000 characters/, [2, 2]],
  ["a cell of 1 MB of JSON", () => `{"a":"${"y".repeat(1_000_000)}"}`, /1,000,000 characters/, [
    1,
    1,
  ]],
  [
    "a cell of 1 MB of a sheet",
    () => workbook({ sheets: [{ name: "S", data: inlineRows([["a"], ["y".repeat(1_000_000)]]) }] }),
    /characters, more than the 262,144/,
    [2, 1],
  ],
  [
    "a quotation mark that swallows the rest",
    () => `a,b\nx,"y\n${"u,v\n".repeat(100_000)}"`,
    /quotation mark that opens/,
    [2, 2],
  ],
  ["a row nested 600 deep", () => `[{"a":1},\n{"a":${deep(600)}}]`, /deeper than 500 levels/, [
    2,
    null,
  ]],
  ["a line nested 600 deep", () => `{"a":1}\n{"a":${deep(600)}}`, /deeper than 500 levels/, [
    2,
    null,
  ]],
  ["a row nested 100,000 deep", () => `[${deep(100_000)}]`, /deeper than 500 levels/, [1, null]],
  ["brackets without end", () => "[".repeat(10 * MIB), /cut off/, [1, null]],
  ["braces without end", () => '{"a":'.repeat(2 * MIB), /JSON/, [1, null]],
  [
    "one shared text in many cells",
    () =>
      workbook({
        sheets: [{
          name: "S",
          data: `<row>${'<c t="s"><v>0</v></c>'.repeat(100)}</row>`.repeat(5_000),
        }],
        strings: `<si><t>${"x".repeat(10_000)}</t></si>`,
      }),
    /adds up to more than 20 MiB/,
    [21, null],
  ],
  [
    "a sheet of one cell that unpacks to 140 MiB",
    () => bomb("sheet.xml", `${SHEET}<row><c t="str"><v>`, "x", 140 * MIB),
    /unpacks to more than 128 MiB/,
    [null, null],
  ],
  [
    "shared texts without end",
    () => bomb("strings.xml", "<sst>", "<si><t>xxxxxxxx</t></si>", 120 * MIB),
    /more text than a table/,
    [null, null],
  ],
  [
    "empty rows without end",
    () => bomb("sheet.xml", SHEET, "<row/>", 140 * MIB),
    /unpacks to more than 128 MiB/,
    [null, null],
  ],
  [
    "an attribute without end",
    () => bomb("sheet.xml", `${SHEET}<row r="`, "1", 20 * MIB),
    /cannot be read/,
    [null, null],
  ],
  [
    "a tag without end",
    () => bomb("sheet.xml", `${SHEET}<row `, 'a="1>" \'', 100 * MIB),
    /cannot be read/,
    [null, null],
  ],
  ["nothing but commas", () => ",".repeat(19 * MIB), /more than 500 columns/, [1, 501]],
  [
    "nothing but line breaks and one value",
    () => `a${"\n".repeat(2 * MIB)}b`,
    /more than 10,000 rows/,
    [null, null],
  ],
  ["nothing but quotation marks", () => '"'.repeat(10 * MIB + 1), /close the quotation mark/, [
    1,
    1,
  ]],
  ["quotation marks after spaces", () => ' "'.repeat(5 * MIB), /./, [1, 1]],
];

for (const [name, source, message, place, options] of HOSTILE) {
  Deno.test(`${name}: a clear error message`, async () => {
    const problem = await problemOf(source(), options);
    assertMatch(problem.message, message);
    assertMatch(problem.message, /^[A-Z].*\.\)?$/s);
    assertEquals([problem.line, problem.column], [...place]);
  });
}

for (const blank of ["\n", "\r\n", ", ,\n"]) {
  Deno.test(`of millions of ${JSON.stringify(blank)} only the first are read`, async () => {
    const lines = 2_000_000;
    const text = `a,b\n${blank.repeat(lines)}c,d\n`;
    let count = 0, last: { line: number; cells: readonly string[] } | null = null;
    for await (const row of delimitedRows(text, ",", TABLE_LIMITS)) {
      count++;
      last = row;
    }
    assert(count < 2 * TABLE_LIMITS.rows, `${count} rows`);
    assertEquals([last!.line, last!.cells], [lines + 2, ["c", "d"]]);
  });
}

/** How often the event loop comes round while something runs. */
async function turnsDuring(run: () => Promise<unknown>): Promise<number> {
  let turns = 0, isOver = false;
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  const first = setImmediate(count);
  await run();
  isOver = true;
  clearImmediate(first);
  await nextTurn();
  return turns;
}

/** As large as they may be. */
const LARGE: readonly (readonly [
  name: string,
  source: () => string | Uint8Array,
  turns: number,
])[] = [
  ["CSV", () => {
    const cell = `"${"x".repeat(90)},"`;
    return `${wide(20, "h")}\n${`${wide(20, cell)}\n`.repeat(9_900)}`;
  }, 40],
  ["JSON", () => {
    const row = JSON.stringify(
      Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`c${at}`, [at, "x".repeat(30)]])),
    );
    return `[${Array.from({ length: 9_900 }, () => row).join(",\n")}]`;
  }, 60],
  ["CSV with 190 columns", () => `${wide(190, "h")}\n${`${wide(190, "abc")}\n`.repeat(9_900)}`, 40],
  ["XLSX", () =>
    workbook({
      sheets: [{
        name: "S",
        data: Array.from({ length: 10_000 }, (_, y) =>
          `<row r="${y + 1}">${
            Array.from({ length: 50 }, (_, x) =>
              x % 2 === 0 ? `<c s="1"><v>${y}.5</v></c>` : '<c t="s"><v>0</v></c>').join("")
          }</row>`).join(""),
      }],
      strings: `<si><t>${"x".repeat(20)}</t></si>`,
    }), 40],
];

for (const [name, source, turns] of LARGE) {
  Deno.test(`reading a large table of ${name} yields to the event loop`, async () => {
    const large = source();
    let read: Awaited<ReturnType<typeof readTable>> | null = null;
    const had = await turnsDuring(async () => void (read = await readTable(large)));
    const table = read as Awaited<ReturnType<typeof readTable>> | null;
    assert(table?.ok, JSON.stringify(table));
    assert(table.table.rows.length > 9_000);
    assert(had >= turns, `${had} turns`);
  });
}

Deno.test("long cells that are hard for regular expressions take linear time", async () => {
  for (
    const unit of ["_", " ", "a_", " 1", "@.", "a.", "-", "$ ", "{{", "' ", "1,", "[", "_x0041_"]
  ) {
    const cell = `x${unit.repeat(200_000 / unit.length)}`;
    for (
      const text of [`${cell}\n${cell} y\n`, `a\tb\n${cell}\t1\n${cell}!\t2\nTotal ${cell}\t3\n`]
    ) {
      const read = await readTable(text, { header: false });
      assert(read.ok, unit);
      // As the first row, perhaps a header of too many characters.
      await readTable(text);
    }
  }
  const code = "[".repeat(30_000);
  const book = workbook({
    sheets: [{
      name: "S",
      data: `<row><c s="0"><v>1</v></c>${"<c " + "a ".repeat(30_000) + "t:x='1'"}/></row>`,
    }],
    styles:
      `<numFmts><numFmt numFmtId="164" formatCode="${code}"/></numFmts><cellXfs><xf numFmtId="164"/></cellXfs>`,
  });
  assertStrictEquals((await tableOf(book)).rows.length, 1);
});

Deno.test("a table at the limits is read completely", async () => {
  const table = await tableOf(`a,b\n${rows(10_000)}`);
  assertStrictEquals(table.rows.length, 10_000);
  assertStrictEquals((await gridOf(`${wide(500, "h")}\n${wide(500)}`))[1]!.length, 500);
  assertStrictEquals((await tableOf(`[{"a":1},{"a":${deep(498)}}]`)).rows.length, 2);
});
