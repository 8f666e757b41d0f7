/** Several runs as one table. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import { runsCsv, sharedFields } from "../../lib/transfer/runs_csv.ts";
import type { FieldBasis, TaskRunInput, TaskRunOutput } from "../../lib/parallel/types.ts";
import type { RunPage } from "../../lib/runs/model/model.ts";
import { withApp } from "../app/test_app.ts";
import { cite, runPage, state } from "../pages/fixtures.ts";
import { parseCsv } from "./parse_csv.ts";

const asked = (properties: Record<string, unknown> | null): TaskRunInput => ({
  input: "?",
  processor: "core",
  ...properties && {
    task_spec: {
      output_schema: { type: "json", json_schema: { type: "object", properties } },
    },
  },
});

const FIRM = {
  name: { type: "string" },
  at: { type: "object", properties: { city: { type: "string" }, zip: { type: "string" } } },
  tags: { type: "array", items: { type: "string" } },
};

const run = (
  input: TaskRunInput,
  content: Record<string, unknown> | string | null,
  basis: FieldBasis[] = [],
): RunPage => {
  const output: TaskRunOutput | null = content === null
    ? null
    : typeof content === "string"
    ? { type: "text", content, basis }
    : { type: "json", content, basis };
  const page = runPage([state(1, "completed")], { output, ended: true });
  return { ...page, run: { ...page.run, input } };
};

async function* of<Value>(values: readonly Value[]): AsyncGenerator<Value> {
  yield* values;
}

/** The rows as records. */
async function records(runs: readonly RunPage[]): Promise<Map<string, string>[]> {
  const fields = await sharedFields(of(runs.map((each) => each.run.input)));
  const [head = [], ...rows] = parseCsv(
    (await Array.fromAsync(runsCsv(of(runs), fields))).join(""),
  );
  assertStrictEquals(new Set(head).size, head.length, "every column has a name of its own");
  return rows.map((row) => new Map(head.map((name, at) => [name, row[at] ?? ""])));
}

Deno.test("runs that share a schema get one column per field, with confidence and sources", async () => {
  const basis: FieldBasis[] = [
    { field: "name", reasoning: "", confidence: "high", citations: [cite(1)] },
    { field: "at.city", reasoning: "", confidence: "low", citations: [cite(2), cite(3)] },
  ];
  const [first, second, third] = await records([
    run(asked(FIRM), { name: "A", at: { city: "Lyon" }, tags: ["p", "q"] }, basis),
    run(asked(FIRM), { name: "B", more: 1 }),
    run(asked(null), "Text"),
  ]);
  assertEquals(
    [...first!.keys()].slice(14),
    ["name", "at.city", "at.zip", "tags"].flatMap((name) => [
      name,
      `${name} basis.confidence`,
      `${name} basis.sources`,
    ]),
  );
  assertEquals([...first!.values()].slice(14), [
    "A",
    "high",
    "https://site1.example/",
    "Lyon",
    "low",
    "https://site2.example/ https://site3.example/",
    "",
    "",
    "",
    "p; q",
    "",
    "",
  ]);
  assertStrictEquals(second!.get("name"), "B");
  assertStrictEquals(
    second!.get("result"),
    '{"name":"B","more":1}',
    "what no column has is still there",
  );
  assertEquals([...third!.values()].slice(13), ["Text", ...Array(12).fill("")]);
});

Deno.test("a schema gets columns if runs share it or the table has only one run", async () => {
  const other = run(asked({ x: { type: "number" } }), { x: 1 });
  const [first] = await records([run(asked(FIRM), { name: "A" }), other, run(asked(FIRM), {})]);
  assert(first!.has("name") && !first!.has("x"));
  const [only] = await records([other]);
  assertStrictEquals(only!.get("x"), "1");
  const [none] = await records([run(asked(FIRM), {}), other]);
  assertStrictEquals(none!.size, 14);
});

Deno.test("runs whose schemas differ share the columns of the fields that both have", async () => {
  const { name, at } = FIRM;
  const later = {
    ceo: { type: "string" },
    at: { ...at, description: "The head office" },
    name: { ...name, description: "As registered" },
  };
  const [first, second] = await records([
    run(asked(FIRM), { name: "A", at: { city: "Lyon" }, tags: [] }),
    run(asked(later), { ceo: "Bo", at: { city: "Oslo" }, name: "B" }),
  ]);
  const fields = [...first!.keys()].slice(14).filter((name) => !name.includes("basis."));
  assertEquals(fields, ["name", "at.city", "at.zip"]);
  assertEquals(fields.map((field) => second!.get(field)), ["B", "Oslo", ""]);
  assertStrictEquals(second!.get("result"), '{"ceo":"Bo","at":{"city":"Oslo"},"name":"B"}');
});

Deno.test("a row lists recording gaps, or nothing without gaps", async () => {
  const gaps = [{ after: 0, from_ms: 0, to_ms: 1500 }, {
    after: 3,
    from_ms: 60_000,
    to_ms: 61_000,
  }];
  const whole = run(asked(null), "Text");
  const rows = await records([{ ...whole, gaps }, whole]);
  assertEquals(rows.map((row) => row.get("recording_gaps")), [
    "1970-01-01T00:00:00.000Z/1970-01-01T00:00:01.500Z; 1970-01-01T00:01:00.000Z/1970-01-01T00:01:01.000Z",
    "",
  ]);
});

Deno.test("any field name and recursive schemas are handled", async () => {
  const odd = asked({ title: {}, constructor: {}, "a.b": {}, a: { properties: { b: {} } } });
  const [row] = await records([run(odd, { title: "t", "a.b": 1, a: { b: 2 } })]);
  const values = ["title (2)", "constructor", '"a.b"', '"a"."b"'].map((name) => row!.get(name));
  assertEquals(values, ["t", "", "1", "2"]);
  // A basis spells both `a.b`: it belongs to the field that the result has, or may belong to either.
  const basis = [{ field: "a.b", reasoning: "", confidence: "low", citations: [cite(1)] }];
  const basisCells = async (content: Record<string, unknown>) => {
    const [row] = await records([run(odd, content, basis)]);
    return ['"a.b"', '"a"."b"'].map((name) =>
      ["confidence", "sources"].map((each) => row!.get(`${name} basis.${each}`))
    );
  };
  const told = ["low", "https://site1.example/"], untold = ["", ""];
  assertEquals(await basisCells({ "a.b": 1, a: { b: 2 } }), [untold, untold]);
  assertEquals(await basisCells({ "a.b": 1, a: {} }), [told, untold]);
  assertEquals(await basisCells({ a: { b: null } }), [untold, told]);
  const looped = asked({});
  const endless = {
    ...looped,
    task_spec: {
      output_schema: {
        type: "json" as const,
        json_schema: {
          type: "object",
          properties: Object.fromEntries(
            Array.from({ length: 30 }, (_, n) => [`f${n}`, { $ref: "#" }]),
          ),
        },
      },
    },
  };
  assertStrictEquals((await sharedFields(of([endless]))).length, 200);
});

Deno.test("a table starts with a byte order mark on request", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const id = await browser.createTask({ input: "Où est l’été ?" });
    await browser.events(id);
    const bytes = async (path: string, init?: RequestInit) =>
      new Uint8Array(await (await browser.fetch(path, init)).arrayBuffer()).slice(0, 3).toHex();
    const selected = (more: Record<string, string>) => ({
      method: "POST",
      body: new URLSearchParams({ id, action: "csv", ...more }),
    });
    assertStrictEquals(await bytes(`/tasks/${id}/table.csv?bom=1`), "efbbbf");
    assertStrictEquals(await bytes("/tasks/export?format=csv&bom=1"), "efbbbf");
    assertStrictEquals(await bytes("/tasks/selected", selected({ bom: "1" })), "efbbbf");
    assertNotEquals(await bytes(`/tasks/${id}/table.csv`), "efbbbf");
    assertNotEquals(await bytes("/tasks/export?format=csv"), "efbbbf");
    assertNotEquals(await bytes("/tasks/selected", selected({})), "efbbbf");
    assertMatch(await browser.text(`/tasks/${id}`), /table\.csv\?bom=1/);
    assertMatch(await browser.text("/tasks/transfer"), /format=csv&amp;bom=1/);
    assertMatch(await browser.text("/tasks"), /name="bom"/);
  }));
