/** The pages of schedules, complete without JavaScript, on the sandbox. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { batchOf, companies } from "../batches/batch_tools.ts";
import { type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";
import { scheduled, ScheduleWorld, tick, timesOf } from "./world.ts";

/** A Saturday, and not today: no page may take the time from elsewhere. */
const START = Date.parse("2027-05-08T10:00:00Z");
const HOUR_MS = 3_600_000;
const SCHEMA = JSON.stringify({
  type: "object",
  properties: { ceo: { type: "string" }, founded: { type: "integer" } },
  required: ["ceo", "founded"],
  additionalProperties: false,
});
const FIELDS = {
  name: "Who leads it",
  every: "day",
  minute: "0",
  time: "09:30",
  weekday: "1",
  cron: "0 9 * * *",
  zone: "Europe/Berlin",
  cap_usd: "5",
};

interface Scene {
  readonly app: TestApp;
  readonly browser: TestBrowser;
  readonly clock: { now: number };
  readonly runId: string;
}

/** A sandbox account with a finished run, and a clock that the test moves. */
async function withRun(test: (scene: Scene) => Promise<void>): Promise<void> {
  const clock = { now: START };
  await withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ output_type: "json", json_schema: SCHEMA });
    await ended({ app, browser, clock, runId }, runId);
    await test({ app, browser, clock, runId });
  }, { now: () => clock.now, config: { sandboxSpeed: 1_000 } });
}

/** Moves the clock until the sandbox's run is over and recorded. */
async function ended({ browser, clock }: Scene, runId: string): Promise<void> {
  clock.now += 600_000;
  await browser.events(runId);
}

async function create(
  { browser, runId }: Pick<Scene, "browser" | "runId">,
  fields: Record<string, string> = {},
): Promise<string> {
  const response = await browser.post("/schedules", {
    run: runId,
    schedule_id: crypto.randomUUID(),
    ...FIELDS,
    ...fields,
  });
  const location = response.headers.get("location");
  if (location === null) throw new Error(`${response.status} ${await response.text()}`);
  await response.body?.cancel();
  return location;
}

Deno.test("a run's page links to the form, which shows the next due times and creates the schedule", () =>
  withRun(async (scene) => {
    const { browser, runId } = scene;
    const run = await browser.text(`/tasks/${runId}`);
    assert(run.includes(`href="/schedules/new?run=${runId}"`));
    const form = await browser.text(`/schedules/new?run=${runId}`);
    assertMatch(form, /value="UTC"/);
    const query = new URLSearchParams({ run: runId, ...FIELDS, every: "cron", cron: "15 6 * * 1" });
    const shown = await browser.text(`/schedules/new?${query}`);
    assertEquals(
      [...shown.matchAll(/<time[^>]*>([^<]+)<\/time> Europe\/Berlin/g)].map(([, text]) => text),
      ["Mon 10 May 2027, 06:15", "Mon 17 May 2027, 06:15", "Mon 24 May 2027, 06:15"],
    );
    const path = await create(scene);
    const page = await browser.text(path);
    assertMatch(page, /every day at 09:30, Europe\/Berlin/);
    assertMatch(page, /<a [^>]*href="\/schedules"[^>]*>All schedules<\/a>/);
    const back = new RegExp(`<a [^>]*href="/tasks/${runId}"[^>]*>Cancel</a>`);
    assertMatch(form, back);
    assertMatch(page, /Sun 9 May 2027, 09:30/);
    assertMatch(page, /Simulated/);
    assertMatch(await browser.text("/schedules"), /Who leads it/);
  }));

const WRONG: readonly (readonly [field: string, fields: Record<string, string>, words: RegExp])[] =
  [
    ["name", { name: " " }, /Enter a name/],
    ["zone", { zone: "Mars/Olympus" }, /is not a time zone/],
    ["zone", { zone: "+02:00" }, /is not a time zone/],
    ["time", { time: "24:00" }, /from 00:00 to 23:59/],
    ["minute", { every: "hour", minute: "60" }, /from 0 to 59/],
    ["weekday", { every: "week", weekday: "9" }, /Choose a day/],
    ["cron", { every: "cron", cron: "0 9 * *" }, /five fields/],
    ["cron", { every: "cron", cron: "0 0 31 2 *" }, /never due/],
    ["cap_usd", { cap_usd: "0" }, /number of dollars/],
    ["cap_usd", { cap_usd: "1e9" }, /number of dollars/],
    ["cap_usd", { cap_usd: "0.001" }, /more than the cap/],
  ];

Deno.test("an invalid field is redisplayed as typed, with its message", () =>
  withRun(async ({ browser, runId }) => {
    for (const [field, fields, words] of WRONG) {
      const id = crypto.randomUUID();
      const sent = { run: runId, schedule_id: id, ...FIELDS, ...fields };
      const response = await browser.post("/schedules", sent);
      const page = await response.text();
      assertStrictEquals(response.status, 422, JSON.stringify(fields));
      assertMatch(page, words);
      assertMatch(page, new RegExp(`name="${field}"[^>]* autofocus aria-invalid="true"`), field);
      assertStrictEquals(page.match(/ autofocus/g)?.length, 1, field);
      assert(
        page.includes(
          `aria-describedby="${
            field === "cap_usd" || field === "cron" ? `${field}-hint ` : ""
          }${field}-error"`,
        ),
        field,
      );
    }
    assertMatch(await browser.text("/schedules"), /No schedules yet/);
  }));

Deno.test("while one types, the form says why there are no next times", () =>
  withRun(async ({ browser, runId }) => {
    const cases = [
      [{ every: "cron", cron: "0 9 * *" }, /five fields/],
      [{ every: "hour", minute: "61" }, /from 0 to 59/],
      [{ zone: "Mars/Olympus" }, /is not a time zone/],
      [{}, /^3[01] times in the next 30 days, \$\d+\.\d+ without a cap\.$/],
    ] as const;
    for (const [fields, words] of cases) {
      const query = new URLSearchParams({ run: runId, ...FIELDS, ...fields });
      const response = await browser.fetch(`/schedules/times?${query}`);
      assertMatch((await response.json()).words, words, JSON.stringify(fields));
    }
  }));

Deno.test("a due time runs the task, and the page compares it with the previous run", () =>
  withRun(async (scene) => {
    const { app, browser, clock } = scene;
    const path = await create(scene, { every: "hour" });
    for (let times = 0; times < 2; times++) {
      clock.now += HOUR_MS;
      await app.services.runSchedules();
      await app.services.schedules.settled();
      const [{ run_id: newest } = { run_id: null }] = await app.services.schedules.firings(
        path.split("/").at(-1)!,
        1,
      );
      await ended(scene, newest!);
      await app.services.runSchedules();
    }
    const page = await browser.text(path);
    assertMatch(page, /nothing changed|of 2 fields changed/);
    const [compare = ""] = /\/compare\?ids=trun_\w+,trun_\w+/.exec(page) ?? [];
    assertNotMatch(page, /It has not run yet/);
    const run = await browser.text(`/tasks/${compare.split(",").at(-1)}`);
    assertMatch(run, new RegExp(`href="${path}"[^>]*>Who leads it</a>`));
    assertMatch(run, /nothing changed since|of 2 fields changed/);
    assert(run.includes(`href="${compare}"`), "the same comparison");
    assertNotMatch(await browser.text(`/tasks/${scene.runId}`), /Run by the schedule/);
    const [newest] = (await app.services.runs.list(
      (await app.services.sessions.find(browser.cookies.get("taskstream")!))!.account,
      { limit: 1 },
    )).runs;
    const stored = await app.services.runs.request(
      (await app.services.sessions.find(browser.cookies.get("taskstream")!))!.account,
      newest!.run_id,
    );
    assertStrictEquals(stored?.run.source, "schedule");
    assertStrictEquals(stored?.run.rerun_of, scene.runId);
  }));

Deno.test("schedules can be paused, resumed, edited and deleted", () =>
  withRun(async (scene) => {
    const { browser } = scene;
    const path = await create(scene);
    const press = async (action: string, fields: Record<string, string> = {}) => {
      const response = await browser.post(`${path}/${action}`, fields);
      await response.body?.cancel();
      assertStrictEquals(response.status, 303, action);
      return response.headers.get("location")!;
    };
    await press("pause");
    assertMatch(await browser.text(path), /Paused\.<\/strong> You paused this schedule/);
    await press("resume");
    assertMatch(await browser.text(path), /Sun 9 May 2027, 09:30/);
    assertMatch(await browser.text(`${path}/edit`), /value="09:30"/);
    await press("edit", { ...FIELDS, every: "week", weekday: "5", only_changes: "on" });
    const page = await browser.text(path);
    assertMatch(page, /every Friday at 09:30/);
    assertMatch(page, /when something changed, or if it pauses/);
    assertMatch(await browser.text(`${path}/edit`), /name="only_changes" checked/);
    assertMatch(await browser.text(await press("delete")), /The schedule is deleted/);
    assertStrictEquals((await browser.fetch(path)).status, 404);
  }));

Deno.test("another account's schedules are not found", () =>
  withRun(async (scene) => {
    const path = await create(scene);
    const other = await scene.app.browser().enterSandbox();
    for (const at of [path, `${path}/edit`]) {
      const response = await other.fetch(at);
      await response.body?.cancel();
      assertStrictEquals(response.status, 404, at);
    }
    for (const action of ["pause", "resume", "delete", "edit"]) {
      const response = await other.post(`${path}/${action}`, FIELDS);
      await response.body?.cancel();
      assertStrictEquals(response.status, 404, action);
    }
    const stolen = await other.post("/schedules", {
      ...FIELDS,
      run: scene.runId,
      schedule_id: crypto.randomUUID(),
    });
    await stolen.body?.cancel();
    assertStrictEquals(stolen.status, 404);
    const visitor = await scene.app.browser().fetch("/schedules");
    assertStrictEquals(visitor.status, 303);
  }));

Deno.test("schedules are in the export, move with a key, and are deleted with the account", () =>
  withRun(async (scene) => {
    const { app, browser } = scene;
    await create(scene);
    const [head = ""] = (await browser.text("/account/export")).split("\n");
    assertMatch(head, /"schedules":\[\{"name":"Who leads it"/);
    assertNotMatch(head, /sealed|key_id/);

    const other = await app.browser().enterKey("sandbox-other-1234");
    await other.post("/account/keys", { api_key: "sandbox-third-1234", confirm: "yes" });
    const session = await app.services.sessions.find(browser.cookies.get("taskstream")!);
    const apiKey = await app.services.openKey(session!.sealed_key);
    await other.post("/account/keys", { api_key: apiKey, confirm: "yes" });
    assertMatch(await other.text("/schedules"), /Who leads it/);
    const gone = await other.post("/account/delete", { confirm: "yes" });
    await gone.body?.cancel();
    for (const name of ["schedule", "schedules", "schedule-due", "schedule-run", "schedule-open"]) {
      const left = await Array.fromAsync(app.services.kv.list({ prefix: [name] }));
      assertEquals(left.map(({ key }) => key), []);
    }
  }));

Deno.test("removing a key on /account pauses its schedules", () =>
  withRun(async (scene) => {
    const { app, browser } = scene;
    const path = await create(scene);
    const session = await app.services.sessions.find(browser.cookies.get("taskstream")!);
    const [own] = await app.services.accounts.keys(session!.account);
    await browser.post("/account/keys", { api_key: "sandbox-second-1234", confirm: "yes" });
    const other = await app.browser().enterKey("sandbox-second-1234");
    const response = await other.post("/account/keys/remove", { key_id: own!.id });
    await response.body?.cancel();
    assertMatch(await other.text(path), /key was removed from the account/);
  }));

Deno.test("a batch is repeated as a new batch, and the cells are compared", () =>
  withRun(async ({ app, browser, clock }) => {
    const session = await app.services.sessions.find(browser.cookies.get("taskstream")!);
    const owner = { id: session!.account, sealedKey: session!.sealed_key };
    const made = await app.services.batches.create(owner, await batchOf(companies(2)));
    assert(made.ok);
    /** The sandbox's rows are over when the clock says so, some time after they were sent. */
    const done = async (batchId: string) => {
      while ((await app.services.batches.page(owner.id, batchId))?.view.state !== "done") {
        clock.now += 60_000;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await done(made.batchId);
    assert((await browser.text(`/batches/${made.batchId}`)).includes("Run every"));
    const response = await browser.post("/schedules", {
      ...FIELDS,
      batch: made.batchId,
      every: "hour",
      schedule_id: crypto.randomUUID(),
    });
    await response.body?.cancel();
    const path = response.headers.get("location")!;
    clock.now += HOUR_MS;
    await app.services.runSchedules();
    await app.services.schedules.settled();
    const [firing] = await app.services.schedules.firings(path.split("/").at(-1)!, 1);
    assertStrictEquals(firing?.state, "created", firing?.reason ?? "");
    await done(firing!.run_id!);
    await app.services.runSchedules();
    const times = await app.services.schedules.firings(path.split("/").at(-1)!, 10);
    const after = times.find(({ run_id }) => run_id === firing!.run_id);
    assertStrictEquals(after?.result?.fields, 4);
    assertStrictEquals(after?.result?.compared_with, made.batchId);
    assertMatch(await browser.text(path), /the previous one/);
    const shown = await browser.text(`/batches/${firing!.run_id}`);
    assertMatch(shown, new RegExp(`Run by the schedule <a href="${path}">Who leads it</a>`));
    assertMatch(shown, /nothing changed since the previous batch|of 4 cells changed/);
    assert(shown.includes(`href="/batches/${made.batchId}">See the previous one</a>`));
    assertNotMatch(await browser.text(`/batches/${made.batchId}`), /Run by the schedule/);
  }));

Deno.test("two processes on one file create one run for each due time", async () => {
  const path = await Deno.makeTempFile({ suffix: ".db" });
  const [first, second] = [await Deno.openKv(path), await Deno.openKv(path)];
  try {
    const worlds = [new ScheduleWorld(first), new ScheduleWorld(second)];
    const [one, two] = worlds.map((world, at) => world.process(`process-${at}`));
    const schedule = await scheduled(one!);
    for (let hours = 0; hours < 10; hours++) {
      for (const world of worlds) world.now += HOUR_MS;
      // The clock stands still while both scan, several times.
      for (let scans = 0; scans < 3; scans++) await Promise.all([one!, two!].map(tick));
    }
    const created = worlds.flatMap((world) => world.created).length;
    assertStrictEquals(created, 10);
    assertStrictEquals((await timesOf(two!, schedule)).length, 10);
  } finally {
    first.close();
    second.close();
    for (const end of ["", "-shm", "-wal"]) await Deno.remove(path + end).catch(() => {});
  }
});

/** Sends a form without a session, and signs in where the answer leads. Returns the page that opens. */
async function sendLate(
  { app }: Pick<Scene, "app">,
  key: string,
  path: string,
  fields: Record<string, string>,
): Promise<string> {
  const late = app.browser();
  const sent = await late.post(path, fields);
  assertStrictEquals(sent.status, 303);
  const front = new URL(sent.headers.get("location") ?? "", "http://localhost");
  assertMatch(await late.text(front.pathname + front.search), /ended, so nothing was sent/);
  const next = front.searchParams.get("next") ?? "";
  const entered = await late.post("/auth/key", { api_key: key, next });
  assertStrictEquals(entered.headers.get("location"), next);
  const page = await late.text(next);
  assertMatch(page, /What you typed is back/);
  const other = await app.browser().enterKey(key);
  const gone = await other.text(next);
  assertMatch(gone, /What you typed is no longer stored/, "only in the browser that sent it");
  return page;
}

Deno.test("a schedule or watch sent after its session ended is there after signing in", async () => {
  const clock = { now: START };
  const key = "sandbox-schedules-late";
  await withApp(async (app) => {
    const browser = await app.browser().enterKey(key);
    const runId = await browser.createTask({ output_type: "json", json_schema: SCHEMA });
    const scene = { app, browser, clock, runId };
    await ended(scene, runId);
    const typed = { ...FIELDS, name: "Typed & “kept”", every: "week", weekday: "5", time: "07:15" };
    const isTyped = (page: string) => {
      assertMatch(page, /value="Typed &amp; “kept”"/);
      assertMatch(page, /name="every" value="week" checked/);
      assertMatch(page, /<option\s+value="5" selected/);
      assertMatch(page, /value="07:15"/);
      assertMatch(page, /value="Europe\/Berlin"/);
      assertMatch(page, /name="only_changes" checked/);
    };
    const id = crypto.randomUUID();
    const sent = { run: runId, schedule_id: id, ...typed, only_changes: "on" };
    const page = await sendLate(scene, key, "/schedules", sent);
    isTyped(page);
    assertMatch(page, new RegExp(`name="schedule_id" value="${id}"`), "twice it would be one");
    assertMatch(page, new RegExp(`name="run" value="${runId}"`));
    const path = await create(scene);
    isTyped(await sendLate(scene, key, `${path}/edit`, sent));
    const token = crypto.randomUUID();
    const watch = await sendLate(scene, key, "/watches", {
      run: runId,
      token,
      frequency: "1w",
      processor: "base",
    });
    assertMatch(watch, /name="frequency" value="1w" checked/);
    assertMatch(watch, /name="processor" value="base" checked/);
    assertMatch(watch, new RegExp(`name="token" value="${token}"`));
    // Nothing was made meanwhile.
    assertStrictEquals(
      [...(await browser.text("/schedules")).matchAll(/class="row-link"/g)].length,
      1,
    );
    assertMatch(await browser.text("/watches"), /No watches yet/);
  }, { now: () => clock.now, config: { sandboxSpeed: 1_000 } });
});
