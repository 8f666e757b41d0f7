/** Names longer than any key of the store count as missing. */
import { assert, assertStrictEquals } from "@std/assert";
import { withApp } from "../app/test_app.ts";
import { findRoutes, furnish, pathOf } from "./walk.ts";

/** KV takes 2,048 bytes for a whole key. */
const LONG = "a".repeat(3_000);

Deno.test("a run or link with a name longer than any key counts as missing", async (t) => {
  const named = (await findRoutes()).filter(({ pattern }) => pattern.includes(":"));
  assert(named.length >= 10, `${named.length} routes`);
  let asked = 0;
  await withApp(async (app) => {
    const { browser } = await furnish(app);
    for (const route of named) {
      const path = pathOf(route, { browser, runId: LONG, token: LONG });
      for (const method of route.methods) {
        const response = await browser.fetch(path, { method });
        const what = `${method} ${route.pattern}`;
        assertStrictEquals(response.status, 404, what);
        await response.body?.cancel();
        asked++;
      }
    }
  });
  await t.step(`${asked} requests to ${named.length} routes`, () => {});
});
