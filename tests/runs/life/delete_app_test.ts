/** Deleting runs in the whole app. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { UNDO_MS } from "../../../lib/runs/life/removal.ts";
import { type TestBrowser, withApp } from "../../app/test_app.ts";
import { keysOf } from "../store_tools.ts";

async function statuses(browser: TestBrowser, runId: string): Promise<number[]> {
  const paths = [
    `/tasks/${runId}`,
    `/tasks/${runId}/result.json`,
    `/api/v1/tasks/runs/${runId}/events`,
  ];
  return await Promise.all(paths.map(async (path) => {
    const response = await browser.fetch(path);
    await response.body?.cancel();
    return response.status;
  }));
}

Deno.test("a deleted task is 404 everywhere at once, an undo brings it back as it was", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    await browser.events(runId);
    const before = await browser.text(`/tasks/${runId}/result.json`);
    const deleted = await browser.post(`/tasks/${runId}/delete`, {});
    assertStrictEquals(deleted.status, 303);
    assertStrictEquals(deleted.headers.get("location"), `/tasks?deleted=${runId}`);
    assertEquals(await statuses(browser, runId), [404, 404, 404]);
    assert(!(await browser.text("/tasks")).includes(`href="/tasks/${runId}"`));
    const undone = await browser.post(`/tasks/${runId}/undelete`, {});
    assertStrictEquals(undone.status, 303);
    assertStrictEquals(undone.headers.get("location"), `/tasks/${runId}`);
    assertStrictEquals(await browser.text(`/tasks/${runId}/result.json`), before);
  }));

/** The stored data of runs and figures. Search terms are written in the background. */
async function storeOf(kv: Deno.Kv): Promise<readonly Deno.KvEntry<unknown>[]> {
  const kept = ["head", "member", "deleted", "purge", "purging", "spend", "share"];
  const entries = await Array.fromAsync(kv.list({ prefix: [] }));
  return entries.filter(({ key }) => kept.includes(String(key[0])));
}

/** Requests that change something: sent again after their answer was lost, each ends as the first did. */
const REPEATED: readonly (readonly [
  name: string,
  path: (id: string) => string,
  fields: (id: string) => Record<string, string>,
  before?: "delete",
])[] = [
  ["a deletion", (id) => `/tasks/${id}/delete`, () => ({})],
  ["an undo", (id) => `/tasks/${id}/undelete`, () => ({}), "delete"],
  ["a deletion in the list", () => "/tasks/selected", (id) => ({ action: "delete", id })],
  ["an undo in the list", () => "/tasks/selected", (id) => ({ action: "undelete", id }), "delete"],
  ["sharing", (id) => `/tasks/${id}/share`, () => ({})],
  ["an end of sharing", (id) => `/tasks/${id}/unshare`, () => ({})],
];

for (const [name, path, fields, before] of REPEATED) {
  Deno.test(`repeating ${name} gives the same result and does nothing more`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterSandbox();
      const runId = await browser.createTask();
      await browser.events(runId);
      if (before !== undefined) await browser.post(`/tasks/${runId}/${before}`, {});
      const send = async () => {
        const response = await browser.post(path(runId), fields(runId));
        await response.body?.cancel();
        return [response.status, response.headers.get("location")];
      };
      const first = await send();
      assertStrictEquals(first[0], 303);
      const stored = await storeOf(app.services.kv);
      assertEquals(await send(), first);
      assertEquals(await storeOf(app.services.kv), stored);
    }));
}

Deno.test("a deletion can be repeated after its undo time, but unknown and other accounts' runs give 404", async () => {
  const clock = { ahead: 0 };
  await withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    await browser.events(runId);
    const other = await app.browser().enterSandbox();
    for (const path of ["delete", "undelete"]) {
      assertStrictEquals((await other.post(`/tasks/${runId}/${path}`, {})).status, 404);
    }
    await browser.post(`/tasks/${runId}/delete`, {});
    clock.ahead = UNDO_MS + 1000;
    await app.services.sweep();
    const repeated = await browser.post(`/tasks/${runId}/delete`, {});
    assertStrictEquals(repeated.headers.get("location"), `/tasks?deleted=${runId}`);
    assertStrictEquals((await other.post(`/tasks/${runId}/delete`, {})).status, 404);
    const unknown = `trun_${"0".repeat(32)}`;
    assertStrictEquals((await browser.post(`/tasks/${unknown}/delete`, {})).status, 404);
  }, { now: () => Date.now() + clock.ahead });
});

Deno.test("after ten minutes nothing is left in the store, and undo is too late", async () => {
  const clock = { ahead: 0 };
  await withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ metadata: '{"sandbox":"huge"}' });
    await browser.events(runId);
    assertNotMatch(await browser.text("/tasks"), /still stored/);
    await browser.post(`/tasks/${runId}/delete`, {});
    assertMatch(await browser.text("/tasks"), /1 deleted task is still stored/);
    clock.ahead = UNDO_MS + 1000;
    await app.services.sweep();
    assertNotMatch(await browser.text("/tasks"), /still stored/);
    // The whole store: no entry of the account names the run.
    const own = new Set(["account", "key", "keys", "limit", "session", "sessions"]);
    const left = (await keysOf(app.services.kv)).filter((key) => !own.has(String(key[0])));
    assertStrictEquals(left.length, 1);
    assertEquals([left[0]![0], left[0]![2]], ["deleted", runId]);
    // Its id alone stays a while where lists learn of changes; that expires by itself.
    const everything = (await Array.fromAsync(app.services.kv.list({ prefix: [] })))
      .filter(({ key }) => !["change", "unindexed"].includes(String(key[0])));
    const text = JSON.stringify(everything, (_, value) => typeof value === "bigint" ? 0 : value);
    assertStrictEquals(text.split(runId).length - 1, 1, "in the tombstone's key");
    const late = await browser.post(`/tasks/${runId}/undelete`, {});
    assertStrictEquals(late.status, 410);
    assertMatch(await late.text(), /too late to undo/);
  }, { now: () => Date.now() + clock.ahead });
});

Deno.test("a live viewer's stream ends when the task is deleted", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ processor: "ultra8x" });
    const stream = await browser.fetch(`/api/v1/tasks/runs/${runId}/events`);
    await browser.post(`/tasks/${runId}/delete`, {});
    const text = await stream.text();
    assert(!text.includes('"is_active":false'), "before the run's end");
  }, { config: { sandboxSpeed: 1 } }));

Deno.test("neither another account nor another site can delete a task", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    const other = await app.browser().enterSandbox();
    assertStrictEquals((await other.post(`/tasks/${runId}/delete`, {})).status, 404);
    const forged = await browser.post(`/tasks/${runId}/delete`, {}, {
      "sec-fetch-site": "cross-site",
    });
    assertStrictEquals(forged.status, 403);
    const out = await app.browser().post(`/tasks/${runId}/delete`, {});
    assertStrictEquals(out.status, 303);
    assertStrictEquals(out.headers.get("location"), "/?problem=not-sent&next=%2Ftasks");
    assertStrictEquals((await browser.fetch(`/tasks/${runId}`)).status, 200);
  }));
