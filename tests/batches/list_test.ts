/** The list of an account's batches. */
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { withApp } from "../app/test_app.ts";
import { batchOf, companies, created, ownerOf, pageIn } from "./batch_tools.ts";

const KEY = "sandbox-batches-1234";

Deno.test("an account's batches are listed with progress, newest first, without other accounts' batches", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(KEY);
    assertMatch(await browser.text("/tasks?kind=batch"), /No batches yet/);
    const owner = await ownerOf(app, KEY);
    const first = await created(app, owner, await batchOf(companies(3)));
    await pageIn(app, owner, first, "done");
    const second = await created(app, owner, await batchOf(companies(2), { name: "<b>Second" }));
    await pageIn(app, owner, second, "done");
    const html = await browser.text("/tasks?kind=batch");
    assert(html.indexOf(`href="/batches/${second}"`) < html.indexOf(`href="/batches/${first}"`));
    assertMatch(html, /&lt;b>Second/);
    const text = html.replace(/<[^>]*>/g, "");
    assertMatch(text, /batch of 3 rows3 done(?: · \d of low confidence)? · \d of 6 cells high/);
    const others = await app.browser().enterKey("sandbox-others-1234");
    assertMatch(await others.text("/tasks?kind=batch"), /No batches yet/);
  }, { config: { sandboxSpeed: 10_000 } }));

Deno.test("the list of batches is paged; an invalid cursor starts at the first page", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app, KEY);
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.unshift(await created(app, owner, await batchOf(companies(1))));
    const { batches, next } = await app.services.batches.list(owner.id, { limit: 2 });
    const rest = await app.services.batches.list(owner.id, { limit: 2, cursor: next });
    assertStrictEquals([...batches, ...rest.batches].map(({ id }) => id).join(), ids.join());
    assertStrictEquals(rest.next, null);
    const browser = await app.browser().enterKey(KEY);
    for (const cursor of ["x", "1e999.x", "-1.", `${"9".repeat(400)}.a`]) {
      const response = await browser.fetch(`/tasks?kind=batch&cursor=${cursor}`);
      await response.body?.cancel();
      assertStrictEquals(response.status, 200, cursor);
    }
  }, { config: { sandboxSpeed: 10_000 } }));
