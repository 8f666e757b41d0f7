/** Keys of an account: added after confirmation, listed, removed one by one. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { sha256Hex } from "../../lib/store/parts.ts";
import { errorJson, runJson } from "../proxy/proxy_app.ts";
import { type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";

const FIRST = "sandbox-the-first-key";
const SECOND = "sandbox-the-second-key";
const THIRD = "sandbox-the-third-key";

const idOf = async (key: string) => (await sha256Hex(key)).slice(0, 32);

async function accountOf(app: TestApp, browser: TestBrowser): Promise<string | undefined> {
  return (await app.services.sessions.find(browser.cookies.get("taskstream") ?? ""))?.account;
}

async function isIn(browser: TestBrowser): Promise<boolean> {
  const response = await browser.fetch("/account");
  await response.body?.cancel();
  return response.status === 200;
}

Deno.test("signing in with a second key opens that key's own account", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(FIRST);
    const first = await accountOf(app, browser);
    const id = await browser.createTask();
    await browser.enterKey(SECOND);
    assertNotEquals(await accountOf(app, browser), first);
    assertStrictEquals((await browser.fetch(`/tasks/${id}`)).status, 404);
    assertEquals((await app.services.accounts.keys(first!)).length, 1);
  }));

Deno.test("adding a key asks for confirmation without sending the key back", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(FIRST);
    for (let turn = 0; turn < 3; turn++) await browser.createTask();
    const asked = await browser.post("/account/keys", { api_key: ` "${SECOND}" ` });
    assertStrictEquals(asked.status, 422, asked.headers.get("location") ?? "");
    const page = await asked.text();
    assert(!page.includes(SECOND), "the key is not sent back");
    assertMatch(page, /Everyone who has key <code>[0-9a-f]{4}<\/code> can sign in/);
    assertMatch(page, /<strong>3 tasks<\/strong>/);
    assertNotMatch(page, /already has an account/);
    const account = await accountOf(app, browser);
    assertStrictEquals(
      (await app.services.accounts.keys(account!)).length,
      1,
      "nothing happened yet",
    );

    const keyId = /name="key_id" value="([0-9a-f]+)"/.exec(page)?.[1] ?? "";
    assertStrictEquals(keyId, await idOf(SECOND));
    const added = await browser.post("/account/keys", { key_id: keyId, confirm: "yes" });
    assertStrictEquals(added.headers.get("location"), "/account?done=key-added");
    const other = await app.browser().enterKey(SECOND);
    assertStrictEquals(await accountOf(app, other), account);
    assertMatch(await other.text("/tasks"), /3/);
    const again = await browser.post("/account/keys", { key_id: keyId, confirm: "yes" });
    assertStrictEquals(again.headers.get("location"), "/account?problem=late#keys", "good once");
  }));

Deno.test("a confirmation applies only to the key and session it was requested for", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(FIRST);
    const stranger = await app.browser().enterKey(THIRD);
    await browser.post("/account/keys", { api_key: SECOND });
    const fields = { key_id: await idOf(SECOND), confirm: "yes" };
    const theirs = await stranger.post("/account/keys", fields);
    assertStrictEquals(theirs.headers.get("location"), "/account?problem=late#keys");
    await browser.post("/account/keys", { api_key: "sandbox-some-other-key" });
    const mine = await browser.post("/account/keys", fields);
    assertStrictEquals(mine.headers.get("location"), "/account?problem=late#keys");
    const account = await accountOf(app, browser);
    assertStrictEquals((await app.services.accounts.keys(account!)).length, 1);
  }));

Deno.test("adding a key with its own history merges two accounts after confirmation", () =>
  withApp(async (app) => {
    const mine = await app.browser().enterKey(FIRST);
    const theirs = await app.browser().enterKey(SECOND);
    const kept = await mine.createTask({ input: "Mine" });
    const moved: string[] = [];
    for (let turn = 0; turn < 45; turn++) {
      moved.push(await theirs.createTask({ input: `Q ${turn}` }));
    }
    const gone = await theirs.createTask({ input: "Deleted" });
    await theirs.post(`/tasks/${gone}/delete`, {});
    await theirs.post(`/tasks/${moved[0]}/share`, {});
    const other = await accountOf(app, theirs);
    const { token } = (await app.services.shares.find(other!, moved[0]!))!;

    const page = await (await mine.post("/account/keys", { api_key: SECOND })).text();
    assertMatch(page, /already has an account here with\s*<strong>45 tasks<\/strong>/);
    assertMatch(page, /Both accounts become one/);
    const added = await mine.post("/account/keys", { api_key: SECOND, confirm: "yes" });
    assertStrictEquals(added.headers.get("location"), "/account?done=key-merged");

    const account = await accountOf(app, mine);
    assertStrictEquals(await app.services.runs.count(account!), 46);
    for (const id of [kept, moved[0]!, moved[44]!]) {
      assertStrictEquals((await mine.fetch(`/tasks/${id}`)).status, 200);
    }
    assertStrictEquals((await mine.fetch(`/tasks/${gone}`)).status, 404, "deleted stays deleted");
    assertStrictEquals(
      (await app.browser().fetch(`/s/${token}`)).status,
      200,
      "its link still stands",
    );
    assertStrictEquals((await app.services.shares.find(account!, moved[0]!))?.token, token);
    assert(!await isIn(theirs), "its sessions are over");
    const again = await app.browser().enterKey(SECOND);
    assertStrictEquals(await accountOf(app, again), account);
    const { month } = await app.services.histories.figures(account!);
    assertStrictEquals(month.runs, 46);
    assertStrictEquals((await mine.fetch("/tasks?q=Q")).status, 200);
  }));

Deno.test("each task, kept or deleted, is paid for once after a merge", () => {
  // Budgets are monthly: the last sweep must be in the same month.
  const clock = { ahead: 0, startMs: Date.UTC(2026, 9, 15) - Date.now() };
  const inputs = new Map<string, string>();
  return withApp(async (app) => {
    const { histories, runs } = app.services;
    const mine = await app.browser().enterKey("pk-first-key-1234");
    const theirs = await app.browser().enterKey("pk-second-key-1234");
    await mine.post("/tasks/budget", { budget_usd: "100" });
    await theirs.post("/tasks/budget", { budget_usd: "100" });
    const account = (await accountOf(app, mine))!, other = (await accountOf(app, theirs))!;
    const make = async (browser: TestBrowser, input: string) => {
      const id = await browser.createTask({ input, processor: "base" });
      if (input !== "active") await browser.events(id);
      return id;
    };
    const shared = await make(theirs, "done");
    for (const input of ["done", "failed", "active"]) {
      await theirs.post(`/tasks/${await make(theirs, input)}/delete`, {});
    }
    // One account keeps what the other one deletes.
    const half = async () => {
      const id = await make(theirs, "done");
      assertStrictEquals((await mine.fetch(`/tasks/${id}`)).status, 200);
      await mine.events(id);
      await mine.post(`/tasks/${id}/delete`, {});
      return id;
    };
    const halves = [await half()];
    clock.ahead = 11 * 60_000;
    await app.services.sweep();
    halves.push(await half());
    for (const input of ["done", "failed", "active"]) {
      await theirs.post(`/tasks/${await make(theirs, input)}/delete`, {});
    }
    // Both have it, and have deleted it: it was paid once.
    assertStrictEquals((await mine.fetch(`/tasks/${shared}`)).status, 200);
    await runs.remove(other, shared);
    // The other account keeps these, and both have one of them.
    const both = await make(theirs, "done");
    for (const input of ["done", "active"]) await make(theirs, input);
    assertStrictEquals((await mine.fetch(`/tasks/${both}`)).status, 200);
    const cents = async (id: string) => {
      const { spent_usd, open_usd } = (await histories.budgets.state(id))!;
      return Math.round((spent_usd + open_usd) * 100);
    };
    assertStrictEquals(
      await cents(other),
      10,
      "six done, three still under way, and the shared one",
    );
    assertStrictEquals(await cents(account), 4, "what both have or had");
    await mine.post("/account/keys", { api_key: "pk-second-key-1234", confirm: "yes" });
    assertStrictEquals(await cents(account), 10);
    for (const id of halves) {
      assertStrictEquals((await mine.post(`/tasks/${id}/undelete`, {})).status, 303);
    }
    for (const ahead of [30 * 60_000, 3 * 3_600_000]) {
      clock.ahead = ahead;
      await app.services.sweep();
      assertStrictEquals(await cents(account), 10, "nor is it counted twice once all is removed");
    }
    await histories.indexer.settled();
    const found = await mine.text("/tasks?q=done");
    for (const id of halves) assert(found.includes(id), "what one of them kept is found");
    assertNotMatch(await mine.text("/tasks"), /still stored/);
  }, {
    now: () => Date.now() + clock.startMs + clock.ahead,
    api: async (request) => {
      const { pathname } = new URL(request.url);
      if (request.method === "POST") {
        const run = runJson({
          processor: "base",
          created_at: new Date(Date.now() + clock.startMs).toISOString(),
        });
        inputs.set(String(run.run_id), (await request.json()).input);
        return Response.json(run, { status: 202 });
      }
      const [id = ""] = /trun_\w+/.exec(pathname) ?? [];
      const input = inputs.get(id);
      if (input === undefined) {
        return Response.json(errorJson("Run id not found"), { status: 404 });
      }
      if (pathname.endsWith("/input")) return Response.json({ input, processor: "base" });
      const isActive = input === "active";
      const status = isActive ? "running" : input === "failed" ? "failed" : "completed";
      const run = runJson({
        run_id: id,
        interaction_id: id,
        processor: "base",
        status,
        is_active: isActive,
        created_at: new Date(Date.now() + clock.startMs).toISOString(),
      });
      const output = { type: "text", content: "x", basis: [] };
      if (pathname.endsWith("/result")) return Response.json({ run, output });
      if (!pathname.endsWith("/events")) return Response.json(run);
      const state = { type: "task_run.state", event_id: null, run, output: null };
      const text = `event: task_run.state\ndata: ${JSON.stringify(state)}\n\n`;
      return new Response(text, { headers: { "content-type": "text/event-stream" } });
    },
  });
});

Deno.test("late writes to a merged account are moved by the sweep, which then forgets it", () => {
  const clock = { ahead: 0 };
  return withApp(async (app) => {
    const { accounts, kv, runs } = app.services;
    const mine = await app.browser().enterKey(FIRST);
    const theirs = await app.browser().enterKey(SECOND);
    await theirs.createTask();
    const other = (await accountOf(app, theirs))!;
    const account = (await accountOf(app, mine))!;
    const owner = await runs.ownerOf(SECOND);
    await mine.post("/account/keys", { api_key: SECOND, confirm: "yes" });
    // A create that was on its way when the accounts became one.
    const late = await runs.create(owner, { input: "Late", processor: "lite" }, {
      source: "api",
      idempotencyKey: null,
      signal: new AbortController().signal,
    });
    assert(late.ok);
    assertStrictEquals(await runs.count(other), 1);
    await app.services.sweep();
    assertStrictEquals(await runs.count(other), 0);
    assertStrictEquals(await runs.count(account), 2);
    clock.ahead = 2 * 3_600_000;
    await app.services.sweep();
    assertStrictEquals(await accounts.get(other), null);
    const named = async () =>
      (await Array.fromAsync(kv.list({ prefix: [] }))).filter(({ key, value }) =>
        key[0] !== "limit" && Deno.inspect([key, value], { depth: 10 }).includes(other)
      );
    // The search index follows in commits of its own; a test that never ends has found something.
    while ((await named()).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }, { now: () => Date.now() + clock.ahead });
});

Deno.test("a merged account stays until the accounts merged into it have moved", () => {
  const clock = { ahead: 0 };
  return withApp(async (app) => {
    const { accounts, runs } = app.services;
    const found = await Promise.all([FIRST, SECOND, THIRD].map(async (key) => {
      const browser = await app.browser().enterKey(key);
      return { key, browser, id: (await accountOf(app, browser)) ?? "" };
    }));
    // The sweep goes by ids: it comes to the one in the middle first.
    const [middle, first, last] = found.toSorted((a, b) => a.id < b.id ? -1 : 1);
    assert(middle && first && last);
    await first.browser.createTask();
    // The process ended after each of these commits, before anything had moved.
    assert((await accounts.add(middle.id, first.key)).ok);
    assert((await accounts.add(last.id, middle.key)).ok);
    clock.ahead = 2 * 3_600_000;
    for (let turn = 0; turn < 3; turn++) await app.services.sweep();
    assertStrictEquals(await runs.count(last.id), 1);
    assertEquals([await accounts.get(first.id), await accounts.get(middle.id)], [null, null]);
  }, { now: () => Date.now() + clock.ahead });
});

const NOT_ADDED: readonly (readonly [what: string, key: string, problem: string])[] = [
  ["its own key", FIRST, "own"],
  ["a real key to a sandbox account", "pk-a-real-key", "mixed"],
  ["something with spaces", "sandbox-with a space", "malformed"],
];

for (const [what, key, problem] of NOT_ADDED) {
  for (const confirm of ["", "yes"]) {
    Deno.test(`${what} is not added, ${confirm === "" ? "asked" : "confirmed"}`, () =>
      withApp(async (app) => {
        const browser = await app.browser().enterKey(FIRST);
        const response = await browser.post("/account/keys", { api_key: key, confirm });
        assertStrictEquals(response.headers.get("location"), `/account?problem=${problem}#keys`);
        const page = await browser.text(`/account?problem=${problem}`);
        assertMatch(page, /aria-describedby="api_key-error"/);
        const account = await accountOf(app, browser);
        assertStrictEquals((await app.services.accounts.keys(account!)).length, 1);
      }));
  }
}

Deno.test("a removed key gives no access, and its sessions end", () =>
  withApp(async (app) => {
    const mine = await app.browser().enterKey(FIRST);
    const id = await mine.createTask();
    await mine.post("/account/keys", { api_key: SECOND, confirm: "yes" });
    const theirs = await app.browser().enterKey(SECOND);
    const phone = await app.browser().enterKey(SECOND);
    assertStrictEquals((await theirs.fetch(`/tasks/${id}`)).status, 200);
    const page = await mine.text("/account");
    assertStrictEquals([...page.matchAll(/name="key_id"/g)].length, 2);
    const removed = await mine.post("/account/keys/remove", { key_id: await idOf(SECOND) });
    assertStrictEquals(removed.headers.get("location"), "/account?done=key-removed");
    for (const browser of [theirs, phone]) assert(!await isIn(browser));
    assert(await isIn(mine));
    assertStrictEquals((await mine.fetch(`/tasks/${id}`)).status, 200, "its tasks stay");
    const again = await app.browser().enterKey(SECOND);
    assertStrictEquals((await again.fetch(`/tasks/${id}`)).status, 404);
    const headers = { "x-api-key": SECOND };
    const events = await again.fetch(`/api/v1/tasks/runs/${id}/events`, { headers });
    assertStrictEquals(events.status, 404);
  }));

Deno.test("a process that dies after it has removed a key leaves none of the key's sessions", () =>
  withApp(async (app) => {
    const mine = await app.browser().enterKey(FIRST);
    await mine.post("/account/keys", { api_key: SECOND, confirm: "yes" });
    const theirs = await app.browser().enterKey(SECOND);
    const account = (await accountOf(app, mine))!;
    const { accounts, accountKeys } = app.services;
    const remove = accounts.remove.bind(accounts);
    accounts.remove = async (...args) => {
      await remove(...args);
      throw new Error("the process died");
    };
    await assertRejects(async () => await accountKeys.remove(account, await idOf(SECOND)));
    assertStrictEquals((await accounts.keys(account)).length, 1);
    assert(!await isIn(theirs));
    assert(await isIn(mine));
    // The last key stays, and so do its sessions.
    accounts.remove = remove;
    assertStrictEquals(await accountKeys.remove(account, await idOf(FIRST)), "last");
    assert(await isIn(mine));
  }));

Deno.test("removing the key of this session signs out; the last key cannot be removed", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(FIRST);
    const last = await browser.post("/account/keys/remove", { key_id: await idOf(FIRST) });
    assertStrictEquals(last.headers.get("location"), "/account?done=key-last");
    assert(await isIn(browser));
    const unknown = await browser.post("/account/keys/remove", { key_id: await idOf(THIRD) });
    assertStrictEquals(unknown.headers.get("location"), "/account?done=key-unknown");
    await browser.post("/account/keys", { api_key: SECOND, confirm: "yes" });
    const own = await browser.post("/account/keys/remove", { key_id: await idOf(FIRST) });
    assertStrictEquals(own.headers.get("location"), "/");
    assertStrictEquals(browser.cookies.size, 0);
  }));

Deno.test("removing a key again ends sessions that the first request missed", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(FIRST);
    await browser.post("/account/keys", { api_key: SECOND, confirm: "yes" });
    const other = await app.browser().enterKey(SECOND);
    const account = (await accountOf(app, browser))!;
    for (const [key, location] of [[SECOND, "/account?done=key-unknown"], [FIRST, "/"]] as const) {
      if (key === FIRST) await browser.post("/account/keys", { api_key: THIRD, confirm: "yes" });
      await app.services.accounts.remove(account, await idOf(key));
      const again = await browser.post("/account/keys/remove", { key_id: await idOf(key) });
      assertStrictEquals(again.headers.get("location"), location);
    }
    for (const ended of [browser, other]) assert(!await isIn(ended));
  }));

Deno.test("only one of two concurrent removals of the last keys succeeds", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(FIRST);
    await browser.post("/account/keys", { api_key: SECOND, confirm: "yes" });
    const account = (await accountOf(app, browser))!;
    const { accounts } = app.services;
    const outcomes = await Promise.all([
      accounts.remove(account, await idOf(FIRST)),
      accounts.remove(account, await idOf(SECOND)),
    ]);
    assertEquals(outcomes.toSorted(), ["last", "removed"]);
  }));

Deno.test("keys cannot be changed by another account, another site or a visitor", () =>
  withApp(async (app) => {
    const mine = await app.browser().enterKey(FIRST);
    await mine.post("/account/keys", { api_key: SECOND, confirm: "yes" });
    const stranger = await app.browser().enterKey(THIRD);
    await stranger.post("/account/keys", { api_key: "sandbox-fourth-key", confirm: "yes" });
    const theirs = await stranger.post("/account/keys/remove", { key_id: await idOf(SECOND) });
    assertStrictEquals(theirs.headers.get("location"), "/account?done=key-unknown");
    for (const path of ["/account/keys", "/account/keys/remove", "/account/keys/confirm"]) {
      const fields = { api_key: "sandbox-fifth-key", key_id: await idOf(SECOND), confirm: "yes" };
      const across = await mine.post(path, fields, { "sec-fetch-site": "cross-site" });
      assertStrictEquals(across.status, 403, path);
      const out = await app.browser().post(path, fields);
      assertMatch(
        out.headers.get("location") ?? "",
        /^\/\?(?:problem=not-sent&)?next=%2Faccount/,
        path,
      );
      assertNotEquals(
        (await mine.fetch(path, { headers: { "sec-fetch-site": "none" } })).status,
        200,
      );
    }
    assertStrictEquals((await app.services.accounts.keys((await accountOf(app, mine))!)).length, 2);
  }));

Deno.test("an account with unconfirmed keys shows a notice on every page until they are confirmed", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(FIRST);
    const account = (await accountOf(app, browser))!;
    // As signing in with a second key left it.
    const sha256 = await sha256Hex(SECOND);
    const added_ms = Date.UTC(2026, 4, 2);
    await app.services.kv.set(["keys", account, sha256], {
      fingerprint: sha256.slice(0, 4),
      added_ms,
    });
    await app.services.kv.set(["key", sha256], account);
    for (const path of ["/", "/tasks", "/account"]) {
      const page = await browser.text(path);
      assertMatch(page, /2 keys open this account/, path);
      assertMatch(
        page,
        new RegExp(`Key <code>${sha256.slice(0, 4)}</code>, added <time\\s+datetime="2026-05-02`),
      );
    }
    const confirmed = await browser.post("/account/keys/confirm", {});
    assertStrictEquals(confirmed.headers.get("location"), "/account?done=keys-confirmed");
    assertNotMatch(await browser.text("/tasks"), /keys open this account/);
    await browser.post("/account/keys", { api_key: THIRD, confirm: "yes" });
    assertNotMatch(
      await browser.text("/tasks"),
      /keys open this account/,
      "asked about already",
    );
  }));
