/** Everything of an account as one file. */
import assert from "node:assert/strict";
import { withApp } from "../app/test_app.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const KEY = "sandbox-key-of-an-export";

Deno.test("the export has account, keys, sessions and every run, and neither key nor secret", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(KEY);
    const runIds = [await browser.createTask(), await browser.createTask({ input: "Another" })];
    // As many as were recorded: a run this short may be over before its recorder connects.
    const recorded = new Map<string, number>();
    for (const runId of runIds) recorded.set(runId, (await browser.events(runId)).length);
    await browser.post("/account/webhook", { webhook_secret: SECRET });
    assert.match(await browser.text("/account"), /href="\/account\/export"/);

    const response = await browser.fetch("/account/export");
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/x-ndjson; charset=utf-8");
    assert.match(response.headers.get("content-disposition")!, /^attachment; filename=.*ndjson"?$/);
    assert.equal(response.headers.get("cache-control"), "private, no-store");
    const text = await response.text();
    const [head, ...rest] = text.trim().split("\n").map((line) => JSON.parse(line));
    assert.match(head.account.fingerprint, /^[0-9a-f]{4}$/);
    assert.equal(head.account.sandbox, true);
    assert.equal(head.account.keys.length, 1);
    assert.equal(head.account.sessions.length, 1);
    assert.equal(head.account.has_webhook_secret, true);
    assert.deepEqual(rest.at(-1), { end: { runs: 2 } });
    const ids = rest.slice(0, -1).map(({ run }) => run.run_id);
    assert.deepEqual(ids.sort(), runIds.sort());
    for (const { run } of rest.slice(0, -1)) {
      assert.equal(run.events.length, recorded.get(run.run_id));
      assert.notEqual(run.output, null);
    }
    for (const secret of [KEY, SECRET, "eyJ"]) assert.ok(!text.includes(secret), secret);
  }));

Deno.test("after everything was deleted, the export brings the runs back", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(KEY);
    const runId = await browser.createTask();
    const events = await browser.events(runId);
    const file = await browser.text("/account/export");
    await browser.post("/account/delete", { confirm: "yes" });
    await app.services.sweep();
    await browser.enterKey(KEY);
    assert.equal((await browser.fetch(`/tasks/${runId}`)).status, 404);
    const form = new FormData();
    form.set("file", new File([file], "account.ndjson"));
    const imported = await browser.fetch("/tasks/transfer", { method: "POST", body: form });
    assert.equal(imported.status, 200, await imported.clone().text());
    assert.deepEqual(await browser.events(runId), events);
  }));

Deno.test("nobody exports without signing in", () =>
  withApp(async (app) => {
    const response = await app.browser().fetch("/account/export");
    assert.equal(response.status, 303);
    assert.equal(response.headers.get("location"), "/?next=%2Faccount%2Fexport");
  }));
