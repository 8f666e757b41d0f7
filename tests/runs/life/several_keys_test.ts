/** An active run of several accounts, each with a key of its own. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { activeKey, readActive, replaceKey, withEachKey } from "../../../lib/runs/log/active.ts";
import { Committer, sha256Hex } from "../../../lib/store/mod.ts";
import { type TestApp, type TestBrowser, withApp } from "../../app/test_app.ts";
import { errorJson, runJson } from "../../proxy/proxy_app.ts";

const RUN_ID = `trun_${"5".repeat(32)}`;

/** Every key sees the one run, which is running. */
function api(request: Request): Response {
  const { pathname } = new URL(request.url);
  const run = runJson({
    run_id: RUN_ID,
    interaction_id: RUN_ID,
    status: "running",
    created_at: new Date().toISOString(),
  });
  if (request.method === "POST") return Response.json(run, { status: 202 });
  if (!pathname.includes(RUN_ID)) {
    return Response.json(errorJson("Run id not found"), { status: 404 });
  }
  if (pathname.endsWith("/input")) return Response.json({ input: "x", processor: "lite" });
  if (!pathname.endsWith("/events")) return Response.json(run);
  const headers = { "content-type": "text/event-stream" };
  return new Response(new ReadableStream({}), { headers });
}

interface Shared {
  readonly app: TestApp;
  readonly clock: { aheadMs: number };
  readonly first: TestBrowser;
  readonly second: TestBrowser;
  readonly accounts: readonly [string, string];
}

/** The first account creates the run, and the second opens it. */
async function withShared(test: (shared: Shared) => Promise<void>): Promise<void> {
  const clock = { aheadMs: 0 };
  await withApp(async (app) => {
    const [first, second] = [
      await app.browser().enterKey("pk-first-key-1234"),
      await app.browser().enterKey("pk-second-key-1234"),
    ];
    assertStrictEquals(await first.createTask(), RUN_ID);
    assertStrictEquals((await second.fetch(`/tasks/${RUN_ID}`)).status, 200);
    const accountOf = async ({ cookies }: TestBrowser) =>
      (await app.services.sessions.find(cookies.get("taskstream")!))!.account;
    const accounts = [await accountOf(first), await accountOf(second)] as const;
    const { account, others } = (await readActive(app.services.kv, RUN_ID))!;
    assertEquals([account, others?.map((key) => key.account)], [accounts[1], [accounts[0]]]);
    await test({ app, clock, first, second, accounts });
  }, { api, now: () => Date.now() + clock.aheadMs });
}

/** The entries that name an account, but those that say what it deleted. */
async function naming(app: TestApp, account: string): Promise<string[]> {
  const found = await Array.fromAsync(app.services.kv.list({ prefix: [] }));
  return found.filter(({ key, value }) =>
    key[0] !== "limit" && Deno.inspect([key, value], { depth: 10 }).includes(account)
  ).map(({ key }) => key.join(" "));
}

Deno.test("an account that is deleted leaves no key with a run that another account still has", () =>
  withShared(async ({ app, second, accounts: [left, gone] }) => {
    await second.post("/account/delete", { confirm: "yes" });
    await app.services.sweep();
    assertEquals(await naming(app, gone), []);
    const active = await readActive(app.services.kv, RUN_ID);
    assertStrictEquals(active?.account, left);
    assertStrictEquals(await app.services.openKey(active.sealed_key), "pk-first-key-1234");
    assertStrictEquals(active.others, undefined);
  }));

Deno.test("a deleted run keeps its account's key until it is too late for an undo", () =>
  withShared(async ({ app, clock, second, accounts: [left, gone] }) => {
    await second.post(`/tasks/${RUN_ID}/delete`, {});
    await app.services.sweep();
    assertStrictEquals((await readActive(app.services.kv, RUN_ID))?.account, gone);
    clock.aheadMs = 11 * 60_000;
    await app.services.sweep();
    const active = await readActive(app.services.kv, RUN_ID);
    assertEquals([active?.account, active?.others], [left, undefined]);
    assert(!(await naming(app, gone)).some((key) => key.startsWith("active")));
  }));

Deno.test("accounts that become one keep both keys of a run", () =>
  withShared(async ({ app, first, accounts: [left] }) => {
    await first.post("/account/keys", { api_key: "pk-second-key-1234", confirm: "yes" });
    const active = await readActive(app.services.kv, RUN_ID);
    assertEquals([active?.account, active?.others?.map((key) => key.account)], [left, [left]]);
  }));

/** The keys that a run is read with, one after the other, if the API refuses each. */
async function readWith(app: TestApp, runId: string): Promise<string[]> {
  const { kv } = app.services, committer = new Committer(kv);
  const sparesOf = (account: string) => app.services.sparesOf(account);
  const keys: string[] = [];
  for (;;) {
    const { sealed_key } = (await readActive(kv, runId))!;
    keys.push(await app.services.openKey(sealed_key));
    if (!await replaceKey({ kv, committer, sparesOf }, runId, sealed_key)) return keys;
  }
}

Deno.test("a run whose key the API refuses goes on with each other key of its account, whenever that was added", () =>
  withApp(async (app) => {
    const [old, next, third] = ["pk-first-key-1234", "pk-second-key-1234", "pk-third-key-1234"];
    const browser = await app.browser().enterKey(old);
    const stranger = await app.browser().enterKey("pk-other-key-1234");
    await stranger.post("/account/keys", { api_key: "pk-fourth-key-1234", confirm: "yes" });
    await browser.post("/account/keys", { api_key: next, confirm: "yes" });
    // The session that creates the run still has the old key.
    assertStrictEquals(await browser.createTask(), RUN_ID);
    const stored = await app.services.kv.get(activeKey(RUN_ID));
    assertEquals(await readWith(app, RUN_ID), [old, next]);
    const again = () => app.services.kv.set(activeKey(RUN_ID), stored.value);
    await again();
    await browser.post("/account/keys", { api_key: third, confirm: "yes" });
    const tried = await readWith(app, RUN_ID);
    assertEquals([tried[0], tried.slice(1).sort()], [old, [next, third]]);
    await again();
    await browser.post("/account/keys/remove", { key_id: (await sha256Hex(next)).slice(0, 32) });
    assertEquals(await readWith(app, RUN_ID), [old, third], "a removed key");
  }, { api }));

Deno.test("a refused key is replaced although an account joins the run at the same time", () =>
  withApp(async (app) => {
    const { kv, sparesOf } = app.services;
    const browser = await app.browser().enterKey("pk-first-key-1234");
    await browser.post("/account/keys", { api_key: "pk-second-key-1234", confirm: "yes" });
    assertStrictEquals(await browser.createTask(), RUN_ID);
    const { sealed_key } = (await readActive(kv, RUN_ID))!;
    const joined = { account: "another", sealed_key: "sealed", key_sha256: "hash" };
    const own = new Committer(kv);
    let commits = 0;
    const committer: Pick<Committer, "commit"> = {
      async commit(write) {
        if (commits++ === 0) {
          await kv.set(activeKey(RUN_ID), { ...(await readActive(kv, RUN_ID))!, others: [joined] });
        }
        return await own.commit(write);
      },
    };
    assert(await replaceKey({ kv, committer, sparesOf }, RUN_ID, sealed_key));
    const active = (await readActive(kv, RUN_ID))!;
    assertEquals([commits, active.account, active.sealed_key], [2, "another", "sealed"]);
  }, { api }));

Deno.test("a run whose log stopped is asked about with every key of its account", () =>
  withApp(async (app) => {
    const [old, next] = ["pk-first-key-1234", "pk-second-key-1234"];
    const browser = await app.browser().enterKey(old);
    assertStrictEquals(await browser.createTask(), RUN_ID);
    await browser.post("/account/keys", { api_key: next, confirm: "yes" });
    const active = (await readActive(app.services.kv, RUN_ID))!;
    const runs = await withEachKey(
      { ...active, refused: ["x"] },
      (id) => app.services.sparesOf(id),
    );
    const keys = runs.map(({ sealed_key }) => app.services.openKey(sealed_key));
    assertEquals(await Promise.all(keys), [old, next]);
    assert(runs.every(({ others, refused }) => others?.length === 1 && refused === undefined));
  }, { api }));
