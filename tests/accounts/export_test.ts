/** Exports a whole account as one file. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import { withApp } from "../app/test_app.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const KEY = "sandbox-key-of-an-export";

Deno.test("the export contains account, keys, sessions and every run, but no key or secret", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(KEY);
    const runIds = [await browser.createTask(), await browser.createTask({ input: "Another" })];
    // As many as were recorded: a run this short may be over before its recorder connects.
    const recorded = new Map<string, number>();
    for (const runId of runIds) recorded.set(runId, (await browser.events(runId)).length);
    await browser.post("/account/webhook", { webhook_secret: SECRET });
    assertMatch(await browser.text("/account"), /href="\/account\/export"/);

    const response = await browser.fetch("/account/export");
    assertStrictEquals(response.status, 200);
    assertStrictEquals(response.headers.get("content-type"), "application/x-ndjson; charset=utf-8");
    assertMatch(response.headers.get("content-disposition")!, /^attachment; filename=.*ndjson"?$/);
    assertStrictEquals(response.headers.get("cache-control"), "private, no-store");
    const text = await response.text();
    const [head, ...rest] = text.trim().split("\n").map((line) => JSON.parse(line));
    assertMatch(head.account.fingerprint, /^[0-9a-f]{4}$/);
    assertStrictEquals(head.account.sandbox, true);
    assertStrictEquals(head.account.keys.length, 1);
    assertStrictEquals(head.account.sessions.length, 1);
    assertStrictEquals(head.account.has_webhook_secret, true);
    assertEquals(rest.at(-1), { end: { runs: 2 } });
    const ids = rest.slice(0, -1).map(({ run }) => run.run_id);
    assertEquals(ids.sort(), runIds.sort());
    for (const { run } of rest.slice(0, -1)) {
      assertStrictEquals(run.events.length, recorded.get(run.run_id));
      assertNotEquals(run.output, null);
    }
    for (const secret of [KEY, SECRET, "eyJ"]) assert(!text.includes(secret), secret);
  }));

Deno.test("importing the export restores the runs after everything was deleted", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(KEY);
    const runId = await browser.createTask();
    const events = await browser.events(runId);
    const file = await browser.text("/account/export");
    await browser.post("/account/delete", { confirm: "yes" });
    await app.services.sweep();
    await browser.enterKey(KEY);
    assertStrictEquals((await browser.fetch(`/tasks/${runId}`)).status, 404);
    const form = new FormData();
    form.set("file", new File([file], "account.ndjson"));
    const imported = await browser.fetch("/tasks/transfer", { method: "POST", body: form });
    assertStrictEquals(imported.status, 200, await imported.clone().text());
    assertEquals(await browser.events(runId), events);
  }));

Deno.test("an export requires a sign-in", () =>
  withApp(async (app) => {
    const response = await app.browser().fetch("/account/export");
    assertStrictEquals(response.status, 303);
    assertStrictEquals(response.headers.get("location"), "/?next=%2Faccount%2Fexport");
  }));
