import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { FORM, type TestApp, type TestBrowser } from "../app/test_app.ts";
import type { KvConnectServer } from "./connect/server.ts";
import {
  AWAY,
  expectAway,
  KEY,
  leaky,
  RUN,
  scriptedApi,
  stubbedApi,
  until,
  withApps,
} from "./far_apps.ts";

/** Requests, and whether their page reloads itself. */
const ASKED: readonly (readonly [string, (browser: TestBrowser) => Promise<Response>, boolean])[] =
  [
    ["a page", (browser) => browser.fetch("/tasks"), true],
    ["a page of nobody", (browser) => browser.fetch("/"), true],
    ["the form", (browser) => browser.post("/tasks", { input: "x", processor: "lite" }), false],
    ["a page that does not exist", (browser) => browser.fetch("/nowhere"), true],
  ];

for (const fault of ["gone", "hang", "refuse"] as const) {
  Deno.test(
    `while the store is away (${fault}) every page says so, and recovers`,
    leaky,
    () =>
      withApps(1, async (server, app) => {
        const browser = await app.browser().enterSandbox();
        if (fault === "gone") server.down();
        else server.change(fault === "hang" ? { hang: true } : { refuseAll: true });
        for (const [what, ask, reloads] of ASKED) {
          const html = await expectAway(await ask(browser));
          assertMatch(html, /The database does not answer/, what);
          assertMatch(html, /Runs in progress are still recorded/, what);
          // Posting again is for the person to decide.
          assertStrictEquals(
            html.includes('<meta http-equiv="refresh" content="5">'),
            reloads,
            what,
          );
          assertStrictEquals(html.includes('<a href=""'), reloads, what);
          // Its stylesheet and icon come all the same.
          const icon = /<link rel="icon" href="([^"]+)"/.exec(html)?.[1] ?? "";
          const file = await browser.fetch(icon);
          assertStrictEquals(file.status, 200);
          assertStrictEquals(file.headers.get("content-type"), "image/svg+xml");
          await file.body?.cancel();
        }
        const api = await browser.fetch("/api/v1/tasks/runs", {
          headers: { "x-api-key": "sandbox-x" },
          method: "POST",
          body: "{}",
        });
        const { type, error } = JSON.parse(await expectAway(api));
        assertStrictEquals(type, "error");
        assertMatch(`: ${error.message}`, AWAY);
        const health = await browser.fetch("/healthz");
        assertStrictEquals(health.status, 200);
        assertEquals(await health.json(), { status: "ok", store: "away" });
        assertStrictEquals((await browser.fetch("/readyz")).status, 503);
        if (fault === "gone") server.up();
        else server.change({ hang: false, refuseAll: false });
        for (;;) {
          const ready = await browser.fetch("/readyz");
          await ready.body?.cancel();
          if (ready.status === 200) break;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        assertStrictEquals((await browser.fetch("/tasks")).status, 200);
        const runId = await browser.createTask();
        assertStrictEquals((await browser.events(runId)).at(-1)?.event, "task_run.state");
      }),
  );
}

/** Failures of the store after the API created the run, and how each is repaired. */
const AT_THE_ANSWER: Readonly<Record<string, readonly [Harm, Harm]>> = {
  "refuses writes": [
    (store) => store.change({ refuseWrites: true }),
    (store) => store.change({ refuseWrites: false }),
  ],
  "refuses everything": [
    (store) => store.change({ refuseAll: true, refuseAs: 429 }),
    (store) => store.change({ refuseAll: false }),
  ],
  "is silent": [
    (store) => store.change({ hang: true }),
    (store) => store.change({ hang: false }),
  ],
  "is gone": [(store) => store.down(), (store) => store.up()],
};
type Harm = (store: KvConnectServer) => void;

/** A run that is billed is in the history this long after the store's return (ms). */
const LISTED_MS = 15_000;

for (const [what, [harm, mend]] of Object.entries(AT_THE_ANSWER)) {
  for (const way of ["the form", "/api"] as const) {
    Deno.test(
      `a run created while the store ${what} is in the history afterwards, once (${way})`,
      leaky,
      async () => {
        let server: KvConnectServer | null = null, creates = 0;
        const api = stubbedApi(() => {
          creates++;
          if (server !== null) harm(server);
        });
        await withApps(1, async (store, app) => {
          server = store;
          const browser = await app.browser().enterKey();
          const create = () =>
            way === "the form"
              ? browser.post("/tasks", { ...FORM, idempotency_key: KEY })
              : browser.fetch("/api/v1/tasks/runs", {
                method: "POST",
                body: JSON.stringify({ input: "x", processor: "lite" }),
                headers: { "content-type": "application/json" },
              });
          const response = await create();
          await response.body?.cancel();
          // The API's response counts, even if the store fails later.
          assertStrictEquals(response.status, way === "the form" ? 303 : 202);
          mend(store);
          const backMs = Date.now();
          await until(async () => (await browser.text("/tasks")).includes(`/tasks/${RUN}`));
          const listedMs = Date.now() - backMs;
          assert(listedMs <= LISTED_MS, `${listedMs} ms`);
          if (way === "the form") {
            const repeated = await create();
            assertStrictEquals(repeated.headers.get("location"), `/tasks/${RUN}`);
          }
          assertStrictEquals(creates, 1);
          const list = await browser.text("/tasks");
          assertStrictEquals(new Set(list.match(/href="\/tasks\/trun_[0-9a-f]+"/g)).size, 1);
        }, { config: { api } });
      },
    );
  }
}

Deno.test(
  "a submit that the store rejected can be resubmitted when the store is back",
  leaky,
  async () => {
    let creates = 0;
    await withApps(1, async (store, app) => {
      const browser = await app.browser().enterKey();
      const create = () => browser.post("/tasks", { ...FORM, idempotency_key: KEY });
      store.change({ refuseWrites: true });
      await expectAway(await create());
      assertStrictEquals(creates, 0);
      store.change({ refuseWrites: false });
      await until(async () => (await browser.fetch("/readyz")).status === 200);
      assertStrictEquals((await create()).headers.get("location"), `/tasks/${RUN}`);
      assertStrictEquals(creates, 1);
    }, { config: { api: stubbedApi(() => creates++) } });
  },
);

Deno.test(
  "runs that continue and end during an outage longer than their lease lose nothing",
  leaky,
  async () => {
    const api = scriptedApi();
    await withApps(2, async (store, first, second) => {
      const browser = await first.browser().enterKey();
      const ids: string[] = [];
      for (let n = 0; n < 6; n++) ids.push(await browser.createTask({ input: `Question ${n}` }));
      const messages = async (app: TestApp, id: string) => {
        const other = await app.browser().enterKey();
        return (await other.events(id)).map(({ data }) => JSON.parse(data).message).filter(Boolean);
      };
      for (const id of ids) for (const word of ["one", "two"]) api.say(id, word);
      // All of them are recorded before the store goes.
      await until(async () =>
        (await browser.text("/tasks")).match(/href="\/tasks\/trun_/g)?.length !== 0
      );
      for (const id of ids) {
        await until(async () => (await browser.text(`/tasks/${id}`)).includes("two"));
      }
      store.down();
      for (const id of ids) for (const word of ["three", "four", "five"]) api.say(id, word);
      for (const id of ids.slice(0, 4)) api.end(id);
      // Longer than the lease, by the time that counts for it: the real one.
      await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_TIMES.leaseMs));
      store.up();
      await until(async () => (await browser.fetch("/readyz")).status === 200);
      // The other instance looks for runs without a recorder as soon as it can.
      await until(async () => (await second.browser().fetch("/readyz")).status === 200);
      await second.services.pickUp();
      for (const id of ids.slice(4)) {
        api.say(id, "six");
        api.end(id);
      }
      for (const [n, id] of ids.entries()) {
        const expected = ["one", "two", "three", "four", "five", ...n < 4 ? [] : ["six"]];
        assertEquals(await messages(second, id), expected);
        assertEquals(await messages(first, id), expected);
        const { run } = JSON.parse(await browser.text(`/tasks/${id}/result.json`));
        assertStrictEquals(run.recording_gaps?.length ?? 0, 0);
      }
    }, { config: { api: api.api, leaseTimes: LEASE_TIMES } });
  },
);

const LEASE_TIMES = { leaseMs: 1_500, graceMs: 1_500 };
