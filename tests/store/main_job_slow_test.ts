/** The main job on a distant store, with one instance and with three. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { leaky, withApps } from "./far_apps.ts";

for (const count of [1, 3]) {
  Deno.test(
    `a task is created, watched, finished, shown and exported on ${count} instances`,
    leaky,
    () =>
      withApps(count, async (store, ...apps) => {
        // One account, as a balancer spreads its requests.
        const key = "sandbox-of-the-main-job";
        const browsers = await Promise.all(apps.map((app) => app.browser().enterKey(key)));
        const at = (n: number) => browsers[n % count]!;
        const runId = await at(0).createTask({ processor: "core" });
        const watched = await Promise.all(browsers.map((browser) => browser.events(runId)));
        for (const events of watched) {
          assertEquals(events.map(({ id }) => Number(id)), events.map((_, n) => n + 1));
          assertEquals(events, watched[0]);
          assertMatch(events.at(-1)!.data, /"status":"completed"/);
        }
        assertMatch(await at(1).text(`/tasks/${runId}`), /completed/i);
        assertMatch(await at(2).text("/tasks"), new RegExp(`/tasks/${runId}`));
        for (const [n, file] of ["report.md", "table.csv", "trace.ndjson"].entries()) {
          assert((await at(n).text(`/tasks/${runId}/${file}`)).length > 0, file);
        }
        const { run, events } = JSON.parse(await at(1).text(`/tasks/${runId}/result.json`));
        assertStrictEquals(run.status, "completed");
        assertStrictEquals(events.length, watched[0]!.length);
        assertStrictEquals(store.counters.refused, 0);
      }),
  );
}

Deno.test(
  "40 tasks created at once are stored in groups within the store's limits",
  leaky,
  () =>
    withApps(1, async (store, app) => {
      const browser = await app.browser().enterSandbox();
      const before = { ...store.counters };
      const ids = await Promise.all(
        Array.from({ length: 40 }, async (_, n) => {
          const response = await browser.fetch("/api/v1/tasks/runs", {
            method: "POST",
            body: JSON.stringify({ input: `Question ${n}`, processor: "lite" }),
            headers: { "content-type": "application/json" },
          });
          assertStrictEquals(response.status, 202);
          return (await response.json()).run_id;
        }),
      );
      assertStrictEquals(new Set(ids).size, 40);
      assertStrictEquals(store.counters.refused, before.refused);
      assertStrictEquals(store.counters.failedChecks, before.failedChecks);
    }),
);
