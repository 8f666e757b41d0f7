/** Task groups that were created elsewhere and become batches, on a scripted API. */
import { assert, assertEquals, assertStrictEquals, fail } from "@std/assert";
import type { Batches } from "../../lib/batches/mod.ts";
import { addThere, adopted, GROUP, inputsOf, KEY, linesOf, withHouse } from "./adopted_tools.ts";
import { pageIn, pageWhen, rowsOf } from "./batch_tools.ts";

Deno.test("the runs of a group become rows, in order, and end with their results", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    api.add(GROUP, inputsOf(250));
    const page = await adopted(house);
    assertStrictEquals(page.rows.length, 250);
    assertEquals(page.batch.columns.map(({ name }) => name), ["company", "zip"]);
    assertEquals(page.rows[249]?.cells, ["Acme 250", "0249"]);
    while (api.streams === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    api.endAll();
    const done = await pageIn(app, owner, GROUP, "done");
    assertEquals(done.view.counts, { completed: 250 });
    assertStrictEquals(rowsOf(done)[7]?.cells?.[0]?.text, 'About {"company":"Acme 8","zip":"07"}');
    // One stream for all rows, and nothing that is billed.
    assertStrictEquals(api.mostStreams, 1);
    assertStrictEquals(api.count(/^POST/), 0);
    const { own, all } = await linesOf(house);
    assertEquals(own, []);
    assertStrictEquals(all.length, 100);
    assertEquals(
      new Set(all.map(({ batch, title }) => `Acme ${batch?.row}` === title.split(",")[0])).size,
      1,
    );
  }));

Deno.test("inputs of other shapes become columns: texts, nested values and further members", () =>
  withHouse(async (house) => {
    const inputs = [
      "Who leads Acme?",
      { company: "Acme", founded: 1946, listed: true, offices: ["Oslo"] },
      { site: "acme.example", company: null },
      { " ": "blank", __proto__: null, "__proto__2": "x" },
      {},
    ];
    house.api.add(GROUP, inputs.map((input) => ({ input, processor: "lite" })));
    const { batch, rows } = await adopted(house);
    const names = ["input", "company", "founded", "listed", "offices", "site", "(no name)"];
    assertEquals(batch.columns.map(({ name }) => name), [...names, "__proto__2"]);
    const none = (count: number) => Array(count).fill("");
    assertEquals(rows.map(({ cells }) => cells), [
      ["Who leads Acme?", ...none(7)],
      ["", "Acme", "1946", "true", '["Oslo"]', ...none(3)],
      [...none(5), "acme.example", "", ""],
      [...none(6), "blank", "x"],
      none(8),
    ]);
  }));

Deno.test("runs that were recorded before lose their own lines and become rows", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    await addThere(house, inputsOf(12));
    assertStrictEquals((await linesOf(house)).own.length, 12);
    api.endAll();
    await app.services.keepRecording(AbortSignal.timeout(120_000));
    await adopted(house);
    const done = await pageIn(app, owner, GROUP, "done");
    assertEquals(done.view.counts, { completed: 12 });
    const { own, all } = await linesOf(house);
    assertEquals([own.length, all.length], [0, 12]);
    // By the API's clock: the runs are from January.
    assert(done.view.sent_ms === Date.parse("2026-01-01T00:00:00Z"));
    const counts = await app.services.runs.count(owner.id);
    assertStrictEquals(counts, 12);
    const browser = await app.browser().enterKey(KEY);
    const list = await browser.text("/tasks");
    assertStrictEquals(list.match(/<a [^>]*href="\/batches\/tgrp_/g)?.length, 1);
    assertStrictEquals(list.includes("/tasks/trun_"), false);
  }));

Deno.test("runs that are added later become rows: through /api, and elsewhere once someone looks", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    await addThere(house, inputsOf(3));
    assertStrictEquals((await adopted(house)).rows.length, 3);
    for (const from of [3, 6, 9]) {
      await addThere(house, inputsOf(3, from, { metadata: { n: from } }));
    }
    await pageWhen(app, owner, GROUP, ({ rows }) => rows.length === 12);
    api.endAll();
    await pageIn(app, owner, GROUP, "done");
    assertStrictEquals((await linesOf(house)).own.length, 0);
    // No process holds the batch now, and the runs below are not added through this app.
    api.add(GROUP, inputsOf(2, 12));
    api.endAll();
    app.services.batches.lookAgain(owner.id, GROUP);
    const more = await pageWhen(
      app,
      owner,
      GROUP,
      ({ rows, view }) => rows.length === 14 && view.state === "done",
    );
    assertEquals(more.view.counts, { completed: 14 });
    assertEquals(
      more.rows.map(({ cells }) => cells[0]),
      inputsOf(14).map(({ input }) => input.company),
    );
  }));

Deno.test("many small additions stay small in the store, and every row stays", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    api.add(GROUP, inputsOf(1));
    await adopted(house);
    const { groupChecks } = app.services.batches as Batches;
    for (let at = 1; at < 50; at++) {
      api.add(
        GROUP,
        inputsOf(1, at, { input: { company: `Acme ${at + 1}`, [`c${at % 40}`]: "x" } }),
      );
      await groupChecks.runsKept(GROUP);
      await pageWhen(app, owner, GROUP, ({ rows }) => rows.length === at + 1);
    }
    const { value: head } = await app.services.kv.get<{ added: unknown[] }>(["batch-head", GROUP]);
    assert(head!.added.length <= 40, `${head!.added.length} additions`);
    const page = await app.services.batches.page(owner.id, GROUP) ?? fail("no batch");
    assertEquals(
      page.rows.map(({ cells }) => cells[0]),
      inputsOf(50).map(({ input }) => input.company),
    );
    assert(page.rows.every(({ cells }) => cells.length === page.batch.columns.length));
  }));

Deno.test("a row is sent again with the request of its own run", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    const task_spec = { output_schema: { type: "text", description: "The year" } };
    const inputs = [
      ...inputsOf(2, 0, { task_spec, metadata: { customer: "c1" } }),
      ...inputsOf(1, 2, { processor: "base", source_policy: { include_domains: ["a.example"] } }),
    ];
    api.add(GROUP, inputs);
    await adopted(house);
    api.endFirst(3, "failed");
    await pageWhen(app, owner, GROUP, ({ view }) => view.counts.failed === 3);
    await app.services.batches.command(owner, GROUP, { type: "retry", rows: [1, 3] });
    await pageWhen(app, owner, GROUP, () => api.bodies.length === 1);
    assertEquals(api.bodies.at(-1), {
      inputs: [
        { ...inputs[0]!, metadata: { customer: "c1", row: "r1", attempt: 2 } },
        { ...inputs[2]!, metadata: { row: "r3", attempt: 2 } },
      ],
    });
    api.endAll();
    const done = await pageIn(app, owner, GROUP, "done");
    // The runs that were sent are no rows of their own.
    assertEquals([done.view.rows, done.view.counts], [3, { completed: 2, failed: 1 }]);
    assertStrictEquals(api.count(/^POST/), 1);
    await app.services.batches.command(owner, GROUP, {
      type: "escalate",
      rows: [2],
      processor: "core",
    });
    await pageWhen(app, owner, GROUP, () => api.bodies.length === 2);
    const metadata = { customer: "c1", row: "r2", attempt: 2 };
    assertEquals(api.bodies.at(-1), { inputs: [{ ...inputs[1], processor: "core", metadata }] });
  }));

Deno.test("metadata that looks like ours does not make a run another row's", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    const rows = [3, 1, 1].map((row, at) => ({
      ...inputsOf(1, at)[0]!,
      metadata: { row: `r${row}`, attempt: at === 2 ? 2 : 1 },
    }));
    await addThere(house, rows);
    await adopted(house);
    api.endAll();
    const { view, rows: shown } = await pageIn(app, owner, GROUP, "done");
    assertEquals(view.counts, { completed: 3 });
    assertEquals(shown.map(({ cells }) => cells[0]), ["Acme 1", "Acme 2", "Acme 3"]);
    assertEquals(
      rowsOf({ view } as Parameters<typeof rowsOf>[0]).map(({ cells }) => cells?.[0]?.text),
      [0, 1, 2].map((at) => `About ${JSON.stringify(inputsOf(1, at)[0]!.input)}`),
    );
    const { all } = await linesOf(house);
    assertEquals(all.map(({ batch }) => batch?.row).sort(), [1, 2, 3]);
  }));

Deno.test("what the account has deleted is not adopted again", () =>
  withHouse(async (house) => {
    const { app, api, owner } = house;
    await addThere(house, inputsOf(3));
    api.endAll();
    await app.services.keepRecording(AbortSignal.timeout(120_000));
    const second = (await linesOf(house)).own.find(({ title }) => title.includes("Acme 2"));
    await app.services.runs.remove(owner.id, second!.run_id);
    const { rows } = await adopted(house);
    assertEquals(rows.map(({ cells }) => cells[0]), ["Acme 1", "Acme 3"]);
    const { all } = await linesOf(house);
    assertEquals(all.map(({ batch }) => batch?.row).sort(), [1, 2]);
    await pageIn(app, owner, GROUP, "done");
    // One run of a row: the row stays, and gets its result back.
    const first = rowsOf(await pageIn(app, owner, GROUP, "done"))[0]!.run_id!;
    await app.services.runs.remove(owner.id, first);
    await pageWhen(app, owner, GROUP, ({ view }) => view.counts.deleted === 1);
    await app.services.runs.restore(owner.id, first);
    await pageWhen(app, owner, GROUP, ({ view }) => view.counts.completed === 2);
    await app.services.batches.remove(owner.id, GROUP);
    const unknown = { state: "unknown" } as const;
    assertEquals(await app.services.batches.adopt(owner, GROUP), unknown);
    now += 11 * 60_000;
    await app.services.sweep();
    assertEquals(await Array.fromAsync(app.services.kv.list({ prefix: ["batch"] })), []);
    assertEquals(await app.services.batches.adopt(owner, GROUP), unknown);
    // Not even with runs that came later.
    api.add(GROUP, inputsOf(1, 9));
    assertEquals(await app.services.batches.adopt(owner, GROUP), unknown);
  }, { now: () => Date.now() + now }));

let now = 0;
