/** Batches from creation to the last result, on the embedded sandbox. */
import { assert, assertEquals, assertStrictEquals, fail } from "@std/assert";
import { type BatchEvent, emptyBatchView, rowView } from "../../lib/batches/model/mod.ts";
import { applyBatchEvent } from "../../lib/batches/model/mod.ts";
import { readVerbatim } from "../../lib/base/mod.ts";
import { type BatchPage, type NewBatch, readTable } from "../../lib/batches/mod.ts";
import type { RunOwner } from "../../lib/runs/mod.ts";
import { parseSSE } from "../../lib/sse/mod.ts";
import { ORIGIN, type TestApp, withApp } from "../app/test_app.ts";
import { GroupApi } from "../proxy/group_api.ts";
import { batchOf, companies, created, ownerOf, pageIn, pageWhen, rowsOf } from "./batch_tools.ts";

const FAST = { config: { sandboxSpeed: 10_000 } };

Deno.test("every row of a batch gets one run, and its result in columns", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const id = await created(app, owner, await batchOf(companies(5)));
    const page = await pageIn(app, owner, id, "done");
    assertEquals(page.view.outputs.map(({ name }) => name), ["founded", "city"]);
    const rows = rowsOf(page);
    for (const { status, attempt, run_id, cells, cost_usd } of rows) {
      assertEquals([status, attempt, cells?.length], ["completed", 1, 2]);
      assert(cells!.every(({ text }) => text !== ""));
      assert(cost_usd! > 0);
      const run = await app.services.runs.page(owner.id, run_id!) ?? fail("no run");
      assertEquals(run.run.group_id, id);
    }
    assertStrictEquals(new Set(rows.map(({ run_id }) => run_id)).size, 5);
    const third = await app.services.runs.page(owner.id, rows[2]!.run_id!) ?? fail("no run");
    assertEquals(third.run.input.input, { company: "Acme 3", zip: "02" });
    assertEquals(third.run.input.metadata, { row: "r3", attempt: 1 });
    const { batches: [line] } = await app.services.batches.list(owner.id);
    assertEquals([line?.id, line?.state, line?.counts], [id, "done", { completed: 5 }]);
  }, FAST));

Deno.test("a trial sends the given number of rows and pauses; resuming sends the others", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const id = await created(app, owner, await batchOf(companies(8), { trial: 3 }));
    const tried = await pageIn(app, owner, id, "paused");
    assertEquals(tried.view.counts, { completed: 3, waiting: 5 });
    const start = { type: "start", rows: null } as const;
    assertStrictEquals(await app.services.batches.command(owner, id, start), "done");
    const page = await pageIn(app, owner, id, "done");
    assertEquals(page.view.counts, { completed: 8 });
    assert(rowsOf(page).every(({ attempt }) => attempt === 1));
  }, FAST));

Deno.test("failed rows are retried, low-confidence rows escalated, and both results are kept", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const { batches } = app.services;
    const batch = await batchOf(companies(6));
    const failing = { ...batch.task, metadata: { sandbox: "fail:50@1" } };
    const id = await created(app, owner, { ...batch, task: failing });
    const first = await pageIn(app, owner, id, "done");
    const failed = rowsOf(first).filter(({ status }) => status === "failed");
    assert(failed.length > 0 && failed.length < 6);
    assert(failed.every(({ reason }) => (reason ?? "") !== ""));
    await batches.command(owner, id, { type: "retry", rows: null });
    const second = await pageWhen(app, owner, id, ({ view }) => view.counts.completed === 6);
    for (const { row } of failed) assertStrictEquals(rowView(second.view, row).attempt, 2);
    await batches.command(owner, id, { type: "escalate", rows: [1, 2], processor: "pro" });
    const third = await pageWhen(
      app,
      owner,
      id,
      ({ view }) => view.state === "done" && rowView(view, 2).earlier.length === 1,
    );
    for (const row of [1, 2]) {
      const { processor, earlier, cells } = rowView(third.view, row);
      assertEquals([processor, earlier.map((answer) => answer.processor)], ["pro", ["lite"]]);
      assertEquals([cells?.length, earlier[0]?.cells?.length], [2, 2]);
    }
  }, FAST));

for (
  const { fault, rows } of [
    { fault: "lost@1", rows: "found" },
    { fault: "late:3@1", rows: "found later" },
    { fault: "429@1", rows: "sent after a while" },
    { fault: "500@1", rows: "looked for, and sent" },
  ]
) {
  Deno.test(`with fault ${fault}, rows are ${rows}, once each`, () => {
    // Waits of a minute pass in a hundredth of it.
    const timers = {
      setTimeout: (run: () => void, ms: number) => setTimeout(run, ms / 100),
      clearTimeout: (id: unknown) => clearTimeout(id as number),
    };
    const startMs = Date.now();
    const now = () => startMs + 100 * (Date.now() - startMs);
    return withApp(async (app) => {
      const owner = await ownerOf(app);
      const batch = await batchOf(companies(4));
      const task = { ...batch.task, metadata: { sandbox: fault } };
      const id = await created(app, owner, { ...batch, task });
      const page = await pageIn(app, owner, id, "done");
      assertEquals(page.view.counts, { completed: 4 });
      const { runs } = await app.services.histories.list(owner.id, { limit: 100, rows: true });
      assertStrictEquals(runs.length, 4);
    }, { ...FAST, timers, now });
  });
}

Deno.test("402 pauses the batch with a reason; it resumes on request", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const batch = await batchOf(companies(4));
    const task = { ...batch.task, metadata: { sandbox: "402@1" } };
    const id = await created(app, owner, { ...batch, task });
    const paused = await pageIn(app, owner, id, "paused");
    assert(paused.view.reason?.includes("credit"), `${paused.view.reason}`);
    assertEquals(paused.view.counts, { waiting: 4 });
    await app.services.batches.command(owner, id, { type: "start", rows: null });
    const page = await pageIn(app, owner, id, "done");
    assertEquals(page.view.counts, { completed: 4 });
  }, FAST));

Deno.test("rows are appended, the name is changed, and another account sees nothing", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const stranger = await ownerOf(app, "sandbox-stranger-1234");
    const { batches } = app.services;
    const id = await created(app, owner, await batchOf(companies(2)));
    await pageIn(app, owner, id, "done");
    const more = await readTable("zip,company\n77,Bolt\n");
    if (!more.ok) return fail("no table");
    assertStrictEquals(await batches.addRows(owner, id, more.table), "done");
    const other = await readTable("colour\nred\n");
    if (!other.ok) return fail("no table");
    assertStrictEquals(await batches.addRows(owner, id, other.table), "other columns");
    await batches.command(owner, id, { type: "rename", name: "Firms" });
    const page = await pageWhen(app, owner, id, ({ view }) => view.counts.completed === 3);
    assertEquals([page.view.name, page.rows[2]?.cells], ["Firms", ["Bolt", "77"]]);
    assertStrictEquals(await batches.page(stranger.id, id), null);
    assertStrictEquals(await batches.command(stranger, id, { type: "pause" }), "unknown");
    assertStrictEquals((await batches.stream(stranger.id, id, 0)).status, "unknown");
    assertStrictEquals(await batches.remove(stranger.id, id), false);
    assertStrictEquals(await batches.restore(stranger.id, id), "unknown");
    assertStrictEquals(await batches.share(stranger.id, id), null);
    for (const invented of ["", "../x", "tgrp_x"]) {
      assertStrictEquals(await batches.page(owner.id, invented), null);
    }
  }, FAST));

Deno.test("a share link shows the batch until it is revoked", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const { batches } = app.services;
    const id = await created(app, owner, await batchOf(companies(1)));
    await pageIn(app, owner, id, "done");
    const token = await batches.share(owner.id, id) ?? fail("no link");
    assertStrictEquals(await batches.share(owner.id, id), token);
    assertStrictEquals((await batches.sharedPage(token))?.batch.id, id);
    assertStrictEquals(await batches.unshare(owner.id, id), true);
    assertStrictEquals(await batches.sharedPage(token), null);
    assertStrictEquals((await batches.sharedStream(token, 0)).status, "unknown");
  }, FAST));

Deno.test("a deleted batch disappears with its runs, can be restored, and is finally removed completely", () => {
  const clock = { skipMs: 0 };
  return withApp(async (app) => {
    const owner = await ownerOf(app);
    const { batches } = app.services;
    const id = await created(app, owner, await batchOf(companies(2)));
    await pageIn(app, owner, id, "done");
    assertStrictEquals(await batches.remove(owner.id, id), true);
    assertStrictEquals(await batches.page(owner.id, id), null);
    assertEquals((await batches.list(owner.id)).batches, []);
    await countIs(app, owner.id, 0);
    assertStrictEquals(await batches.restore(owner.id, id), "restored");
    assertEquals((await batches.page(owner.id, id))?.view.counts, { completed: 2 });
    await countIs(app, owner.id, 2);
    await batches.remove(owner.id, id);
    await countIs(app, owner.id, 0);
    clock.skipMs = 11 * 60_000;
    assertStrictEquals(await batches.restore(owner.id, id), "late");
    await app.services.sweep();
    assertStrictEquals(
      (await app.services.histories.list(owner.id, { rows: true })).runs.length,
      0,
    );
    const left = await Array.fromAsync(app.services.kv.list({ prefix: [] }));
    assertEquals(left.filter(({ key }) => String(key[0]).startsWith("batch")), []);
  }, { ...FAST, now: () => Date.now() + clock.skipMs });
});

async function countIs(app: TestApp, account: string, count: number): Promise<void> {
  while (
    (await app.services.histories.list(account, { limit: 100, rows: true })).runs.length !== count
  ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("the stream resumes after any ID and leads to the same view as the page", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const { batches } = app.services;
    const id = await created(app, owner, await batchOf(companies(4)));
    const answer = await batches.stream(owner.id, id, 0);
    if (answer.status !== "open") return fail(answer.status);
    const events: BatchEvent[] = [];
    let view = emptyBatchView("Companies", 4);
    for await (const { id: eventId, data } of parseSSE(answer.body)) {
      const event: BatchEvent = JSON.parse(data);
      assertStrictEquals(eventId, `${event.id}`);
      events.push(event);
      view = applyBatchEvent(view, event);
      if (view.state === "done") break;
    }
    assertEquals(events.map((event) => event.id), events.map((_, at) => at + 1));
    assertEquals(view, (await pageIn(app, owner, id, "done")).view);
    const rest = await batches.stream(owner.id, id, 2);
    if (rest.status !== "open") return fail(rest.status);
    for await (const { data } of parseSSE(rest.body)) {
      assertEquals(JSON.parse(data), events[2]);
      break;
    }
  }, FAST));

Deno.test("an exported CSV can be imported again, with a result for each row", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const { batches } = app.services;
    const id = await created(app, owner, await batchOf(companies(3)));
    const page = await pageIn(app, owner, id, "done");
    const download = { rows: [1, 3], sources: false, bom: false };
    const csv = (await Array.fromAsync(batches.csv(owner.id, page, download))).join("");
    const read = await readTable(csv);
    if (!read.ok) return fail("cannot be read");
    assertEquals(read.table.columns.map(({ name }) => name).slice(0, 5), [
      "company",
      "zip",
      "founded",
      "city",
      "status",
    ]);
    assertEquals(read.table.rows.map(({ cells }) => cells.slice(0, 2)), [
      ["Acme 1", "00"],
      ["Acme 3", "02"],
    ]);
    for (const { cells } of read.table.rows) assert(cells[2] !== "" && cells[3] !== "");
    const zip = await Array.fromAsync(batches.reports(owner.id, page, download));
    assert(zip.length > 0);
  }, FAST));

Deno.test("reserved metadata names are rejected before anything is created", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app);
    const batch = await batchOf(companies(1));
    for (const name of ["row", "attempt"]) {
      const task = { ...batch.task, metadata: { [name]: "x" } };
      const outcome = await app.services.batches.create(owner, { ...batch, task });
      if (outcome.ok) fail("it was made");
      assertEquals([outcome.failure.status, outcome.failure.message.includes(name)], [422, true]);
    }
    assertEquals((await app.services.batches.list(owner.id)).batches, []);
  }, FAST));

Deno.test("deleting an account removes its batches and drafts", () =>
  withApp(async (app) => {
    const { batches, accountRemoval, kv } = app.services;
    const browser = await app.browser().enterSandbox();
    const session = await app.services.sessions.find(browser.cookies.get("taskstream")!) ??
      fail("no session");
    const owner = { id: session.account, sealedKey: session.sealed_key };
    const batch = await batchOf(companies(2));
    await batches.saveDraft(owner.id, { name: "x", table: batch.table, fields: {} });
    const id = await created(app, owner, batch);
    await pageIn(app, owner, id, "done");
    await batches.share(owner.id, id);
    await accountRemoval.remove(owner.id);
    const left = await Array.fromAsync(kv.list({ prefix: [] }));
    assertEquals(left.filter(({ key }) => /^(?:batch|draft)/.test(String(key[0]))), []);
  }, FAST));

/** Runs a test on a batch of 30 rows that are sent, while the batch follows them. */
async function withSentBatch(
  run: (sent: { api: GroupApi; app: TestApp; owner: RunOwner; batch: string }) => Promise<void>,
): Promise<void> {
  const api = new GroupApi();
  const { recorderApi } = api.options;
  await withApp(async (app) => {
    const owner = await ownerOf(app, "pk-batch-key-1234");
    const batch = await created(app, owner, await batchOf(companies(30)));
    const isSent = (page: BatchPage) => rowsOf(page).every(({ run_id }) => run_id !== null);
    await pageWhen(app, owner, batch, isSent);
    while (api.streams === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    await run({ api, app, owner, batch });
  }, { api: (request) => recorderApi!(request) });
}

Deno.test("results that arrive while others are read are read together later", () =>
  withSentBatch(async ({ api, app, owner, batch }) => {
    api.instead = (_, query) => {
      if (query.get("status") === "completed") api.endFirst(20);
      return null;
    };
    api.endFirst(10);
    await pageWhen(app, owner, batch, ({ view }) => view.counts.completed === 20);
    api.endAll();
    await pageIn(app, owner, batch, "done");
    assertStrictEquals(api.count(/\/tasks\/runs\//), 0, "no request for a single run");
  }));

Deno.test("a batch opens one stream at the API, and none per row", () =>
  withSentBatch(async ({ api, app, owner, batch }) => {
    while (api.streams === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    api.endAll();
    const page = await pageIn(app, owner, batch, "done");
    assertEquals(new Set(rowsOf(page).map(({ status }) => status)), new Set(["completed"]));
    assertStrictEquals(api.mostStreams, 1);
    assertStrictEquals(api.count(/\/tasks\/runs\//), 0, "no request for a single run");
  }));

for (const kind of ["a task", "a task with secrets"]) {
  Deno.test(`the rows of ${kind} are sent with its numbers and the places of its names`, () =>
    withApp(async (app) => {
      const owner = await ownerOf(app);
      const schema = '{"type":"object","properties":{"founded":{"type":"integer",' +
        '"enum":[12345678901234567890]},"2024":{"type":"string"},"2023":{"type":"string"}},' +
        '"required":["founded","2024","2023"],"additionalProperties":false}';
      const task = readVerbatim(
        `{"processor":"lite","task_spec":{"output_schema":{"type":"json","json_schema":${schema}}},` +
          `"metadata":{"b":12345678901234567890,"2":1.5,"1":"x"}}`,
      ) as NewBatch["task"];
      const headers = { authorization: "Bearer s3cret" };
      const server = { type: "url", name: "t", url: "https://tools.example/mcp", headers } as const;
      const batch = await batchOf(companies(1), {
        task: kind === "a task" ? task : { ...task, mcp_servers: [server] },
      });
      const id = await created(app, owner, batch);
      const page = await pageIn(app, owner, id, "done");
      const response = await app.handle(
        new Request(`${ORIGIN}/api/v1/tasks/runs/${rowsOf(page)[0]!.run_id}/input`, {
          headers: { "x-api-key": "sandbox-batches-1234" },
        }),
      );
      const text = await response.text();
      assert(text.includes(schema), text);
      assert(
        text.includes(
          '"metadata":{"b":12345678901234567890,"2":1.5,"1":"x","row":"r1","attempt":1}',
        ),
        text,
      );
    }, FAST));
}
