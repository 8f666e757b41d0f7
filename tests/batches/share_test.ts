/** A shared batch shows everyone with the link its table and results, and nothing else of its owner. */
import { assert, assertEquals, assertStrictEquals, fail } from "@std/assert";
import type { BatchTask } from "../../lib/batches/mod.ts";
import { withApp } from "../app/test_app.ts";
import { batchOf, companies, created, ownerOf, pageIn, rowsOf } from "./batch_tools.ts";
import { assertIncludes, textOf } from "./pages_tools.ts";

const KEY = "sandbox-sharing-12345678";
const FAST = { config: { sandboxSpeed: 1_000 } };
const SECRETS = ["s3cret-header", "hooks.example", "tools.example", "s3cret-metadata"];
const TASK: Partial<BatchTask> = {
  mcp_servers: [{
    type: "url",
    name: "tools",
    url: "https://tools.example/mcp?key=s3cret",
    headers: { authorization: "Bearer s3cret-header" },
  }],
  webhook: { url: "https://hooks.example/x" },
  metadata: { team: "s3cret-metadata" },
};

Deno.test("a share link shows the live table and its sources, without actions, runs or secrets", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app, KEY);
    const browser = await app.browser().enterKey(KEY);
    const batch = await batchOf(companies(3));
    const id = await created(app, owner, { ...batch, task: { ...batch.task, ...TASK } });
    const done = await pageIn(app, owner, id, "done");
    const shared = await browser.post(`/batches/${id}/share`, {});
    assertEquals(
      [shared.status, shared.headers.get("location")],
      [303, `/batches/${id}#share`],
    );
    const own = await browser.text(`/batches/${id}`);
    const path = /\/s\/[\w-]{43}/.exec(own)?.[0] ?? fail("no link");
    const visitor = app.browser();
    const response = await visitor.fetch(path);
    assertStrictEquals(response.headers.get("x-robots-tag"), "noindex, nofollow");
    const page = await response.text();
    assertIncludes(textOf(page), "Acme 3");
    const cells = rowsOf(done)[0]?.cells ?? fail("no cells");
    assertIncludes(textOf(page), cells[1]!.text.slice(0, 60));
    assertIncludes(page, `href="${path}/cell?row=1&amp;column=1"`);
    const cell = await visitor.text(`${path}/cell?row=1&column=1`);
    assertIncludes(textOf(cell), cells[1]!.text.slice(0, 60));
    const events = await firstEvents(await visitor.fetch(`${path}/events`), "completed");
    const runIds = rowsOf(done).map(({ run_id }) => run_id!);
    for (const [name, text] of Object.entries({ page, cell, events })) {
      for (const part of [...SECRETS, ...runIds, id, "/tasks/trun_"]) {
        assert(!text.includes(part), `${part} in ${name}`);
      }
      assert(!/<form[^>]*method="post"[^>]*\/s\//.test(text), name);
    }
    assertStrictEquals((await visitor.fetch(`${path}/cell?row=9&column=0`)).status, 404);
    assertStrictEquals((await browser.post(`/batches/${id}/unshare`, {})).status, 303);
    for (const gone of [path, `${path}/events`, `${path}/cell?row=1&column=1`]) {
      assertStrictEquals((await visitor.fetch(gone)).status, 404, gone);
    }
    const stranger = await app.browser().enterSandbox();
    assertStrictEquals((await stranger.post(`/batches/${id}/share`, {})).status, 404);
    assertStrictEquals((await stranger.post(`/batches/${id}/unshare`, {})).status, 404);
  }, FAST));

Deno.test("a visitor’s stream ends when the share link is revoked", () =>
  withApp(async (app) => {
    const owner = await ownerOf(app, KEY);
    const { batches } = app.services;
    const id = await created(app, owner, await batchOf(companies(1)));
    await pageIn(app, owner, id, "done");
    const token = await batches.share(owner.id, id) ?? fail("no link");
    const response = await app.browser().fetch(`/s/${token}/events`);
    const reading = Array.fromAsync(response.body!);
    await batches.unshare(owner.id, id);
    assert((await reading).length > 0);
  }, FAST));

/** What a stream says up to a word. */
async function firstEvents(response: Response, word: string): Promise<string> {
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes(word)) break;
  }
  return text;
}
