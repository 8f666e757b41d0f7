/** Exports of batches, and importing them again. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { strFromU8, unzipSync } from "fflate";
import {
  batchCsv,
  type BatchExport,
  type BatchExportRow,
  batchNdjson,
  batchReports,
  batchXlsx,
  readTable,
  type ReportedRow,
} from "../../lib/batches/mod.ts";
import { outputColumns, type Table } from "../../lib/batches/model/mod.ts";
import { ZipLimitError } from "../../lib/exports/zip.ts";
import type { TaskRunOutput } from "../../lib/parallel/types.ts";
import { parseCsv } from "../exports/parse_csv.ts";
import { runPage, state } from "../pages/fixtures.ts";
import { tableOf } from "./read.ts";

const SCHEMA = {
  type: "object",
  properties: {
    ceo: { type: "string" },
    staff: { type: "integer" },
    seat: { type: "object", properties: { city: { type: "string" } } },
  },
};
const OUTPUT: TaskRunOutput = {
  type: "json",
  content: { ceo: "=Ann", staff: 12, seat: { city: "Rome" } },
  basis: [
    {
      field: "ceo",
      reasoning: "",
      confidence: "low",
      citations: [{ url: "https://a.example/1" }, { url: "https://b.example" }],
    },
    {
      field: "seat.city",
      reasoning: "",
      confidence: "high",
      citations: [{ url: "https://a.example/1" }],
    },
  ],
};

async function* all<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

/** Rows that are done, that failed, and that were not sent. */
function exported(table: Table, more: Partial<BatchExport> = {}) {
  const plan: BatchExport = {
    uploaded: table.columns,
    results: [{ label: null, columns: outputColumns(SCHEMA, true) }],
    sources: false,
    simulated: false,
    ...more,
  };
  const rows = table.rows.map((row, at): BatchExportRow => ({
    row,
    status: ["completed", "failed", "waiting"][at % 3]!,
    reason: at % 3 === 1 ? "No page answered, twice" : null,
    run_id: at % 3 === 2 ? null : `trun_${at}`,
    outputs: [at % 3 === 0 ? OUTPUT : null],
  }));
  return [plan, all(rows)] as const;
}

async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) text += chunk;
  return text;
}

async function bytesOf(chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(ReadableStream.from(chunks)).arrayBuffer());
}

const UPLOADED = "Company , status,id\nAcme,x,007\nGlobex,,1e5\nHooli,=1+1,\n";

Deno.test("CSV: uploaded columns first and unchanged, then values, then each row's status", async () => {
  const table = await tableOf(UPLOADED);
  assertEquals(parseCsv(await textOf(batchCsv(...exported(table)))), [
    ["Company ", " status", "id", "ceo", "staff", "seat.city", "status (2)", "error", "run_id"],
    ["Acme", "x", "007", "'=Ann", "12", "Rome", "completed", "", "trun_0"],
    ["Globex", "", "1e5", "", "", "", "failed", "No page answered, twice", "trun_1"],
    ["Hooli", "'=1+1", "", "", "", "", "waiting", "", ""],
  ]);
});

Deno.test("CSV: confidence and sources per field on request", async () => {
  const table = await tableOf("name\nAcme\n", { header: true });
  const [head, row] = parseCsv(await textOf(batchCsv(...exported(table, { sources: true }))));
  assertEquals(head!.slice(4), [
    "ceo confidence",
    "ceo sources",
    "staff confidence",
    "staff sources",
    "seat.city confidence",
    "seat.city sources",
    "status",
    "error",
    "run_id",
  ]);
  assertEquals(row!.slice(4, 10), [
    "low",
    "https://a.example/1 https://b.example",
    "",
    "",
    "high",
    "https://a.example/1",
  ]);
});

Deno.test("CSV: of two fields with one spelling, only the one in the result gets the basis", async () => {
  const table = await tableOf("name\nAcme\n", { header: true });
  const schema = {
    type: "object",
    properties: {
      "a.b": { type: "string" },
      a: { type: "object", properties: { b: { type: "string" } } },
    },
  };
  const results = [{ label: null, columns: outputColumns(schema, true) }];
  const basis = [{
    field: "a.b",
    reasoning: "",
    confidence: "low",
    citations: [{ url: "https://a.example/" }],
  }];
  const row = { row: table.rows[0]!, status: "completed", reason: null, run_id: "r" };
  const [plan] = exported(table, { results, sources: true });
  for (
    const [content, ...expected] of [
      [{ "a.b": "x" }, "low", "https://a.example/", "", ""],
      [{ a: { b: "y" } }, "", "", "low", "https://a.example/"],
      [{ "a.b": "x", a: { b: "y" } }, "", "", "", ""],
    ] as const
  ) {
    const outputs: TaskRunOutput[] = [{ type: "json", content, basis }];
    const [, cells] = parseCsv(await textOf(batchCsv(plan, all([{ ...row, outputs }]))));
    assertEquals(cells!.slice(3, 7), expected);
  }
});

Deno.test("CSV: byte order mark on request; sandbox results are marked", async () => {
  const table = await tableOf("name,b\nAcme,1\n");
  const text = await textOf(batchCsv(...exported(table, { simulated: true }), { bom: true }));
  assert(text.startsWith("\uFEFFname,b,"));
  assertMatch(text, /,simulated\r\n.*Simulated by the Taskstream sandbox/);
});

Deno.test("two result sets are exported side by side", async () => {
  const table = await tableOf("name,b\nAcme,1\n");
  const columns = outputColumns(SCHEMA);
  const results = [{ label: null, columns }, { label: "pro", columns }];
  const row = { row: table.rows[0]!, status: "completed", reason: null, run_id: "r" };
  const [plan] = exported(table, { results });
  const csv = batchCsv(plan, all([{ ...row, outputs: [null, OUTPUT] }]));
  const [head, cells] = parseCsv(await textOf(csv));
  assertEquals(head!.slice(2, 8), ["ceo", "staff", "seat", "pro: ceo", "pro: staff", "pro: seat"]);
  assertEquals(cells!.slice(2, 8), ["", "", "", "'=Ann", "12", '{"city":"Rome"}']);
});

Deno.test("a text result is one column with all its citations", async () => {
  const table = await tableOf("name,b\nAcme,1\n");
  const citations = [{ url: "https://a.example" }, { url: "https://a.example" }];
  const output: TaskRunOutput = {
    type: "text",
    content: "Yes.\n\nIt is.",
    basis: [{ field: "output", reasoning: "", confidence: "medium", citations }],
  };
  const [plan] = exported(table, {
    results: [{ label: null, columns: outputColumns(null) }],
    sources: true,
  });
  const row = { row: table.rows[0]!, status: "completed", reason: null, run_id: "r" };
  const csv = await textOf(batchCsv(plan, all([{ ...row, outputs: [output] }])));
  assertEquals(parseCsv(csv).map((cells) => cells.slice(2, 5)), [
    ["output", "output confidence", "output sources"],
    ["Yes.\n\nIt is.", "medium", "https://a.example"],
  ]);
});

Deno.test("NDJSON: the same columns, with typed values", async () => {
  const table = await tableOf(
    '[{"n":1.50,"big":12345678901234567890,"ok":true,"l":["a"],"s":"1"}]',
  );
  const text = await textOf(batchNdjson(...exported(table)));
  assertStrictEquals(
    text,
    '{"n":1.50,"big":12345678901234567890,"ok":true,"l":["a"],"s":"1","ceo":"=Ann","staff":12,' +
      '"seat.city":"Rome","status":"completed","error":null,"run_id":"trun_0"}\n',
  );
});

/** Values as JSON, and names, which may look like numbers or be members of every object. */
const JSON_VALUE = fc.constantFrom(
  "1.0",
  "12345678901234567890",
  "1e400",
  "-0",
  "true",
  "null",
  '"007"',
);
const JSON_TABLE = fc.uniqueArray(
  fc.constantFrom("2024", "2023", "0", "a", "a.b", "__proto__", "constructor", "é"),
  { minLength: 1, maxLength: 6 },
).chain((names) =>
  fc.array(fc.array(JSON_VALUE, { minLength: names.length, maxLength: names.length }), {
    minLength: 1,
    maxLength: 3,
  }).map((rows) => ({ names, rows }))
  // A row of nothing but null is an empty one, and a table needs one that is not.
).filter(({ rows }) => rows.flat().some((value) => value !== "null"));

Deno.test("NDJSON: a table keeps the order of its columns, also of those that are called like numbers", async () => {
  await fc.assert(fc.asyncProperty(JSON_TABLE, async ({ names, rows }) => {
    const text = rows.map((values) =>
      `{ ${values.map((value, at) => `${JSON.stringify(names[at])} : ${value}`).join(", ")} }`
    );
    for (const whole of [text.join("\n"), `[${text.join(",")}]`]) {
      const table = await tableOf(whole);
      assertEquals(table.columns.map(({ heading }) => heading), names);
      const written = await textOf(batchNdjson(...exported(table)));
      const back = await tableOf(written, { format: "ndjson" });
      assertEquals(back.columns.slice(0, names.length), table.columns);
      assertEquals(
        back.rows.map(({ cells }) => cells.slice(0, names.length)),
        table.rows.map(({ cells }) => cells),
      );
    }
  }));
});

Deno.test("XLSX: numbers stay numbers, everything else stays text", async () => {
  const table = await tableOf(
    '[{"n":1.5,"v":"1.50","big":12345678901234567890,"f":"=1+1","t":"a_x0041_\\r\\n\\u0001 <&>\\"","z":"007"}]',
  );
  const bytes = await bytesOf(batchXlsx(...exported(table)));
  const sheet = strFromU8(unzipSync(bytes)["xl/worksheets/sheet1.xml"]!);
  assertMatch(sheet, /<c r="A2"><v>1\.5<\/v><\/c>/);
  assertMatch(sheet, /<c r="H2"><v>12<\/v><\/c>/);
  assert(!/<f>/.test(sheet));
  const back = await tableOf(bytes);
  assertEquals(back.columns.slice(0, 6), table.columns);
  assertEquals(back.rows[0]!.cells.slice(0, 9), [...table.rows[0]!.cells, "=Ann", "12", "Rome"]);
});

Deno.test("XLSX: a cell longer than Excel allows is cut, with a note", async () => {
  const table = await tableOf(`a,b\n${"x".repeat(40_000)},y\n`);
  const [cell] = (await tableOf(await bytesOf(batchXlsx(...exported(table))))).rows[0]!.cells;
  assertStrictEquals(cell!.length, 32_767);
  assertMatch(cell!, /x… \(cut here: the CSV has all of it\)$/);
});

/** Cells as hostile as they come, but characters that no text file holds. */
const CELL = fc.oneof(
  fc.constantFrom("", "", "007", "1e5", "-5", "=1+1", "'=1", "''@x", "a,b", '"', 'x"y', "a;b\tc|d"),
  fc.constantFrom(" x ", "\t=1", "x\r\n=y", "TRUE", "2024-01-01", "_x000D_", "Total", "[1]", "{"),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(..."'=+-@;|\t\n\r \",a1{[") }),
).map((text) => text.toWellFormed().replace(/[\0\uFEFF]/g, ""));

const TABLE = fc.integer({ min: 1, max: 5 }).chain((width) => {
  const row = fc.array(CELL, { minLength: width, maxLength: width });
  return fc.tuple(row, fc.array(row, { minLength: 1, maxLength: 8 }));
}).map(([headings, rows]): Table => ({
  format: "csv",
  encoding: null,
  delimiter: ",",
  sheet: null,
  sheets: [],
  header_line: 1,
  columns: headings.map((heading, at) => ({ name: `c${at}`, heading })),
  rows: rows.map((cells, at) => ({ line: at + 2, cells })),
  notes: [],
  totals_row: null,
}));

Deno.test("an exported CSV can be imported as the same table", async () => {
  await fc.assert(
    fc.asyncProperty(TABLE, fc.boolean(), async (table, bom) => {
      const text = await textOf(batchCsv(...exported(table), { bom }));
      const bytes = new TextEncoder().encode(text);
      const back = await readTable(bytes, { fileName: "batch.csv", header: true });
      assert(back.ok, JSON.stringify(back));
      const { columns, rows } = back.table;
      const width = table.columns.length;
      assertEquals(
        columns.slice(0, width).map(({ heading }) => heading),
        table.columns.map(({ heading }) => heading),
      );
      assertEquals(
        rows.map(({ cells }) => cells.slice(0, width)),
        table.rows.map(({ cells }) => cells),
      );
      // And what comes out of that has the same beginning.
      const again = parseCsv(await textOf(batchCsv(...exported(back.table))));
      assertEquals(
        again.map((cells) => cells.slice(0, width)),
        parseCsv(text.replace(/^\uFEFF/, "")).map((cells) => cells.slice(0, width)),
      );
    }),
    { numRuns: 300 },
  );
});

Deno.test("an exported workbook can be imported as the same table", async () => {
  await fc.assert(
    fc.asyncProperty(TABLE, async (table) => {
      const back = await tableOf(await bytesOf(batchXlsx(...exported(table))), { header: true });
      const width = table.columns.length;
      // A cell of spaces is an empty one.
      const shown = (cells: readonly string[]) =>
        cells.map((cell) => cell.trim() === "" ? "" : cell);
      assertEquals(
        back.rows.map(({ cells }) => shown(cells.slice(0, width))),
        table.rows.map(({ cells }) => shown(cells)),
      );
    }),
    { numRuns: 100 },
  );
});

Deno.test("exports stream: the first bytes come before the second row is read", async () => {
  const table = await tableOf("name,b\nAcme,1\n");
  const write = {
    csv: (rows: AsyncIterable<BatchExportRow>) => batchCsv(exported(table)[0], rows),
    ndjson: (rows: AsyncIterable<BatchExportRow>) => batchNdjson(exported(table)[0], rows),
    xlsx: (rows: AsyncIterable<BatchExportRow>) => batchXlsx(exported(table)[0], rows),
  };
  for (const [name, writer] of Object.entries(write)) {
    let read = 0;
    const rows = async function* (): AsyncGenerator<BatchExportRow> {
      for (; read < 10_000;) {
        read++;
        const text = crypto.randomUUID();
        yield {
          row: { line: 2, cells: [text, text] },
          status: "completed",
          reason: null,
          run_id: text,
          outputs: [OUTPUT],
        };
      }
    };
    const readAt: number[] = [];
    for await (const _ of writer(rows())) readAt.push(read);
    assert(readAt[0]! <= 1, `${name}: ${readAt[0]} rows before the first byte`);
    assertStrictEquals(readAt.at(-1), 10_000);
    assert(readAt.filter((at) => at > 0 && at < 10_000).length >= 5, `${name}: ${readAt}`);
  }
});

Deno.test("one report per row, under a portable file name", async () => {
  const page = runPage([state(1, "completed")], { output: OUTPUT, ended: true });
  const rows: ReportedRow[] = [
    { row: 1, title: 'Acme: A/B\u202e <"1"> ', page },
    { row: 12, title: `${"x".repeat(59)}😀`, page },
    { row: 345, title: "...", page },
  ];
  const files = unzipSync(await bytesOf(batchReports(all(rows))));
  assertEquals(Object.keys(files), [
    "00001 Acme A B 1.md",
    `00012 ${"x".repeat(59)}.md`,
    "00345.md",
  ]);
  assertMatch(strFromU8(Object.values(files)[0]!), /^# /);
  const few = { files: 2, bytes: 1_000_000 };
  await assertRejects(() => bytesOf(batchReports(all(rows), few)), ZipLimitError);
});
