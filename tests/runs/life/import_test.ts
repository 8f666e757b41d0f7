/** Overlapping imports of one run, and what happens when the API knows the run better. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStrictEquals,
  equal,
} from "@std/assert";
import { silentLog } from "../store_tools.ts";
import { Committer } from "../../../lib/store/committer.ts";
import type { Write } from "../../../lib/store/sizes.ts";
import { type ImportContext, type ImportedRun, importRun } from "../../../lib/runs/life/import.ts";
import { displaceImport, isImport } from "../../../lib/runs/life/displace.ts";
import { readBrief, readPage, readResult, readTraced } from "../../../lib/runs/life/page.ts";
import { readCounters } from "../../../lib/runs/history/figures.ts";
import { readDigest, readHead, readRecord } from "../../../lib/runs/log/mod.ts";
import type { TraceQuery } from "../../../lib/runs/model/mod.ts";
import { wrap } from "../log_tools.ts";
import { Sweeper } from "../../../lib/runs/mod.ts";
import { VALID_RUN, versionOf } from "../../history/valid_run.ts";
import { FORM, type TestBrowser, withApp } from "../../app/test_app.ts";

/** The run that accounts import at the same time. */
const RUN = "trun_contested";

const versionBy = (by: string, events: number) => versionOf(RUN, by, events);

/** A committer that stands still before its commit number `at`, until it is let go. */
function pausing(kv: Deno.Kv, at: number) {
  const reached = Promise.withResolvers<void>(), go = Promise.withResolvers<void>();
  let commits = 0;
  class Pausing extends Committer {
    override async commit(write: Write) {
      if (++commits === at) {
        reached.resolve();
        await go.promise;
      }
      return await super.commit(write);
    }
  }
  return {
    committer: new Pausing(kv),
    reached: reached.promise,
    go: () => go.resolve(),
    commits: () => commits,
  };
}

const AT_ONCE = {
  setTimeout: (run: () => void) => setTimeout(run, 0),
  clearTimeout: (id: unknown) => clearTimeout(id as number),
};

async function assertWhole(kv: Deno.Kv, account: string, imported: ImportedRun): Promise<void> {
  const page = await readPage(kv, account, RUN);
  assert(page !== null);
  assertStrictEquals(page.output_text, imported.output_text);
  assertEquals(page.events, imported.events);
  assertEquals(page.run.input, imported.run.input);
}

/** How many commits an import of {@linkcode told} makes: each may be the one that another overtakes. */
async function countCommits(): Promise<number> {
  using kv = await Deno.openKv(":memory:");
  const { committer, commits } = pausing(kv, Infinity);
  assertStrictEquals(
    await importRun({ kv, committer, now: () => 0 }, "a", versionBy("a", 40)),
    "imported",
  );
  return commits();
}

Deno.test("what a page says of a large log is stored, so that it need not read the log", async () => {
  for (const [chars, isStored] of [[1_000, false], [600_000, true]] as const) {
    using kv = await Deno.openKv(":memory:");
    const version = versionBy("a", 3);
    const data = JSON.stringify({ message: "x".repeat(chars) });
    const events = version.events.map((event) => event.id === 1 ? { ...event, data } : event);
    await importRun({ kv, committer: new Committer(kv), now: () => 0 }, "a", {
      ...version,
      events,
    });
    const lastId = (await readDigest(kv, RUN))?.digest?.view.lastId;
    assertStrictEquals(lastId, isStored ? events.length : undefined, `${chars} characters`);
  }
});

Deno.test("an import that overlaps with another account's is complete at any point", async () => {
  const commits = await countCommits();
  for (let at = 1; at <= commits; at++) {
    using kv = await Deno.openKv(":memory:");
    const first = pausing(kv, at);
    const now = () => 0;
    const a = importRun({ kv, committer: first.committer, now }, "a", versionBy("a", 40));
    await Promise.race([first.reached, a]);
    const b = await importRun({ kv, committer: new Committer(kv), now }, "b", versionBy("bb", 50));
    first.go();
    const outcomes = [await a, b];
    const [winner, loser] = outcomes[0] === "imported" ? ["a", "b"] : ["b", "a"];
    assertEquals(outcomes.toSorted(), ["imported", "taken"], `commit ${at}`);
    await assertWhole(kv, winner!, winner === "a" ? versionBy("a", 40) : versionBy("bb", 50));
    assertStrictEquals(await readPage(kv, loser!, RUN), null);
  }
});

Deno.test("an import with an expired lease overwrites nothing of its successor", async () => {
  const commits = await countCommits();
  for (let at = 2; at <= commits; at++) {
    using kv = await Deno.openKv(":memory:");
    const first = pausing(kv, at);
    let ms = 0;
    const now = () => ms;
    const a = importRun({ kv, committer: first.committer, now }, "a", versionBy("a", 40));
    await Promise.race([first.reached, a.catch(() => {})]);
    ms = 60_000;
    const b = await importRun({ kv, committer: new Committer(kv), now }, "b", versionBy("bb", 30));
    first.go();
    const outcomes = [await a, b];
    assertEquals(outcomes.toSorted(), ["imported", "taken"], `commit ${at}`);
    if (b === "imported") await assertWhole(kv, "b", versionBy("bb", 30));
    else await assertWhole(kv, "a", versionBy("a", 40));
  }
});

Deno.test("importing a run from several tabs at once imports it once, and the others find it", async () => {
  using kv = await Deno.openKv(":memory:");
  const context: ImportContext = {
    kv,
    committer: new Committer(kv),
    now: Date.now,
    timers: AT_ONCE,
  };
  const outcomes = await Promise.all(
    [1, 2, 3].map(() => importRun(context, "a", versionBy("a", 40))),
  );
  assertEquals(outcomes.toSorted(), ["imported", "known", "known"]);
  await assertWhole(kv, "a", versionBy("a", 40));
});

Deno.test("the import of a process that is known to have ended is taken over at once", async () => {
  using kv = await Deno.openKv(":memory:");
  const first = pausing(kv, 4);
  const [now, isGone] = [() => 0, (owner: string) => owner === "dead"];
  const dead = { kv, committer: first.committer, now, owner: "dead" };
  const a = importRun(dead, "a", versionBy("a", 40));
  await first.reached;
  const living = { kv, committer: new Committer(kv), now, owner: "living", isGone };
  assertStrictEquals(await importRun(living, "a", versionBy("a", 40)), "imported");
  await assertWhole(kv, "a", versionBy("a", 40));
  first.go();
  assertStrictEquals(await a, "known");
});

Deno.test("the remains of a dead import are removed without a second import", async () => {
  using kv = await Deno.openKv(":memory:");
  const first = pausing(kv, 4);
  const a = importRun({ kv, committer: first.committer, now: () => 0 }, "a", versionBy("a", 40));
  await first.reached;
  const sweeper = new Sweeper({
    onMerged: () => Promise.resolve(),
    kv,
    committer: new Committer(kv),
    now: () => 3_600_000,
    accounts: { after: () => Promise.resolve([]) },
    log: silentLog,
    leaseMs: 10_000,
    retentionDays: null,
    onPurge: () => Promise.resolve(),
  });
  await sweeper.sweep();
  assertEquals((await Array.fromAsync(kv.list({ prefix: [] }))).map(({ key }) => key), []);
  first.go();
  assertStrictEquals(await a, "imported");
});

/** A store whose first list waits until something else has happened to it. */
function interrupted(kv: Deno.Kv, meanwhile: () => Promise<void>): Deno.Kv {
  let happened: Promise<void> | undefined;
  return wrap(kv, {
    list: <T>(...options: Parameters<Deno.Kv["list"]>) =>
      (async function* () {
        await (happened ??= meanwhile());
        yield* kv.list<T>(...options);
      })() as unknown as Deno.KvListIterator<T>,
  });
}

Deno.test("a read while an import releases its ID finds the whole run or none", async () => {
  const imported = versionBy("a", 40);
  const whole: TraceQuery = { from: null, to: null, find: "", kind: "", raw: null };
  const readers: Record<string, (kv: Deno.Kv) => Promise<unknown>> = {
    page: (kv) => readPage(kv, "a", RUN),
    result: (kv) => readResult(kv, "a", RUN),
    part: (kv) => readTraced(kv, "a", RUN, { query: whole }),
    brief: (kv) => readBrief(kv, "a", RUN, 1_000_000),
    record: (kv) => readRecord(kv, RUN),
    isImport: async (kv) => {
      const found = await readHead(kv, RUN);
      return found === null ? null : await isImport(kv, RUN, found.head) || null;
    },
  };
  for (const [name, read] of Object.entries(readers)) {
    let was: unknown, commits = Infinity;
    for (let at = 1; at <= commits; at++) {
      using kv = await Deno.openKv(":memory:");
      const now = () => 0;
      await importRun({ kv, committer: new Committer(kv), now }, "a", imported);
      was ??= await read(kv);
      const found = await readHead(kv, RUN);
      const pause = pausing(kv, at);
      let displacing: Promise<void> | undefined;
      const got = await read(interrupted(kv, async () => {
        displacing = displaceImport(
          { kv, committer: pause.committer, now, onDisplaced: () => {} },
          RUN,
          found!.head,
        );
        await Promise.race([pause.reached, displacing]);
      }));
      assert(got === null || equal(got, was), `${name}, at commit ${at}`);
      pause.go();
      await displacing;
      // Without a list, nothing came between.
      commits = displacing === undefined ? 0 : pause.commits();
    }
    assert(was !== null, name);
  }
});

Deno.test("an import that becomes a copy is counted and paid for once", async () => {
  using kv = await Deno.openKv(":memory:");
  const committer = new Committer(kv), now = () => 5;
  const file = versionBy("a", 1);
  const run = { status: "completed", is_active: false };
  const data = JSON.stringify({ type: "task_run.state", run });
  await importRun({ kv, committer, now }, "a", {
    ...file,
    run: { ...file.run, price_usd: 0.1 },
    events: [{ id: 1, received_ms: 1, type: "task_run.state", data }],
  });
  const before = await readCounters(kv, "a", 0, Date.now());
  assert(before.some(({ name, value }) => name === "spent" && value === 100_000));
  const { head } = (await readHead(kv, RUN))!;
  await displaceImport({ kv, committer, now, onDisplaced: () => {} }, RUN, head);
  assertEquals(await readCounters(kv, "a", 0, Date.now()), before);
});

const REAL = "trun_of_somebody_else";
const OWNER_KEY = "pk-owner-key-1234";

/** An API where one key may see one finished run. */
function api(request: Request): Response {
  const { pathname } = new URL(request.url);
  const isOwner = request.headers.get("x-api-key") === OWNER_KEY;
  if (isOwner && request.method === "POST") {
    return Response.json({
      run_id: REAL,
      interaction_id: REAL,
      status: "queued",
      is_active: true,
      processor: "core",
    }, { status: 202 });
  }
  const mine = request.headers.get("x-api-key") === OWNER_KEY && pathname.includes(REAL);
  if (!mine) {
    return Response.json({ type: "error", error: { ref_id: "r", message: "Not found" } }, {
      status: 404,
    });
  }
  const run = { run_id: REAL, interaction_id: REAL, status: "completed", is_active: false };
  const whole = { ...run, processor: "core", created_at: "2026-05-01T10:00:00Z" };
  const output = { type: "text", content: "What the API says", basis: [] };
  if (pathname.endsWith("/input")) {
    return Response.json({ input: "What was asked", processor: "core" });
  }
  if (pathname.endsWith("/result")) return Response.json({ run: whole, output });
  if (!pathname.endsWith("/events")) return Response.json(whole);
  const state = { type: "task_run.state", event_id: null, input: null, run: whole, output };
  return new Response(`event: task_run.state\ndata: ${JSON.stringify(state)}\n\n`, {
    headers: { "content-type": "text/event-stream" },
  });
}

const create = (browser: TestBrowser, headers: Record<string, string> = {}) =>
  browser.fetch("/api/v1/tasks/runs", {
    method: "POST",
    body: JSON.stringify({ input: "What was asked", processor: "core" }),
    headers: { "content-type": "application/json", ...headers },
  });

const squat = (browser: TestBrowser) => {
  const run = {
    ...VALID_RUN,
    run_id: REAL,
    input: { input: "What the file asks", processor: "lite" },
    output: { type: "text", content: "What the file says", basis: [] },
  };
  const lines = [{ taskstream: "history", version: 1 }, { run }, { end: { runs: 1 } }];
  return browser.fetch("/tasks/transfer", {
    method: "POST",
    body: lines.map((line) => JSON.stringify(line)).join("\n"),
    headers: { "content-type": "application/x-ndjson" },
  });
};

for (
  const [way, make] of Object.entries({
    "the form": (owner: TestBrowser) => owner.post("/tasks", { ...FORM, processor: "core" }),
    "/api with the session": (owner: TestBrowser) => create(owner),
    "/api with the key": (_: TestBrowser, stranger: TestBrowser) =>
      create(stranger, { "x-api-key": OWNER_KEY }),
  })
) {
  Deno.test(`a run created by ${way} belongs to its creator even if an import has its ID`, () =>
    withApp(async (app) => {
      const squatter = await app.browser().enterKey("pk-squatter-key-1");
      assertMatch(await (await squat(squatter)).text(), /1 imported/);
      const owner = await app.browser().enterKey(OWNER_KEY);
      await (await make(owner, app.browser())).body?.cancel();
      const list = await owner.text("/tasks");
      assertMatch(list, new RegExp(`/tasks/${REAL}"`), "without being opened first");
      assertNotMatch(list, /What the file/);
      const events = await owner.events(REAL);
      assertMatch(events.at(-1)?.data ?? "", /What the API says/);
      assertMatch(await squatter.text("/tasks"), /What the file asks/, "the copy stays");
    }, { api }));
}

for (
  const [door, ask] of Object.entries({
    "its page": (owner: TestBrowser) => owner.fetch(`/tasks/${REAL}`),
    "/api": (owner: TestBrowser) => owner.fetch(`/api/v1/tasks/runs/${REAL}`),
    "its events": (owner: TestBrowser) => owner.fetch(`/api/v1/tasks/runs/${REAL}/events`),
  })
) {
  Deno.test(`a run imported from a file belongs to its owner once the API shows it at ${door}`, () =>
    withApp(async (app) => {
      const squatter = await app.browser().enterKey("pk-squatter-key-1");
      assertMatch(await (await squat(squatter)).text(), /1 imported/);
      const shared = (await squatter.post(`/tasks/${REAL}/share`, {})).status;
      assertStrictEquals(shared, 303);
      const owner = await app.browser().enterKey(OWNER_KEY);
      const response = await ask(owner);
      assertStrictEquals(response.status, 200);
      await response.body?.cancel();
      const own = await (await owner.fetch(`/tasks/${REAL}/result.json`)).json();
      assertEquals([own.run.source, own.output.content], ["adopted", "What the API says"]);
      assertStrictEquals((await squatter.fetch(`/tasks/${REAL}`)).status, 404);
      // What the file held is still there, under an id of its own, with nothing of the real run.
      const list = await squatter.text("/tasks");
      const [, copy = ""] = /href="\/tasks\/(trun_[\w-]+)"/.exec(list) ?? [];
      const kept = await (await squatter.fetch(`/tasks/${copy}/result.json`)).json();
      assertStrictEquals(kept.output.content, "What the file says");
      assertMatch(await (await squat(squatter)).text(), /1 has an id that is in use/);
      assertMatch(await owner.text("/tasks"), /What was asked/);
    }, { api }));
}

Deno.test("restoring a deleted import never replaces a real run", () =>
  withApp(async (app) => {
    const squatter = await app.browser().enterKey("pk-squatter-key-1");
    await squat(squatter);
    await squatter.post(`/tasks/${REAL}/delete`, {});
    const owner = await app.browser().enterKey(OWNER_KEY);
    assertStrictEquals((await owner.fetch(`/tasks/${REAL}`)).status, 200);
    await squatter.post(`/tasks/${REAL}/undelete`, {});
    assertStrictEquals((await squatter.fetch(`/tasks/${REAL}`)).status, 404);
    assertStrictEquals((await owner.fetch(`/tasks/${REAL}`)).status, 200);
  }, { api }));
