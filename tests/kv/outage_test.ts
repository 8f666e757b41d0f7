import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { FORM, type TestApp, type TestBrowser } from "../app/test_app.ts";
import type { KvConnectServer } from "./connect/server.ts";
import { leaky, scriptedApi, until, withApps } from "./far_apps.ts";

async function expectAway(response: Response): Promise<string> {
  assertStrictEquals(response.status, 503);
  assertStrictEquals(response.headers.get("retry-after"), "5");
  return await response.text();
}

Deno.test(
  "the main job works on a store that is far away",
  leaky,
  () =>
    withApps(1, async (_, app) => {
      const browser = await app.browser().enterSandbox();
      const runId = await browser.createTask();
      const events = await browser.events(runId);
      assertStrictEquals(events.at(-1)?.event, "task_run.state");
      assertEquals(events.map(({ id }) => Number(id)), events.map((_, n) => n + 1));
      assertMatch(await browser.text(`/tasks/${runId}`), /completed/i);
    }),
);

/** What is asked for, and whether its page loads itself again. */
const ASKED: readonly (readonly [string, (browser: TestBrowser) => Promise<Response>, boolean])[] =
  [
    ["a page", (browser) => browser.fetch("/tasks"), true],
    ["a page of nobody", (browser) => browser.fetch("/"), true],
    ["the form", (browser) => browser.post("/tasks", { input: "x", processor: "lite" }), false],
    ["a page that does not exist", (browser) => browser.fetch("/nowhere"), true],
  ];

for (const fault of ["gone", "hang", "refuse"] as const) {
  Deno.test(
    `while the store is away (${fault}) everything says so, and comes back by itself`,
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

/** Reads a stream up to where what came matches. */
function follow(response: Response) {
  assertStrictEquals(response.status, 200);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const seen = { text: "" };
  return {
    async until(pattern: RegExp): Promise<string> {
      while (!pattern.test(seen.text)) {
        const { done, value } = await reader.read();
        assert(!done, `The stream ended after ${seen.text}`);
        seen.text += value;
      }
      return seen.text;
    },
    end: () => reader.cancel(),
  };
}

for (const fault of ["gone", "refuse"] as const) {
  Deno.test(
    `streams that are open while the store is away (${fault}) say so, and go on where they were`,
    leaky,
    async () => {
      const script = scriptedApi();
      await withApps(2, async (store, first, second) => {
        const browser = await first.browser().enterKey();
        const id = await browser.createTask(), over = await browser.createTask();
        script.say(over, "long ago");
        script.end(over);
        await browser.events(over);
        await browser.post(`/tasks/${id}/share`, {});
        const share = /\/s\/[\w-]{43}/.exec(await browser.text(`/tasks/${id}`))?.[0] ?? "";
        const other = await second.browser().enterKey();
        script.say(id, "one");
        const path = `/api/v1/tasks/runs/${id}/events`;
        const runs = [
          ["where it is recorded", follow(await browser.fetch(path))],
          ["on another instance", follow(await other.fetch(path))],
          ["shared", follow(await first.browser().fetch(`${share}/events`))],
          ["shared, on another instance", follow(await second.browser().fetch(`${share}/events`))],
        ] as const;
        const list = follow(await browser.fetch("/tasks/events"));
        const replay = follow(await browser.fetch(`/api/v1/tasks/runs/${over}/events`));
        for (const [, run] of runs) await run.until(/"one"/);
        await list.until(/^id: /);
        if (fault === "gone") store.down();
        else store.change({ refuseAll: true });
        for (const [, run] of runs) await run.until(AWAY);
        await list.until(AWAY);
        script.say(id, "two");
        if (fault === "gone") store.up();
        else store.change({ refuseAll: false });
        for (const [, run] of runs) await run.until(/^: still here$/m);
        await list.until(/^: still here$/m);
        script.say(id, "three");
        script.end(id);
        for (const [which, run] of runs) {
          const text = await run.until(/event: task_run\.state\n.*completed.*\n\n/);
          const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
          assertEquals(ids, ids.map((_, n) => n + 1), which);
          const said = [...text.matchAll(/"message":"(\w+)"/g)].map(([, word]) => word);
          assertEquals(said, ["one", "two", "three"], which);
        }
        await list.until(/"status":"completed"/);
        await replay.until(/event: task_run\.state\n.*completed.*\n\n/);
        for (const stream of [...runs.map(([, run]) => run), list, replay]) await stream.end();
      }, { config: { api: script.api } });
    },
  );
}

const AWAY =
  /^: The database does not answer\. Runs in progress are still recorded: .* the database is back\.$/m;

for (const way of ["the form", "/api"] as const) {
  Deno.test(
    `a run that the API made while the store refuses writes is in the history afterwards, once (${way})`,
    leaky,
    async () => {
      let server: KvConnectServer | null = null, creates = 0;
      const api = stubbedApi(() => {
        creates++;
        server?.change({ refuseWrites: true });
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
        assertStrictEquals(response.status, way === "the form" ? 303 : 202, await response.text());
        store.change({ refuseWrites: false });
        await until(async () => (await browser.text("/tasks")).includes(`/tasks/${RUN}`));
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

Deno.test(
  "a submit that the store did not take can be sent again as it is, when the store is back",
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

Deno.test("a claim whose answer is lost is no reason to wait for it", leaky, async () => {
  let creates = 0;
  await withApps(1, async (store, app) => {
    const browser = await app.browser().enterKey();
    const create = () => browser.post("/tasks", { ...FORM, idempotency_key: KEY });
    store.change({ dropAfterCommitEvery: 1 });
    await (await create()).body?.cancel();
    store.change({ dropAfterCommitEvery: 0 });
    await until(async () => (await browser.fetch("/readyz")).status === 200);
    await until(async () => (await create()).headers.get("location") === `/tasks/${RUN}`);
    assertStrictEquals(creates, 1);
  }, { config: { api: stubbedApi(() => creates++) } });
});

Deno.test(
  "runs that go on and end while the store is away for longer than their lease lose nothing",
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
      // The other instance looks for runs that nobody records as soon as it can.
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

const RUN = `trun_${"0123456789abcdef".repeat(2)}`;
const KEY = "7d2f8a1e-0000-4000-8000-000000000001";

/** An API whose one run never ends. */
function stubbedApi(onCreate: () => void): (request: Request) => Response {
  const run = {
    run_id: RUN,
    interaction_id: RUN,
    status: "running",
    is_active: true,
    processor: "lite",
    created_at: new Date().toISOString(),
    modified_at: null,
  };
  return (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") {
      onCreate();
      return Response.json(run, { status: 202 });
    }
    if (pathname.endsWith("/events")) {
      return new Response(new ReadableStream({}), {
        headers: { "content-type": "text/event-stream" },
      });
    }
    return pathname.includes(RUN)
      ? Response.json(run)
      : Response.json({ type: "error", error: { ref_id: "x", message: "Run id not found" } }, {
        status: 404,
      });
  };
}
