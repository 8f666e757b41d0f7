/** Going on with an adopted group: rows, columns and tools of agents. */
import { assertEquals, assertStrictEquals, fail } from "@std/assert";
import { type Batches, type BatchPage, readTable } from "../../lib/batches/mod.ts";
import { sendView } from "../../lib/batches/model/mod.ts";
import { GroupApi } from "../proxy/group_api.ts";
import {
  adopted,
  GROUP,
  type House,
  inputsOf,
  KEY,
  linesOf,
  onApi,
  withHouse,
} from "./adopted_tools.ts";
import { ownerOf, pageIn, pageWhen, rowsOf } from "./batch_tools.ts";

const TASK_SPEC = { output_schema: { type: "text", description: "The year" } };

/** Adds rows to the adopted batch as an upload does. */
async function addRows({ app, owner }: House, csv: string): Promise<void> {
  const read = await readTable(csv);
  if (!read.ok) fail(read.problem.message);
  assertEquals(await app.services.batches.addRows(owner, GROUP, read.table), "done");
}

Deno.test("rows added to an adopted batch ask what its first run asked", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    const more = { task_spec: TASK_SPEC, metadata: { customer: "c1" } };
    api.add(GROUP, inputsOf(3, 0, more));
    await adopted(house);
    api.endFirst(3);
    await pageIn(app, owner, GROUP, "done");
    await addRows(house, "zip,company,city\n007,Late 1,Oslo\n,Late 2,Rome\n");
    const page = await pageWhen(app, owner, GROUP, ({ rows }) => rows.length === 5);
    await pageWhen(app, owner, GROUP, () => api.bodies.length === 1);
    assertEquals(page.rows[3]?.cells, ["Late 1", "007"]);
    const sent = [{ company: "Late 1", zip: "007" }, { company: "Late 2" }].map((input, at) => ({
      input,
      processor: "lite",
      task_spec: TASK_SPEC,
      metadata: { customer: "c1", row: `r${4 + at}`, attempt: 1 },
    }));
    assertEquals(api.bodies, [{ inputs: sent }]);
    // Runs that come from elsewhere while ours are under way are rows of their own.
    api.add(GROUP, inputsOf(2, 3, more));
    app.services.batches.lookAgain(owner.id, GROUP);
    await pageWhen(app, owner, GROUP, ({ rows }) => rows.length === 7);
    api.endAll();
    const done = await pageIn(app, owner, GROUP, "done");
    assertEquals([done.view.rows, done.view.counts], [7, { completed: 7 }]);
    assertEquals(
      rowsOf(done).map(({ cells }) => JSON.parse(cells![0]!.text.slice(6)).company),
      ["Acme 1", "Acme 2", "Acme 3", "Late 1", "Late 2", "Acme 4", "Acme 5"],
    );
    assertStrictEquals(api.count(/^POST/), 1);
  }));

Deno.test("columns added to an adopted batch ask each run's own input", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    api.add(GROUP, [
      ...inputsOf(2, 0, { task_spec: TASK_SPEC, metadata: { customer: "c1" } }),
      ...inputsOf(1, 2, { source_policy: { include_domains: ["a.example"] } }),
    ]);
    await adopted(house);
    api.endFirst(3);
    await pageIn(app, owner, GROUP, "done");
    const json_schema = { type: "object", properties: { ceo: { type: "string" } } };
    const task_spec = { output_schema: { type: "json", json_schema } } as const;
    const asked = { processor: "base", task_spec, trial: null };
    assertEquals(await app.services.batches.addColumns(owner, GROUP, asked), "done");
    await pageWhen(app, owner, GROUP, () => api.bodies.length === 1);
    const inputs = inputsOf(3).map(({ input }, at) => ({
      input,
      processor: "base",
      task_spec,
      ...at === 2 && { source_policy: { include_domains: ["a.example"] } },
      metadata: { ...at < 2 && { customer: "c1" }, row: `r${at + 1}`, attempt: 1001 },
    }));
    assertEquals(api.bodies, [{ inputs }]);
    api.endAll();
    const done = await pageIn(app, owner, GROUP, "done");
    assertEquals([done.view.rows, done.view.counts], [3, { completed: 3 }]);
    assertEquals(done.view.outputs.map(({ name }) => name), ["output", "ceo"]);
    // Rows that are added now are sent for both sets.
    await addRows(house, "company\nLate 1\n");
    await pageWhen(app, owner, GROUP, () => api.bodies.length === 3);
    const attempts = api.bodies.slice(1).map((body) =>
      (body as { inputs: { metadata: unknown; task_spec: unknown }[] }).inputs.map((
        { metadata, task_spec },
      ) => ({ metadata, task_spec }))
    ).flat();
    assertEquals(attempts, [
      { metadata: { customer: "c1", row: "r4", attempt: 1001 }, task_spec },
      { metadata: { customer: "c1", row: "r4", attempt: 1 }, task_spec: TASK_SPEC },
    ]);
    api.endAll();
    const all = await pageIn(app, owner, GROUP, "done");
    assertEquals([all.view.rows, all.view.counts], [4, { completed: 4 }]);
  }));

Deno.test("rows added to a group of texts are texts", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    api.add(GROUP, [{ input: "Who leads Acme?", processor: "lite" }]);
    await adopted(house);
    await addRows(house, "input\nWho leads Late?\n");
    await pageWhen(app, owner, GROUP, () => api.bodies.length === 1);
    assertEquals(api.bodies, [{
      inputs: [{
        input: "Who leads Late?",
        processor: "lite",
        metadata: { row: "r2", attempt: 1 },
      }],
    }]);
    api.endAll();
    assertEquals((await pageIn(app, owner, GROUP, "done")).view.counts, { completed: 2 });
  }));

Deno.test("a row without a text that is added to a group of texts and objects is an object", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    api.add(GROUP, [{ input: "Who leads Acme?", processor: "lite" }, ...inputsOf(1)]);
    await adopted(house);
    await addRows(house, "input,company\n,Late 1\nWho leads Late 2?,\n");
    await pageWhen(app, owner, GROUP, () => api.bodies.length === 1);
    const sent = [{ company: "Late 1" }, "Who leads Late 2?"].map((input, at) => ({
      input,
      processor: "lite",
      metadata: { row: `r${3 + at}`, attempt: 1 },
    }));
    assertEquals(api.bodies, [{ inputs: sent }]);
  }));

/** Runs as another Taskstream makes them: its rows and attempts are in their metadata. */
const elsewhere = (places: readonly (readonly [row: number, attempt: number])[]) =>
  places.map(([row, attempt]) => ({
    ...inputsOf(1, row - 1)[0]!,
    processor: attempt > 1 ? "pro" : "lite",
    metadata: { customer: "c1", row: `r${row}`, attempt },
  }));

Deno.test("a row that another Taskstream ran again is one row, with the answers of all its runs", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    api.add(GROUP, elsewhere([[1, 1], [2, 1], [3, 1], [2, 2], [4, 1], [2, 3], [3, 2]]));
    await adopted(house);
    api.endAll();
    const isWhole = ({ view }: BatchPage) => view.state === "done" && view.counts.completed === 4;
    const page = await pageWhen(app, owner, GROUP, isWhole);
    assertEquals(page.rows.map(({ cells }) => cells[0]), ["Acme 1", "Acme 2", "Acme 3", "Acme 4"]);
    const shown = rowsOf(page).map(({ attempt, processor, earlier }) => [
      attempt,
      processor,
      earlier.map((answer) => [answer.attempt, answer.processor]),
    ]);
    assertEquals(shown, [
      [1, "lite", []],
      [3, "pro", [[2, "pro"], [1, "lite"]]],
      [2, "pro", [[1, "lite"]]],
      [1, "lite", []],
    ]);
    assertStrictEquals(page.view.spent_usd, 4 * 0.005 + 3 * 0.1);
    const { all } = await linesOf(house);
    assertEquals(all.map(({ batch }) => batch?.row).sort(), [1, 2, 2, 2, 3, 3, 4]);
    // It runs a row again once more, and so do we.
    api.add(GROUP, elsewhere([[1, 2]]));
    api.endAll();
    app.services.batches.lookAgain(owner.id, GROUP);
    await pageWhen(app, owner, GROUP, (page) => isWhole(page) && rowsOf(page)[0]!.attempt === 2);
    await app.services.batches.command(owner, GROUP, { type: "retry", rows: [2] });
    await pageWhen(app, owner, GROUP, () => api.bodies.length === 1);
    assertEquals(api.bodies, [{
      inputs: [{
        ...inputsOf(1, 1)[0]!,
        processor: "pro",
        metadata: { customer: "c1", row: "r2", attempt: 4 },
      }],
    }]);
    api.endAll();
    const last = await pageWhen(
      app,
      owner,
      GROUP,
      (page) => isWhole(page) && rowsOf(page)[1]!.attempt === 4,
    );
    assertStrictEquals(last.rows.length, 4);
    assertStrictEquals(api.count(/^POST/), 1);
  }));

Deno.test("a row's later run waits for the one before it, also over a restart; another input is another row", async () => {
  const folder = await Deno.makeTempDir();
  const api = new GroupApi();
  const start = () => onApi(api, { config: { kvPath: `${folder}/kv` } });
  try {
    api.add(GROUP, elsewhere([[1, 1], [1, 2], [1, 3], [2, 1]]));
    api.add(GROUP, [{ ...elsewhere([[2, 2]])[0]!, input: { company: "Another" } }]);
    const app = await start();
    const owner = await ownerOf(app, KEY);
    const page = await adopted({ app, owner });
    assertEquals(page.rows.map(({ cells }) => cells[0]), ["Acme 1", "Acme 2", "Another"]);
    assertEquals(rowsOf(page).map(({ attempt }) => attempt), [1, 1, 1]);
    await app.close();
    api.endAll();
    const after = await start();
    void after.services.pickUp();
    const done = await pageWhen(
      after,
      owner,
      GROUP,
      ({ view }) => view.state === "done" && view.counts.completed === 3,
    );
    assertEquals(rowsOf(done).map(({ attempt }) => attempt), [3, 1, 1]);
    assertEquals(rowsOf(done)[0]!.earlier.map(({ attempt }) => attempt), [2, 1]);
    assertStrictEquals(api.count(/^POST/), 0);
    await after.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Runs as another Taskstream makes them for columns that were added there. */
const columnsThere = (places: readonly (readonly [row: number, attempt: number])[]) => {
  const json_schema = { type: "object", properties: { ceo: { type: "string" } } };
  const task_spec = { output_schema: { type: "json", json_schema } };
  return elsewhere(places).map((run) => ({ ...run, processor: "base", task_spec }));
};

Deno.test("columns that another Taskstream added are columns here, and nothing is sent for them by itself", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    const isDone = (rows: number) => ({ view }: BatchPage) =>
      view.state === "done" && view.counts.completed === rows;
    api.add(GROUP, elsewhere([[1, 1], [2, 1], [3, 1]]));
    // It ran the second row again, for its own columns and for the added ones.
    api.add(GROUP, columnsThere([[1, 1001], [2, 1001], [3, 1001], [2, 1002]]));
    api.add(GROUP, elsewhere([[2, 2]]));
    await adopted(house);
    api.endAll();
    const page = await pageWhen(
      app,
      owner,
      GROUP,
      (page) => isDone(3)(page) && page.view.spent_usd > 0.05,
    );
    assertEquals(page.rows.map(({ cells }) => cells[0]), ["Acme 1", "Acme 2", "Acme 3"]);
    assertEquals(page.view.outputs.map(({ name }) => name), ["output", "ceo"]);
    assertEquals(
      [1, 2, 3].map((row) => [0, 1].map((set) => sendView(page.view, set, row).attempt)),
      [[1, 1001], [2, 1002], [1, 1001]],
    );
    // The other Taskstream adds a row and sends it for the first columns. We must not send it for the others.
    api.add(GROUP, elsewhere([[4, 1]]));
    api.endAll();
    app.services.batches.lookAgain(owner.id, GROUP);
    await pageWhen(app, owner, GROUP, ({ view }) => view.rows === 4 && view.state === "paused");
    api.add(GROUP, columnsThere([[4, 1001]]));
    api.endAll();
    // A page that is opened again so soon does not make it look again.
    await (app.services.batches as Batches).groupChecks.runsKept(GROUP);
    await pageWhen(app, owner, GROUP, isDone(4));
    assertStrictEquals(api.count(/^POST/), 0);
    // A row that is added here is sent for both.
    await addRows(house, "company\nLate 1\n");
    await pageWhen(app, owner, GROUP, () => api.bodies.length === 2);
    api.endAll();
    await pageWhen(app, owner, GROUP, isDone(5));
    assertEquals(
      api.bodies.flatMap((body) =>
        (body as { inputs: { metadata: { row: string; attempt: number } }[] }).inputs.map((
          { metadata: { row, attempt } },
        ) => [row, attempt])
      ),
      [["r5", 1001], ["r5", 1]],
    );
  }));

Deno.test("the rest of columns that another Taskstream tried on some rows is sent when told, and never twice", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    api.add(GROUP, elsewhere([[1, 1], [2, 1], [3, 1]]));
    api.add(GROUP, columnsThere([[1, 1001]]));
    await adopted(house);
    api.endAll();
    await pageIn(app, owner, GROUP, "paused");
    assertStrictEquals(api.count(/^POST/), 0);
    // It runs another one in the meantime.
    api.add(GROUP, columnsThere([[2, 1001]]));
    api.endAll();
    await app.services.batches.command(owner, GROUP, { type: "start", rows: null });
    await pageWhen(app, owner, GROUP, () => api.bodies.length === 1);
    api.endAll();
    const done = await pageIn(app, owner, GROUP, "done");
    assertEquals([done.view.rows, done.view.counts], [3, { completed: 3 }]);
    const sent = (api.bodies[0] as { inputs: { metadata: { row: string } }[] }).inputs;
    assertEquals(sent.map(({ metadata }) => metadata.row), ["r3"]);
  }));
