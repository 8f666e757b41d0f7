/** When the store's responses are lost, writes are still applied exactly once. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { FORM } from "../app/test_app.ts";
import { KEY, leaky, RUN, scriptedApi, stubbedApi, until, withApps } from "./far_apps.ts";

Deno.test("a claim with a lost response does not block", leaky, async () => {
  let creates = 0;
  await withApps(1, async (store, app) => {
    const browser = await app.browser().enterKey();
    const create = () => browser.post("/tasks", { ...FORM, idempotency_key: KEY });
    store.change({ dropAfterCommitEvery: 1 });
    await (await create()).body?.cancel();
    store.change({ dropAfterCommitEvery: 0 });
    await until(async () => (await browser.fetch("/readyz")).status === 200);
    await until(async () => (await create()).headers.get("location") === `/tasks/${RUN}`);
    assertStrictEquals(creates, 1);
  }, { config: { api: stubbedApi(() => creates++) } });
});

Deno.test("deletes, undos and counters with lost responses apply once", leaky, async () => {
  const script = scriptedApi();
  await withApps(1, async (store, app) => {
    const browser = await app.browser().enterKey();
    /** Retries like a user during a store outage. */
    const insist = async (path: string, fields: Record<string, string> = {}) => {
      for (;;) {
        const response = await browser.post(path, fields);
        await response.body?.cancel();
        if (response.status === 303) return response.headers.get("location") ?? "";
        assertStrictEquals(response.status, 503, path);
        await until(async () => (await browser.fetch("/readyz")).status === 200);
      }
    };
    store.change({ dropAfterCommitEvery: 2 });
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) {
      const fields = { ...FORM, input: `Question ${n}`, idempotency_key: crypto.randomUUID() };
      ids.push((await insist("/tasks", fields)).slice("/tasks/".length));
    }
    for (const id of ids) script.end(id);
    for (const id of ids.slice(0, 3)) await insist(`/tasks/${id}/delete`);
    await insist(`/tasks/${ids[0]}/undelete`);
    store.change({ dropAfterCommitEvery: 0 });
    await until(async () => (await browser.fetch("/readyz")).status === 200);
    let list = "";
    await until(async () => {
      list = await browser.text("/tasks");
      return list.match(/data-status="completed"/g)?.length === 2;
    });
    assertEquals(new Set(list.match(/trun_[0-9a-f]{32}/g)), new Set([ids[0], ids[3]]));
    assertMatch(list, /2 deleted tasks are still stored/);
    using look = await Deno.openKv(store.url);
    const sums: Record<string, bigint> = {};
    for await (const { key, value } of look.list<Deno.KvU64>({ prefix: ["spend"] })) {
      // The list's lines are counted by status, the rest by processor, which is always the same.
      sums[key[3] === "listed" ? `listed ${String(key[4])}` : String(key[3])] = value.value;
    }
    // A run may have been listed with any status before its last one: these are back at 0.
    const counted = Object.entries(sums).filter(([name, sum]) => name !== "ms" && sum !== 0n);
    // Each of the four has cost 5,000 millionths of a dollar.
    assertEquals(Object.fromEntries(counted), {
      runs: 2n,
      "listed completed": 2n,
      completed: 2n,
      timed: 2n,
      spent: 10_000n,
      deleted: 10_000n,
    });
  }, { config: { api: script.api } });
});
