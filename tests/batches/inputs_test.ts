import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import {
  blankRows,
  columnsOfExport,
  dropRows,
  duplicateRows,
  inputOf,
  type InputPlan,
  inputProblems,
  placeOf,
  type PlanChoice,
  planInputs,
  suggestSchemaFromColumns,
  type Table,
} from "../../lib/batches/model/mod.ts";
import { checkOutputSchema } from "../../lib/tasks/schema/rules.ts";
import { atOnce } from "../../lib/base/paced.ts";
import { defaultChoices } from "../../routes/batches/(_parts)/column_choice.ts";
import { tableOf } from "./read.ts";

const CSV = "Company,Zip,Notes\n Acme ,01067,\nGlobex,,big\n";

function planOf(table: Table, choice: Partial<PlanChoice> = {}): InputPlan {
  const planned = planInputs(table, { columns: "", template: "", ...choice });
  assert(planned.ok, JSON.stringify(planned));
  return planned.plan;
}

const inputs = (table: Table, choice?: Partial<PlanChoice>) =>
  table.rows.map((row) => inputOf(planOf(table, choice), row));

Deno.test("by default every column with a value becomes a member, and empty cells are omitted", async () => {
  const table = await tableOf("Company,Zip,CEO\n Acme ,01067,\nGlobex,,\n");
  assertEquals(inputs(table), [{ Company: "Acme", Zip: "01067" }, { Company: "Globex" }]);
});

Deno.test("chosen columns get their names and keep the table's order", async () => {
  const columns = '{"Notes":"context","company":"name"}';
  assertEquals(inputs(await tableOf(CSV), { columns }), [
    { name: "Acme" },
    { name: "Globex", context: "big" },
  ]);
});

Deno.test("values keep the type of their format", async () => {
  const table = await tableOf(
    '[{"id":12345678901234567890,"n":1.50,"ok":true,"who":{"a":[1]},"zip":"007","none":null}]',
  );
  assertStrictEquals(
    JSON.stringify(inputs(table)),
    '[{"id":12345678901234567890,"n":1.50,"ok":true,"who":{"a":[1]},"zip":"007"}]',
  );
});

Deno.test("columns named with digits keep their places in inputs", async () => {
  for (const text of ["name,2024,2023\nA,x,y\n", '[{"name":"A","2024":"x","2023":"y"}]']) {
    const table = await tableOf(text);
    assertStrictEquals(JSON.stringify(inputs(table)), '[{"name":"A","2024":"x","2023":"y"}]');
  }
});

Deno.test("column names such as __proto__ work", async () => {
  const table = await tableOf('[{"__proto__":"x","constructor":"y"}]');
  assertStrictEquals(JSON.stringify(inputs(table)[0]), '{"__proto__":"x","constructor":"y"}');
});

const TEMPLATES: readonly (readonly [template: string, sent: string])[] = [
  ["Who leads {{Company}}?", "Who leads Acme?"],
  ["{{ company }} in {{ZIP}}", "Acme in 01067"],
  ["{{Company}}{{Company}}", "AcmeAcme"],
  ["[{{Notes}}] {{Company}}", "[] Acme"],
  ["\\{{Company}} is {{Company}}", "{{Company}} is Acme"],
  ["{ {{Company}} }", "{ Acme }"],
  ["{{Company}} }} {", "Acme }} {"],
];

for (const [template, sent] of TEMPLATES) {
  Deno.test(`${template} asks ${JSON.stringify(sent)}`, async () => {
    assertStrictEquals(inputs(await tableOf(CSV), { template })[0], sent);
  });
}

Deno.test("braces in a cell are text", async () => {
  const table = await tableOf("a,b\n{{b}},x\n");
  assertStrictEquals(inputs(table, { template: "{{a}} $& {{b}}" })[0], "{{b}} $& x");
});

const WRONG: readonly (readonly [
  choice: Partial<PlanChoice>,
  field: string,
  offset: number | null,
  message: RegExp,
])[] = [
  [{ columns: "{" }, "columns", null, /not JSON/],
  [{ columns: '["Company"]' }, "columns", null, /object of names/],
  [{ columns: '{"Company":"a","Company":"b"}' }, "columns", null, /"Company" appears twice/],
  [{ columns: "{}" }, "columns", null, /at least one/],
  [{ columns: '{"City":"city"}' }, "columns", null, /no column “City”/],
  [{ columns: '{"Company":1}' }, "columns", null, /a name in the input/],
  [{ columns: '{"Company":" "}' }, "columns", null, /a name in the input/],
  [{ columns: '{"Company":"x","Zip":"x "}' }, "columns", null, /Two columns/],
  [{ template: "Who is {{CEO}}?" }, "template", 7, /no column “CEO”/],
  [{ template: "{{}}" }, "template", 0, /no column “”/],
  [{ template: "Who is {{Company?" }, "template", 7, /never closed/],
  [{ template: "{{Com{{Company}}" }, "template", 0, /never closed/],
  [{ template: "Who is it?" }, "template", null, /has no {{column}}/],
];

for (const [choice, field, offset, message] of WRONG) {
  Deno.test(`${JSON.stringify(choice)} is rejected with its place`, async () => {
    const planned = planInputs(await tableOf(CSV), { columns: "", template: "", ...choice });
    assert(!planned.ok);
    const [problem] = planned.problems;
    assertEquals([problem?.field, problem?.offset], [field, offset]);
    assertMatch(problem!.message, message);
  });
}

Deno.test("rows that cannot be sent are reported in advance", async () => {
  const table = await tableOf(`a,b\nx,\n,y\n${"z".repeat(24_000)},\n`);
  const plan = planOf(table, { columns: '{"a":"a"}' });
  assertEquals(
    atOnce(inputProblems(table, plan, 900)).map(({ row, line }) => [row, line]),
    [[1, 3]],
  );
  const problems = atOnce(inputProblems(table, plan, 2_000));
  assertEquals(problems.map(({ line }) => line), [3, 4]);
  assertMatch(problems[1]!.message, /24008 characters.* takes 23000/);
});

Deno.test("a schema is suggested from headings without values", async () => {
  const table = await tableOf(
    "Company,Founded (year),Is public?,Website URL,Main competitors,Employees,Umsatz (€),Sources,Growth %\nAcme,,,,,,,,\n",
  );
  const suggested = suggestSchemaFromColumns(table)!;
  const properties = suggested.schema.properties as Record<string, { type: unknown }>;
  assertEquals(Object.entries(properties).map(([name, { type }]) => [name, type]), [
    ["founded_year", ["integer", "null"]],
    ["is_public", ["boolean", "null"]],
    ["website_url", ["string", "null"]],
    ["main_competitors", "array"],
    ["employees", ["integer", "null"]],
    ["umsatz", ["string", "null"]],
    ["growth", ["number", "null"]],
  ]);
  assertEquals(suggested.left_out, ["Sources"]);
  assertEquals(suggested.fields[0], { column: 1, property: "founded_year" });
  const { errors, warnings } = checkOutputSchema(suggested.schema);
  assertEquals([errors, warnings], [[], []]);
  assertStrictEquals(suggestSchemaFromColumns(await tableOf("a,b\n1,2\n")), null);
});

Deno.test("of an uploaded export, what the export added is neither sent nor suggested at first", async () => {
  const added = async (head: string) =>
    columnsOfExport(await tableOf(`${head}\n${head}\n`)).map((at) => head.split(",")[at]);
  const all = "Company,Founded,founded,founded confidence,founded sources,status,error,run_id";
  assertEquals(await added(all), [
    "founded",
    "founded confidence",
    "founded sources",
    "status",
    "error",
    "run_id",
  ]);
  assertEquals(await added("Company,founded,status,error,run_id,simulated"), [
    "status",
    "error",
    "run_id",
    "simulated",
  ]);
  assertEquals(await added("Company,CEO,Net sales,ceo,net_sales,status,error,run_id"), [
    "ceo",
    "net_sales",
    "status",
    "error",
    "run_id",
  ]);
  assertEquals(await added("Company,ceo,hq,before: ceo,before: hq,status,error,run_id"), [
    "ceo",
    "hq",
    "before: ceo",
    "before: hq",
    "status",
    "error",
    "run_id",
  ]);
  for (const other of ["Company,status", "status,error,run_id,Company", "a,a confidence"]) {
    assertEquals(await added(other), [], other);
  }
  const table = await tableOf(`${all}\nAcme,,1999,high,https://a.example/,completed,,trun_1\n`);
  assertEquals(defaultChoices(table).filter(({ picked }) => picked), [
    { picked: true, name: "Company" },
  ]);
  assertEquals(inputs(table), [{ Company: "Acme" }]);
  assertEquals(suggestSchemaFromColumns(table)?.fields, [{ column: 1, property: "founded" }]);
});

Deno.test("blank and repeated rows can be dropped", async () => {
  const table = await tableOf("a,b\nx,1\n,\nx,2\nx ,1\n,\ny,3\nTotal,6\n");
  assertEquals(atOnce(duplicateRows(table)), [{ row: 3, first: 0 }]);
  assertEquals(atOnce(duplicateRows(table, [0])), [{ row: 2, first: 0 }, { row: 3, first: 0 }]);
  const filled = dropRows(table, blankRows(table));
  const clean = dropRows(filled, atOnce(duplicateRows(filled)).map(({ row }) => row));
  assertEquals(clean.rows.map(({ line }) => line), [2, 4, 7, 8]);
  assertStrictEquals(clean.totals_row, 3);
  assertEquals(dropRows(clean, [3]).totals_row, null);
  assertStrictEquals(clean.columns, table.columns);
});

Deno.test("positions are named as in the program that made the file", () => {
  assertStrictEquals(placeOf("csv", { line: 12, column: 3 }), "Line 12, column 3");
  assertStrictEquals(placeOf("xlsx", { line: 12, column: 28 }), "Row 12, column AB");
  assertStrictEquals(placeOf("xlsx", { line: null, column: null }), "");
});
