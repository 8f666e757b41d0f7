/** Pasted tables, and text saved by spreadsheet programs. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { kindAt } from "../../lib/batches/model/table.ts";
import { decodingText } from "../../lib/batches/table/decode.ts";
import { gridOf, noted, problemOf, tableOf } from "./read.ts";

type Grid = readonly (readonly string[])[];

const utf16 = (text: string, isBig: boolean, hasMark: boolean): Uint8Array => {
  const whole = hasMark ? `\uFEFF${text}` : text;
  const view = new DataView(new ArrayBuffer(whole.length * 2));
  for (let at = 0; at < whole.length; at++) view.setUint16(at * 2, whole.charCodeAt(at), !isBig);
  return new Uint8Array(view.buffer);
};
const utf8 = (text: string) => new TextEncoder().encode(text);
const latin = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

const ACME: Grid = [["company", "country"], ["Acme", "DE"], ["Globex", "US"]];

const READ: readonly (readonly [name: string, source: string | Uint8Array, grid: Grid])[] = [
  ["commas", "company,country\nAcme,DE\nGlobex,US\n", ACME],
  ["CRLF", "company,country\r\nAcme,DE\r\nGlobex,US\r\n", ACME],
  ["the line ends of old Macs", "company,country\rAcme,DE\rGlobex,US", ACME],
  ["mixed line ends", "company,country\r\nAcme,DE\nGlobex,US\r", ACME],
  ["no line end at the end", "company,country\nAcme,DE\nGlobex,US", ACME],
  ["tabs", "company\tcountry\nAcme\tDE\nGlobex\tUS\n", ACME],
  ["semicolons", "company;country\nAcme;DE\nGlobex;US\n", ACME],
  ["bars", "company|country\nAcme|DE\nGlobex|US\n", ACME],
  ["Markdown", "| company | country |\n|---|:-:|\n| Acme | DE |\n| Globex | US |\n", ACME],
  [
    "Markdown without outer bars",
    "company | country\r\n--- | ---\r\nAcme | DE\r\nGlobex | US",
    ACME,
  ],
  ["Markdown with a bar in a cell", "| a | b |\n| - | - |\n| x \\| y | `z` |\n| | w |\n| - | - |", [
    ["a", "b"],
    ["x | y", "`z`"],
    ["", "w"],
    ["-", "-"],
  ]],
  [
    "what psql prints",
    " company | country \n---------+---------\n Acme    | DE\n Globex  | US\n(2 rows)\n",
    ACME,
  ],
  [
    "what mysql prints",
    "+---------+---------+\n| company | country |\n+---------+---------+\n| Acme    | DE      |\n| Globex  | US      |\n+---------+---------+\n",
    ACME,
  ],
  ["Excel's sep line", "sep=;\r\ncompany;country\r\nAcme;DE\r\nGlobex;US\r\n", ACME],
  ["a sep line with a mark", "\uFEFFsep=,\ncompany,country\nAcme,DE\nGlobex,US\n", ACME],
  ["a byte order mark", utf8("\uFEFFcompany,country\nAcme,DE\nGlobex,US\n"), ACME],
  ["UTF-16 LE", utf16("company\tcountry\r\nAcme\tDE\r\nGlobex\tUS\r\n", false, true), ACME],
  ["UTF-16 BE", utf16("company\tcountry\r\nAcme\tDE\r\nGlobex\tUS\r\n", true, true), ACME],
  ["UTF-16 LE without a mark", utf16("company,country\nAcme,DE\nGlobex,US", false, false), ACME],
  ["UTF-16 BE without a mark", utf16("company,country\nAcme,DE\nGlobex,US", true, false), ACME],
  ["Windows-1252", latin("company,country\nCaf\xe9 \x80,DE\n"), [ACME[0]!, ["Café €", "DE"]]],
  [
    "quotes, delimiters and line breaks in cells",
    'name,note\r\n"Acme, Inc","said ""hi""\r\nand left"\r\n"",x\r\n',
    [["name", "note"], ["Acme, Inc", 'said "hi"\r\nand left'], ["", "x"]],
  ],
  ["UTF-16 BE without a mark in another script", utf16("名前,都市\n一番,東京\n", true, false), [
    ["名前", "都市"],
    ["一番", "東京"],
  ]],
  [
    "UTF-16 LE without a mark in another script",
    utf16("Фирма\tГород\r\nОзон\tМосква", false, false),
    [
      ["Фирма", "Город"],
      ["Озон", "Москва"],
    ],
  ],
  ["decimal commas in every cell", "1,5;2,5\n3,25;-4,75\n", [
    ["Column 1", "Column 2"],
    ["1,5", "2,5"],
    ["3,25", "-4,75"],
  ]],
  [
    "decimal commas between tabs, below headings with commas",
    "Preis, netto\tSteuer, 19%\n1,5\t2,5\n",
    [
      ["Preis, netto", "Steuer, 19%"],
      ["1,5", "2,5"],
    ],
  ],
  ["names that every object has", '{"__proto__":"x","toString":1}\n{"constructor":"y"}\n', [
    ["__proto__", "toString", "constructor"],
    ["x", "1", ""],
    ["", "", "y"],
  ]],
  ["decimal commas between semicolons", "name;price\nA;1,5\nB;2,5\n", [
    ["name", "price"],
    ["A", "1,5"],
    ["B", "2,5"],
  ]],
  ["semicolons inside of quotes between commas", 'name,tags\nA,"x;y;z"\nB,"x;y"\nC,"u;v"\n', [
    ["name", "tags"],
    ["A", "x;y;z"],
    ["B", "x;y"],
    ["C", "u;v"],
  ]],
  ["spaces before a quotation mark", 'a, "b, c"\n1, "2, 3"\n', [["a", "b, c"], ["1", "2, 3"]]],
  ["an inch in a cell", 'item,size\npipe,5"\nrod,2" x 4"\n', [
    ["item", "size"],
    ["pipe", '5"'],
    ["rod", '2" x 4"'],
  ]],
  ["leading zeros and long ids", "zip,id\n01067,12345678901234567890\n00501,1e5\n", [
    ["zip", "id"],
    ["01067", "12345678901234567890"],
    ["00501", "1e5"],
  ]],
  ["a list with commas in it, one a line", "company\nAcme, Inc\nGlobex\nInitech\nHooli, LLC\n", [
    ["company"],
    ["Acme, Inc"],
    ["Globex"],
    ["Initech"],
    ["Hooli, LLC"],
  ]],
  [
    "questions with commas in them, one a line",
    "Who, if anybody, leads Acme?\nWhere, and when?\nWhy?\n",
    [
      ["Column 1"],
      ["Who, if anybody, leads Acme?"],
      ["Where, and when?"],
      ["Why?"],
    ],
  ],
  [
    "headings of columns that nobody filled in",
    "company,CEO,Is public?\nAcme\nGlobex\nHooli\nInitech\n",
    [
      ["company", "CEO", "Is public?"],
      ["Acme", "", ""],
      ["Globex", "", ""],
      ["Hooli", "", ""],
      ["Initech", "", ""],
    ],
  ],
  ["rows of every length", "a,b,c\n1,2\n1,2,3,4\nx\n", [
    ["a", "b", "c", "Column 4"],
    ["1", "2", "", ""],
    ["1", "2", "3", "4"],
    ["x", "", "", ""],
  ]],
  ["spaces behind every comma", "name, city\nAcme, Berlin\n", [["name", "city"], [
    "Acme",
    " Berlin",
  ]]],
  ["a list without a heading", "Acme\nGlobex\nInitech\n", [["Column 1"], ["Acme"], ["Globex"], [
    "Initech",
  ]]],
  ["a JSON list of objects", '[{"name":"Acme","n":1.0},{"n":2,"city":"Köln"}]', [
    ["name", "n", "city"],
    ["Acme", "1.0", ""],
    ["", "2", "Köln"],
  ]],
  ["JSON with a byte order mark", utf8('\uFEFF[{"a":1}]'), [["a"], ["1"]]],
  ["a JSON list of texts", '["Acme", "Globex"]', [["input"], ["Acme"], ["Globex"]]],
  ["a JSON list of lists", '[["name","city"],["Acme","Berlin"]]', [["name", "city"], [
    "Acme",
    "Berlin",
  ]]],
  ["lines of JSON", '{"a":1,"b":{"c":[1]}}\n\n{"a":12345678901234567890}\r\n', [
    ["a", "b"],
    ["1", '{"c":[1]}'],
    ["12345678901234567890", ""],
  ]],
  ["one object over several lines", '{\n  "name": "Acme"\n}', [["name"], ["Acme"]]],
  ["a cell that was kept from being a formula", "name,note\n'=1+1,'+1 (555) 0100\n'x,'-5\n", [
    ["name", "note"],
    ["=1+1", "+1 (555) 0100"],
    ["'x", "'-5"],
  ]],
];

for (const [name, source, grid] of READ) {
  Deno.test(`${name}: the cells are unchanged`, async () => {
    assertEquals(await gridOf(source), grid.map((row) => [...row]));
  });
}

const NOTED: readonly (readonly [
  name: string,
  source: string | Uint8Array,
  notes: readonly string[],
  grid?: Grid,
])[] = [
  ["Windows-1252", latin("company,x\nAcme,1\nCaf\xe9,2\n"), ["encoding 3 - 1"]],
  ["damaged UTF-8", latin("company,x\n\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xe9,2\n"), [
    "replaced_characters 2 - 1",
  ]],
  ["headings that repeat", "url,name,url,url\nb,a,b,c\n", ["duplicate_heading 1 3 2"], [
    ["url", "name", "url (2)", "url (3)"],
    ["b", "a", "b", "c"],
  ]],
  ["a made-up name that is taken", "a,a,a (2)\n1,2,3\n", ["duplicate_heading 1 2 1"], [
    ["a", "a (3)", "a (2)"],
    ["1", "2", "3"],
  ]],
  [
    "headings and rows that only seem to hold something",
    "\u200b,\ufeffname\u200b,city\nx,Acme,Berlin\n\u2060,\u00ad, \u200e\nx,Globex,Paris\n",
    ["empty_heading 1 1 1", "blank_rows 3 - 1"],
    [
      ["Column 1", "name", "city"],
      ["x", "Acme", "Berlin"],
      ["\u2060", "\u00ad", " \u200e"],
      ["x", "Globex", "Paris"],
    ],
  ],
  ["headings that are empty", "name,,city\nAcme,x,Berlin\n", ["empty_heading 1 2 1"], [
    ["name", "Column 2", "city"],
    ["Acme", "x", "Berlin"],
  ]],
  ["trailing delimiters without values", "name,city,,\nAcme,Berlin,,\n", [], [
    ["name", "city"],
    ["Acme", "Berlin"],
  ]],
  ["rows that are too long", "name,city\nAcme,Berlin, DE\nGlobex,Paris\nHooli,Rome\n", [
    "empty_heading 1 3 1",
    "long_rows 2 - 1",
  ], [
    ["name", "city", "Column 3"],
    ["Acme", "Berlin", " DE"],
    ["Globex", "Paris", ""],
    ["Hooli", "Rome", ""],
  ]],
  ["rows that are too short", "a,b,c\nx,y\nx,y,z\nu\n", ["short_rows 2 - 2"]],
  ["blank rows, but none at the end", "a,b\nx,y\n\n,\nu,v\n\n\n", ["blank_rows 3 - 2"], [
    ["a", "b"],
    ["x", "y"],
    ["", ""],
    ["", ""],
    ["u", "v"],
  ]],
  ["rows that repeat", "a,b\nx,y\nu,v\n x ,y\n", ["duplicate_rows 4 - 1"]],
  ["totals", "name,staff\nA,10\nB,32\nTotal,42\n", ["totals_row 4 - 1"]],
  ["totals without a word", "name,city,staff\nA,X,10\nB,Y,32\nC,Z,8\n,,50\n", [
    "totals_row 5 - 1",
  ]],
  ["a company named Total", "name,city\nShell,London\nTotal,Paris\n", []],
  ["no headings above addresses", "acme.com,DE\nglobex.com,US\n", ["no_header 1 - 1"], [
    ["Column 1", "Column 2"],
    ["acme.com", "DE"],
    ["globex.com", "US"],
  ]],
  ["an address as a heading without values", "name,Node.js\nA,\nB,\n", [], [
    ["name", "Node.js"],
    ["A", ""],
    ["B", ""],
  ]],
  ["one row without headings", "acme.com,DE\n", ["no_header 1 - 1"]],
  ["years as headings", "country,2022,2023\nDE,4,5\nUS,25,27\n", [], [
    ["country", "2022", "2023"],
    ["DE", "4", "5"],
    ["US", "25", "27"],
  ]],
  ["a title above the headings", "Customers 2024,,\n,,\nname,city,staff\nA,B,1\n", [
    "title_skipped 1 - 2",
  ], [["name", "city", "staff"], ["A", "B", "1"]]],
  [
    "a title right above headings",
    "Customers 2024,,\nname,city,staff\nAcme,Lyon,3\n",
    ["title_skipped 1 - 1"],
    [["name", "city", "staff"], ["Acme", "Lyon", "3"]],
  ],
  [
    "one heading above columns of text",
    "company,,\nAcme,Lyon,France\nGlobex,Rome,Italy\n",
    ["empty_heading 1 2 2"],
  ],
  ["a quotation mark inside of a quoted cell", 'a,b\n"Acme" Inc,x\n', ["stray_quote 2 1 1"], [
    ["a", "b"],
    ["Acme Inc", "x"],
  ]],
];

for (const [name, source, notes, grid] of NOTED) {
  Deno.test(`${name}: noted with its place`, async () => {
    const table = await tableOf(source);
    assertEquals(noted(table), [...notes]);
    if (grid !== undefined) assertEquals(await gridOf(source), grid.map((row) => [...row]));
    for (const { message } of table.notes) assertMatch(message, /^[A-Z\d].*\.$/s);
  });
}

const REFUSED: readonly (readonly [
  name: string,
  source: string | Uint8Array,
  place: readonly [line: number | null, column: number | null],
  message: RegExp,
])[] = [
  ["nothing", "  \n ", [null, null], /empty/],
  ["headings alone", "name,city\n", [1, null], /but no rows/],
  [
    "a quotation mark that never closes",
    'a,b\r\n1,"x\r\ny"\r\n3,"z\r\n4,5\r\n',
    [4, 2],
    /never closed/,
  ],
  ["JSON that is cut off", '[{"a":1},\n{"a":2}', [2, null], /cut off/],
  ["JSON with a mistake", '[{"a":1},\n  {"a":2,}\n]', [2, 10], /not JSON/],
  ["JSON with an extra comma", '[{"a":1},\n{"a":2},\n]', [3, 1], /extra comma/],
  ["text behind a JSON list", '[{"a":1}]\n x', [2, 2], /after the end/],
  ["objects and texts in one list", '[{"a":1},\n"x"]', [2, null], /an object/],
  ["a member that is there twice", '[{"a":1},\n  {"a":2, "a":3}]', [2, 11], /“a” appears twice/],
  ["a member twice in a cell", '{"a":{"b":1,"\\u0062":2}}\n', [1, 13], /“b” appears twice/],
  ["lines of JSON with a mistake", '{"a":1}\n{"a":}\n', [2, 6], /not JSON/],
  ["an object around the rows", '{"ok":true,\n"data":[{"a":1},{"a":2}]}', [1, null], /“data”/],
  ["an object around the rows on one line", '{"data":[{"a":1},{"a":2}]}', [1, null], /“data”/],
  ["binary data", new Uint8Array([1, 2, 0, 0, 0, 5, 10, 3]), [1, null], /binary/],
  ["a PDF", utf8("%PDF-1.7\n"), [null, null], /PDF/],
  ["an old Excel file", latin("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), [null, null], /XLS/],
  ["a web page", "<html><table><tr><td>x</td></tr></table></html>", [null, null], /web page/],
];

for (const [name, source, [line, column], message] of REFUSED) {
  Deno.test(`${name}: rejected with the place and a fix`, async () => {
    const problem = await problemOf(source);
    assertMatch(problem.message, message);
    assertEquals([problem.line, problem.column], [line, column]);
  });
}

Deno.test("lines are counted as in an editor, whatever the cells above contain", async () => {
  const table = await tableOf('a,b\r\n"x\r\ny\r\nz",1\r\nu,2\r\n"p\nq",3\nr,4\n');
  assertEquals(table.rows.map(({ line }) => line), [2, 5, 6, 8]);
});

Deno.test("JSON values keep their types", async () => {
  const table = await tableOf('[{"s":"1","n":1,"b":true,"o":[1],"e":null}]');
  assertEquals(table.columns.map((_, at) => kindAt(table.rows[0]!, at)), [
    "text",
    "number",
    "boolean",
    "json",
    "text",
  ]);
});

Deno.test("the file extension takes precedence over the file's first characters", async () => {
  assertEquals(await gridOf("[x],{y}\n1,2\n", { fileName: "A.CSV" }), [["[x]", "{y}"], ["1", "2"]]);
  assertEquals(await gridOf("a,b\tc\n1\t2\n", { fileName: "a.tsv" }), [["a,b", "c"], ["1", "2"]]);
  assertEquals(await gridOf('{"a":1}', { fileName: "a.jsonl" }), [["a"], ["1"]]);
  assertEquals(await gridOf("{x}\tb\n1\t2\n"), [["{x}", "b"], ["1", "2"]]);
});

Deno.test("detected options can be overridden", async () => {
  const text = "acme.com,DE\nglobex.com,US\n";
  assertEquals((await gridOf(text, { header: true }))[0], ["acme.com", "DE"]);
  assertEquals(await gridOf("a;b\nc;d\n", { format: "tsv", header: true }), [["a;b"], ["c;d"]]);
  assertEquals((await gridOf("company\nAcme\n", { header: false }))[1], ["company"]);
  assertEquals((await gridOf('{"a":1}', { format: "csv", header: false }))[1], ['{"a":1}']);
});

Deno.test("a column keeps its original heading even if its name changes", async () => {
  const table = await tableOf(" Company  name ,Company name\nAcme,x\n");
  assertEquals(table.columns, [
    { name: "Company name", heading: " Company  name " },
    { name: "Company name (2)", heading: "Company name" },
  ]);
  assertStrictEquals(table.header_line, 1);
});

Deno.test("a large table is decoded in steps, whatever its encoding and wherever it is damaged", () => {
  const line = "Firm;Straße 12;80331 München\n", lines = line.repeat(60_000);
  const utf8 = new TextEncoder().encode(lines);
  const latin = Uint8Array.from(lines, (letter) => letter.charCodeAt(0));
  const damaged = utf8.with(utf8.length - 1, 0xff);
  const utf16 = new Uint8Array(new Uint16Array([0xfeff, ...latin]).buffer);
  for (
    const [bytes, encoding, text] of [
      [utf8, "utf-8", lines],
      [latin, "windows-1252", lines],
      [damaged, "utf-8", lines.slice(0, -1) + "\ufffd"],
      [utf16, "utf-16le", lines],
    ] as const
  ) {
    const decoding = decodingText(bytes);
    let steps = 0, next = decoding.next();
    for (; !next.done; next = decoding.next()) steps++;
    assertEquals([next.value.encoding, next.value.text === text], [encoding, true]);
    assert(steps >= bytes.length / 65_536, `${encoding}: ${steps} steps`);
  }
});
