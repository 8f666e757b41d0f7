/** Batches follow changes of their accounts and runs. */
import { assert, assertEquals, assertStrictEquals, fail } from "@std/assert";
import { keyIdOf } from "../../lib/accounts/mod.ts";
import { rowView } from "../../lib/batches/model/mod.ts";
import { sha256Hex } from "../../lib/store/mod.ts";
import { importHistory } from "../../lib/transfer/mod.ts";
import { type TestApp, withApp } from "../app/test_app.ts";
import { batchOf, companies, created, ownerOf, pageIn, pageWhen, rowsOf } from "./batch_tools.ts";
import { batchOf as batchOfForm, draftOf } from "./pages_tools.ts";

const FAST = { config: { sandboxSpeed: 1_000 } };
const DAY_MS = 86_400_000;
const [OWN, OTHER] = ["sandbox-upkeep-own-123456", "sandbox-upkeep-other-1234"];

async function storedText(app: TestApp, batchId: string): Promise<string> {
  const decoder = new TextDecoder();
  const entries = await Array.fromAsync(app.services.kv.list({ prefix: ["batch-log", batchId] }));
  return entries.map(({ value }) => decoder.decode(value as Uint8Array)).join("\n");
}

Deno.test("deleting a run removes its result everywhere but keeps its row; undo restores the result", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(OWN);
    const owner = await ownerOf(app, OWN);
    const { batches } = app.services;
    const batch = await batchOf(companies(3));
    // A report on each company, unlike that on any other.
    const task = { ...batch.task, task_spec: { output_schema: { type: "text" } } } as const;
    const id = await created(app, owner, { ...batch, task });
    const done = await pageIn(app, owner, id, "done");
    const { run_id: runId, cells } = rowView(done.view, 2);
    const answer = JSON.stringify(cells?.[0]?.text ?? fail("no answer")).slice(1, -1);
    assert(rowsOf(done).filter((row) => JSON.stringify(row.cells).includes(answer)).length === 1);
    assert((await storedText(app, id)).includes(answer));

    await browser.post(`/tasks/${runId}/delete`, {});
    const deleted = await pageWhen(app, owner, id, ({ view }) => view.counts.deleted === 1);
    assertEquals(deleted.rows[1]?.cells, ["Acme 2", "01"]);
    assertEquals(rowView(deleted.view, 2).cells, null);
    while ((await storedText(app, id)).includes(answer)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const download = { rows: [1, 2, 3], sources: true, bom: false };
    const csv = (await Array.fromAsync(batches.csv(owner.id, deleted, download))).join("");
    const line = csv.split("\r\n")[2] ?? "";
    assert(line.startsWith("Acme 2,01,") && line.includes("deleted"), line);
    assert(!csv.includes(answer));

    await browser.post(`/tasks/${runId}/undelete`, {});
    const back = await pageWhen(app, owner, id, ({ view }) => view.counts.completed === 3);
    assertEquals(rowView(back.view, 2).cells, cells);
    assertStrictEquals(back.view.spent_usd, done.view.spent_usd);
  }, FAST));

Deno.test("batches and drafts move when their account is merged into another one", () =>
  withApp(async (app) => {
    const { batches } = app.services;
    const owner = await ownerOf(app, OTHER);
    const id = await created(app, owner, await batchOf(companies(4), { trial: 2 }));
    const before = await pageIn(app, owner, id, "paused");
    const { id: draftId } = await draftOf(await app.browser().enterKey(OTHER), companies(2));

    const browser = await app.browser().enterKey(OWN);
    const own = await ownerOf(app, OWN);
    const asked = await browser.post("/account/keys", { api_key: OTHER });
    const confirmed = await browser.post("/account/keys", { api_key: OTHER, confirm: "yes" });
    assertEquals([asked.status, confirmed.status], [422, 303]);
    const moved = await pageWhen(app, own, id, () => true);
    assertEquals(rowsOf(moved), rowsOf(before));
    assertEquals((await batches.list(own.id)).batches.map((line) => line.id), [id]);
    assertEquals((await batches.list(owner.id)).batches, []);
    assertStrictEquals(await batches.page(owner.id, id), null);
    assertStrictEquals((await batches.draft(own.id, draftId))?.table.rows.length, 2);
    // It goes on where it stood, for the account that it belongs to now.
    await batches.command(own, id, { type: "start", rows: null });
    assertEquals((await pageIn(app, own, id, "done")).view.counts, { completed: 4 });
    assertStrictEquals(
      (await app.services.runs.list(own.id, { limit: 100, rows: true })).runs.length,
      4,
    );
  }, FAST));

Deno.test("retention removes a whole batch, by the age of its newest run", () => {
  const clock = { skipMs: 0 };
  return withApp(async (app) => {
    const owner = await ownerOf(app, OWN);
    const { batches, kv, runs } = app.services;
    const id = await created(app, owner, await batchOf(companies(4), { trial: 2 }));
    await pageIn(app, owner, id, "paused");
    clock.skipMs = 5 * DAY_MS;
    await batches.command(owner, id, { type: "start", rows: null });
    await pageIn(app, owner, id, "done");
    clock.skipMs = 9 * DAY_MS;
    await app.services.sweep();
    // The first rows are nine days old, the last four.
    assertEquals((await pageIn(app, owner, id, "done")).view.counts, { completed: 4 });
    assertStrictEquals((await runs.list(owner.id, { limit: 100, rows: true })).runs.length, 4);
    clock.skipMs = 13 * DAY_MS;
    await app.services.sweep();
    assertStrictEquals(await batches.page(owner.id, id), null);
    assertStrictEquals((await runs.list(owner.id, { limit: 100, rows: true })).runs.length, 0);
    const left = await Array.fromAsync(kv.list({ prefix: [] }));
    assertEquals(left.filter(({ key }) => String(key[0]).startsWith("batch")), []);
  }, { config: { sandboxSpeed: 1_000, retentionDays: 7 }, now: () => Date.now() + clock.skipMs });
});

Deno.test("a session with a rejected key sees batches in their earlier state, and can delete them", () => {
  const clock = { skipMs: 0 };
  return withApp(async (app) => {
    const owner = await ownerOf(app, OWN);
    const { batches } = app.services;
    const old = await created(app, owner, await batchOf(companies(4), { trial: 2 }));
    await pageIn(app, owner, old, "paused");
    clock.skipMs = DAY_MS;
    const before = app.services.before(Date.now() + DAY_MS / 2).batches;
    await batches.command(owner, old, { type: "start", rows: null });
    await pageIn(app, owner, old, "done");
    const later = await created(app, owner, await batchOf(companies(1)));
    await pageIn(app, owner, later, "done");
    assertEquals((await before.page(owner.id, old))?.view.counts, { completed: 2, waiting: 2 });
    assertEquals((await before.list(owner.id)).batches.map(({ id }) => id), [old]);
    for (const hidden of [later, "tgrp_x"]) {
      assertStrictEquals(await before.page(owner.id, hidden), null);
      assertStrictEquals(await before.line(owner.id, hidden), null);
      assertStrictEquals((await before.stream(owner.id, hidden, 0)).status, "unknown");
      assertStrictEquals(await before.share(owner.id, hidden), null);
      assertStrictEquals(await before.remove(owner.id, hidden), false);
      assertStrictEquals(await before.restore(owner.id, hidden), "unknown");
    }
    const lines = await Array.fromAsync(before.exported(owner.id));
    assert(!JSON.stringify(lines).includes(later));
    assertStrictEquals(await before.remove(owner.id, old), true);
    assertStrictEquals(await batches.page(owner.id, old), null);
  }, { ...FAST, now: () => Date.now() + clock.skipMs });
});

Deno.test("an account's export contains its batches with every row, and an import skips them", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(OWN);
    const owner = await ownerOf(app, OWN);
    const id = await created(app, owner, await batchOf(companies(120)));
    const page = await pageIn(app, owner, id, "done");
    const text = await browser.text("/account/export");
    const lines = text.trim().split("\n").map((line) => JSON.parse(line));
    const { batch } = lines.find((line) => line.batch !== undefined);
    assertEquals([batch.id, batch.name, batch.rows], [id, "Companies", 120]);
    const rows = lines.flatMap((line) => line.batch_rows?.rows ?? []);
    assertEquals(rows.length, 120);
    assertEquals(rows[119], {
      row: 120,
      cells: page.rows[119]!.cells,
      status: "completed",
      run_id: rowView(page.view, 120).run_id,
    });
    assert(!text.includes(OWN));
    const report = await importHistory(new Response(text).body!, {
      runs: app.services.runs,
      account: owner.id,
      holder: { account: () => Promise.resolve(owner.id) } as never,
      log: () => {},
    });
    assertEquals([report.known, report.wrongCount, report.problem], [120, 0, null]);
  }, FAST));

Deno.test("a key that can no longer be decrypted pauses the batch; the next command's key resumes it", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app, OWN);
    const { batches, kv } = app.services;
    const id = await created(app, owner, await batchOf(companies(4), { trial: 2 }));
    await pageIn(app, owner, id, "paused");
    const { value } = await kv.get<Record<string, unknown>>(["batch-head", id]);
    await kv.set(["batch-head", id], { ...value, sealed_key: "of another secret" });
    // An order that was stored before the secret changed, too.
    const order = { type: "start", rows: null };
    await kv.set(["batch-command", id, 1, "x"], { order, sealed_key: "of another secret" });
    await app.services.pickUp();
    const paused = await pageWhen(
      app,
      owner,
      id,
      ({ view }) =>
        view.state === "paused" &&
        view.reason?.startsWith("Its API key can no longer be decrypted") === true,
    );
    assertEquals(paused.view.counts, { completed: 2, waiting: 2 });
    await batches.command(owner, id, { type: "start", rows: null });
    assertEquals((await pageIn(app, owner, id, "done")).view.counts, { completed: 4 });
  }, FAST));

Deno.test("a key that was removed from the account pays for no more rows", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app, OWN);
    const id = await created(app, owner, await batchOf(companies(4), { trial: 2 }));
    await pageIn(app, owner, id, "paused");
    const browser = await app.browser().enterKey(OWN);
    await browser.post("/account/keys", { api_key: OTHER, confirm: "yes" });
    const other = await app.browser().enterKey(OTHER);
    const key_id = keyIdOf(await sha256Hex(OWN));
    const removed = await other.post("/account/keys/remove", { key_id });
    assertStrictEquals(removed.headers.get("location"), "/account?done=key-removed");

    // A command that was on its way still brings the removed key.
    await app.services.batches.command(owner, id, { type: "start", rows: null });
    const { view } = await pageWhen(
      app,
      owner,
      id,
      ({ view: { state, reason } }) => state === "done" || /key was removed/.test(reason ?? ""),
    );
    assertStrictEquals(view.state, "paused");
    assertEquals(view.counts, { completed: 2, waiting: 2 });
  }, FAST));

Deno.test("a removed batch leaves no word in the store, not even in the form that it was sent with", () => {
  const clock = { aheadMs: 0 };
  return withApp(async (app) => {
    const owner = await ownerOf(app, OWN);
    const browser = await app.browser().enterKey(OWN);
    const id = await batchOfForm({ browser }, "quagga,zip\nquaggas,1\n", {
      name: "Quagga",
      output_type: "text",
      text_description: "About a quagga",
      metadata: '{"team":"quagga"}',
      processor: "lite",
    });
    await pageIn(app, owner, id, "done");
    await app.services.histories.indexer.settled();
    const words = async () => {
      const decoder = new TextDecoder();
      const entries = await Array.fromAsync(app.services.kv.list({ prefix: [] }));
      return entries.flatMap(({ key, value }) => {
        const text = value instanceof Uint8Array ? decoder.decode(value) : Deno.inspect(value);
        return /quagga/i.test(`${Deno.inspect(key)} ${text}`) ? [String(key[0])] : [];
      });
    };
    assert((await words()).includes("draft-part"));
    const deleted = await browser.post(`/batches/${id}/delete`, {});
    assertStrictEquals(deleted.status, 303);
    // The batch goes first, then its runs, with an undo time of their own.
    const isLeft = (name: string) => name !== "draft-part";
    do {
      clock.aheadMs += DAY_MS / 24;
      await app.services.sweep();
    } while ((await words()).some(isLeft));
    assertEquals(await words(), []);
  }, { ...FAST, now: () => Date.now() + clock.aheadMs });
});
