/** An active run of several accounts, each with a key of its own. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { activeKey, readActive } from "../../../lib/runs/log/active.ts";
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

Deno.test("a key that is added to an account, or signs in, may read its active runs after the first one", () =>
  withApp(async (app) => {
    const [old, next] = ["pk-first-key-1234", "pk-second-key-1234"];
    const browser = await app.browser().enterKey(old);
    const stranger = await app.browser().enterKey("pk-third-key-1234");
    const keys = async (runId: string) => {
      const active = (await readActive(app.services.kv, runId))!;
      const all = [active, ...active.others ?? []];
      return await Promise.all(all.map(({ sealed_key }) => app.services.openKey(sealed_key)));
    };
    assertStrictEquals(await browser.createTask(), RUN_ID);
    await browser.post("/account/keys", { api_key: next, confirm: "yes" });
    assertEquals(await keys(RUN_ID), [old, next]);
    // A run that the old session creates later.
    const active = (await readActive(app.services.kv, RUN_ID))!;
    const { others: _, ...later } = active;
    await app.services.kv.set(activeKey(RUN_ID), later);
    await stranger.post("/account/keys", { api_key: "pk-fourth-key-1234", confirm: "yes" });
    await app.browser().enterKey("pk-fourth-key-1234");
    assertEquals(await keys(RUN_ID), [old], "another account's keys");
    await app.browser().enterKey(next);
    await app.browser().enterKey(next);
    await app.browser().enterKey(old);
    assertEquals(await keys(RUN_ID), [old, next]);
    // The same key is not added twice.
    await browser.post("/account/keys", { api_key: next, confirm: "yes" });
    assertEquals(await keys(RUN_ID), [old, next]);
  }, { api }));
