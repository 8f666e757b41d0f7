/** Recording of groups across restarts, crashes and rejections, on a scripted API. */
import { assert, assertEquals, assertStrictEquals, fail } from "@std/assert";
import { encodeSSE } from "../../lib/sse/mod.ts";
import { TestApp, type TestAppOptions } from "../app/test_app.ts";
import { addThroughApi, GroupApi } from "../proxy/group_api.ts";

const KEY = "pk-group-key-1234";
const GROUP = `tgrp_${"a".repeat(32)}`;

const rowsOf = (count: number, more: Record<string, unknown> = {}) =>
  Array.from({ length: count }, (_, index) => ({
    input: { company: `Acme ${index}` },
    processor: "lite",
    ...more,
  }));

/** Processes on one database, one after the other or together, and the API that they ask. */
class House {
  readonly api = new GroupApi();
  readonly folder: string;
  readonly clock = { skipMs: 0 };

  constructor(folder: string) {
    this.folder = folder;
  }

  start(options: TestAppOptions = {}): Promise<TestApp> {
    const { recorderApi } = this.api.options;
    return TestApp.start({
      api: (request) => recorderApi!(request),
      now: () => Date.now() + this.clock.skipMs,
      ...options,
      config: { kvPath: `${this.folder}/kv`, ...options.config },
    });
  }
}

async function withHouse(test: (house: House) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(new House(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const add = (app: TestApp, inputs: readonly unknown[]) => addThroughApi(app, KEY, GROUP, inputs);

/** Statuses and results of the account of the key. */
async function recordedIn(app: TestApp): Promise<[string, unknown][]> {
  const account = await app.services.accounts.find(KEY) ?? fail("no account");
  const { runs } = await app.services.runs.list(account.id, { limit: 100 });
  return await Promise.all(runs.map(async ({ run_id }): Promise<[string, unknown]> => {
    const page = await app.services.runs.page(account.id, run_id) ?? fail(run_id);
    assertStrictEquals(page.ended, true);
    return [page.view.status, page.output?.content ?? null];
  }));
}

/** Waits until nothing is left to record. */
async function recorded(app: TestApp): Promise<void> {
  const signal = AbortSignal.timeout(120_000);
  await app.services.keepRecording(signal);
  assertStrictEquals(signal.aborted, false, "something is still recorded");
}
const completed = (count: number) =>
  rowsOf(count).map(({ input }) => ["completed", `About ${JSON.stringify(input)}`]).reverse();
const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();

Deno.test("a restart picks up every run of a group with one stream", () =>
  withHouse(async (house) => {
    const before = await house.start();
    await add(before, rowsOf(20));
    await before.close();
    house.api.endAll();
    house.api.mostStreams = 0;
    const after = await house.start();
    await recorded(after);
    assertEquals(sorted(await recordedIn(after)), sorted(completed(20)));
    assertStrictEquals(house.api.count(/\/tasks\/runs\//), 0);
    await after.close();
  }));

Deno.test("a process that dies between the API's response and the store's loses no run", () =>
  withHouse(async (house) => {
    const before = await house.start();
    await add(before, rowsOf(1));
    const account = await before.services.runs.accountOf(KEY);
    // It had stored the mark and sent the request.
    await before.services.groups.adding(GROUP, KEY, account);
    house.api.add(GROUP, rowsOf(4).slice(1));
    await before.close();
    house.api.endAll();
    house.clock.skipMs = 61_000;
    const after = await house.start();
    await recorded(after);
    assertEquals(sorted(await recordedIn(after)), sorted(completed(4)));
    for (const prefix of ["unconfirmed", "feed", "active"]) {
      const left = await Array.fromAsync(after.services.kv.list({ prefix: [prefix] }));
      assertEquals(left, [], prefix);
    }
    await after.close();
  }));

Deno.test("a run whose writer died with its lease is recorded once the lease has run out", () =>
  withHouse(async (house) => {
    // The group's events stay open, and tell once that its runs have ended.
    const over = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    const listening = Promise.withResolvers<void>();
    house.api.instead = (path) => {
      if (!path.endsWith("/events")) return null;
      listening.resolve();
      const start = async (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>) =>
        controller.enqueue(await over.promise);
      return new Response(new ReadableStream({ start }), EVENT_STREAM);
    };
    const app = await house.start();
    const [runId] = await add(app, rowsOf(2));
    await listening.promise;
    const { kv } = app.services;
    const lease = { lease_owner: "a process that died", lease_until: Date.now() + 1_500 };
    for (let isTaken = false; !isTaken;) {
      const found = await kv.get<object>(["head", runId!]);
      const head = { ...found.value, ...lease };
      isTaken = (await kv.atomic().check(found).set(found.key, head).commit()).ok;
    }
    house.api.endAll();
    over.resolve(new TextEncoder().encode(ENDED));
    await recorded(app);
    assertEquals(sorted(await recordedIn(app)), sorted(completed(2)));
    await app.close();
  }));

/** The state of a group with this many runs. */
const statusFrame = (num_task_runs: number, is_active: boolean) =>
  encodeSSE({
    event: "task_group_status",
    data: JSON.stringify({
      type: "task_group_status",
      event_id: "1",
      status: {
        num_task_runs,
        task_run_status_counts: is_active ? {} : { completed: num_task_runs },
        is_active,
        status_message: null,
        modified_at: null,
      },
    }),
  });
const ENDED = statusFrame(2, false);

Deno.test("a group's recorder leaves runs to the request that is storing them", () =>
  withHouse(async (house) => {
    const told = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>>();
    const stored = Promise.withResolvers<void>();
    let holds = false, inputs = 0, checks = 0;
    house.api.instead = (path, query) => {
      if (path.endsWith("/events")) {
        return new Response(new ReadableStream({ start: told.resolve }), EVENT_STREAM);
      }
      const isRead = path.endsWith("/runs") && house.api.asked.at(-1)!.startsWith("GET");
      if (!isRead || query.get("include_output") === "true") return null;
      if (query.get("include_input") !== "true") checks++;
      else if (++inputs === 2 && holds) {
        const start = async (
          controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
        ) => {
          await stored.promise;
          controller.close();
        };
        return new Response(new ReadableStream({ start }), EVENT_STREAM);
      }
      return null;
    };
    const app = await house.start();
    await add(app, rowsOf(1));
    const events = await told.promise;
    const check = async () => {
      const before = checks;
      events.enqueue(new TextEncoder().encode(statusFrame(99, true)));
      while (checks === before) await turn();
    };
    holds = true;
    const adding = add(app, rowsOf(4).slice(1));
    while (inputs < 2) await turn();
    // One check begins after the other has ended.
    for (let times = 0; times < 3; times++) await check();
    assertStrictEquals(inputs, 2);
    // The request fails to store them: they are looked for.
    stored.resolve();
    await adding;
    while (inputs === 2) await check();
    house.api.endAll();
    events.enqueue(new TextEncoder().encode(statusFrame(4, false)));
    house.clock.skipMs = 120_000;
    await check();
    await recorded(app);
    assertEquals(sorted(await recordedIn(app)), sorted(completed(4)));
    await app.close();
  }));

Deno.test("recording a group does not wait for a rejected request", () =>
  withHouse(async (house) => {
    const app = await house.start();
    // For a minute, the feeder also looks for the runs of this request.
    const adding = await app.services.groups.adding(GROUP, KEY, null);
    await add(app, rowsOf(1));
    while (house.api.streams === 0) await turn();
    await adding.refused();
    house.api.endAll();
    await recorded(app);
    assertEquals(sorted(await recordedIn(app)), sorted(completed(1)));
    await app.close();
  }));

Deno.test("runs whose key can no longer be decrypted continue once the key is used again", () =>
  withHouse(async (house) => {
    const secret = (letter: string) => ({ config: { sessionSecrets: [letter.repeat(32)] } });
    const before = await house.start(secret("o"));
    await add(before, rowsOf(3));
    await before.close();
    house.api.endAll();
    const after = await house.start(secret("n"));
    await after.services.pickUp();
    // Another key opens nothing. The right one may come before the group was looked at.
    await after.services.runs.accountOf("pk-another-key-1234");
    const waiting = async () =>
      await Array.fromAsync(after.services.kv.list({ prefix: ["active"] }));
    assertStrictEquals((await waiting()).length, 3);
    while ((await waiting()).length > 0) {
      await after.services.runs.accountOf(KEY);
      await turn();
    }
    assertEquals(sorted(await recordedIn(after)), sorted(completed(3)));
    await after.close();
  }));

Deno.test("one readable key of a group is enough to record all its runs", () =>
  withHouse(async (house) => {
    const secret = (letter: string) => ({ config: { sessionSecrets: [letter.repeat(32)] } });
    const before = await house.start(secret("o"));
    await add(before, rowsOf(3));
    await before.close();
    const after = await house.start(secret("n"));
    await after.services.pickUp();
    await add(after, rowsOf(4).slice(3));
    house.api.endAll();
    await recorded(after);
    assertEquals(sorted(await recordedIn(after)), sorted(completed(4)));
    await after.close();
  }));

Deno.test("two processes on one database open one stream for a group, which records the runs of both", () =>
  withHouse(async (house) => {
    const [one, two] = [await house.start(), await house.start()];
    await add(one, rowsOf(5));
    // From then on it no longer looks for requests in flight, such as that of the other.
    while (house.api.streams === 0) await turn();
    await add(two, rowsOf(8).slice(5));
    await one.services.pickUp();
    await two.services.pickUp();
    assertStrictEquals(house.api.mostStreams, 1);
    house.api.endAll();
    await Promise.race([recorded(one), recorded(two)]);
    while ((await Array.fromAsync(two.services.kv.list({ prefix: ["active"] }))).length > 0) {
      await turn();
    }
    assertEquals(sorted(await recordedIn(two)), sorted(completed(8)));
    await one.close();
    await two.close();
  }));

/** Lets everything that is due have its turn. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

const refusal = (status: number) =>
  Response.json({ type: "error", error: { ref_id: "r", message: "no" } }, { status });

for (const status of [404, 500]) {
  Deno.test(`if the group's streams respond ${status}, runs are checked one by one`, () =>
    withHouse(async (house) => {
      const app = await house.start();
      await add(app, rowsOf(3));
      house.api.endAll();
      house.api.instead = (path) => /\/groups\//.test(path) ? refusal(status) : null;
      await recorded(app);
      assertEquals(sorted(await recordedIn(app)), sorted(completed(3)));
      await app.close();
    }));
}

Deno.test("results missing from the snapshot are fetched run by run", () =>
  withHouse(async (house) => {
    const app = await house.start();
    await add(app, rowsOf(3));
    let snapshots = 0;
    house.api.instead = (path) => {
      const isResults = /\/runs$/.test(path) && house.api.asked.at(-1)?.includes("include_output");
      return isResults && ++snapshots > 0 ? new Response("", EVENT_STREAM) : null;
    };
    house.api.endAll();
    await recorded(app);
    assert(snapshots > 0);
    assertEquals(sorted(await recordedIn(app)), sorted(completed(3)));
    assertStrictEquals(house.api.count(/\/result/), 3);
    await app.close();
  }));
const EVENT_STREAM = { headers: { "content-type": "text/event-stream" } };

Deno.test("a row's own stream is read only if its events were requested or it is being watched", () =>
  withHouse(async (house) => {
    const opened = new Set<string>();
    house.api.instead = (path) => {
      const [, runId] = /\/tasks\/runs\/([^/]+)\/events$/.exec(path) ?? [];
      if (runId === undefined) return null;
      opened.add(runId);
      return refusal(503);
    };
    const app = await house.start();
    const quiet = await add(app, rowsOf(3));
    const [told] = await add(app, rowsOf(1, { enable_events: true }));
    await recordingOf(told!);
    assertEquals([...opened], [told]);
    const browser = await app.browser().enterKey(KEY);
    const stream = await browser.fetch(`/api/v1/tasks/runs/${quiet[0]}/events`);
    await recordingOf(quiet[0]!);
    assertEquals(opened, new Set([told!, quiet[0]!]));
    house.api.endAll();
    await recorded(app);
    assertStrictEquals((await stream.text()).includes('"status":"completed"'), true);
    assertStrictEquals((await recordedIn(app)).length, 4);
    await app.close();

    async function recordingOf(runId: string) {
      while (!opened.has(runId)) await turn();
    }
  }));

Deno.test("a run that is deleted while its group is recorded does not come back", () =>
  withHouse(async (house) => {
    const app = await house.start();
    const [first] = await add(app, rowsOf(3));
    const browser = await app.browser().enterKey(KEY);
    assertStrictEquals((await browser.post(`/tasks/${first}/delete`, {})).status, 303);
    await add(app, rowsOf(1));
    house.api.endAll();
    await recorded(app);
    assertStrictEquals((await recordedIn(app)).length, 3);
    await app.close();
  }));
