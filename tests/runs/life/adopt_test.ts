/** Runs created elsewhere, and how an account imports them. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import { parseSSE } from "../../../lib/sse/mod.ts";
import { createSandbox, type Sandbox } from "../../../lib/sandbox/mod.ts";
import { type TestApp, type TestBrowser, withApp } from "../../app/test_app.ts";
import { readHead } from "../../../lib/runs/log/head.ts";

const KEY = "sandbox-elsewhere-1";
const HOURS = 3_600_000;

/** Creates a run with a key past this instance, which does not hear of it. */
async function elsewhere(app: TestApp, apiKey = KEY, processor = "lite"): Promise<string> {
  const created = await app.services.upstreams.client(apiKey).create({
    input: "Made elsewhere",
    processor,
    enable_events: true,
  });
  assert(created.ok);
  return created.value.run_id;
}

async function finished(app: TestApp, runId: string, apiKey = KEY): Promise<void> {
  const result = await app.services.upstreams.client(apiKey).result(runId, { timeoutSeconds: 20 });
  assert(result.ok);
}

const api = (path: string, apiKey = KEY) =>
  new Request(`http://localhost:8000/api/v1/tasks/runs/${path}`, {
    headers: { "x-api-key": apiKey },
  });

async function sources(browser: TestBrowser, app: TestApp): Promise<(string | undefined)[]> {
  const account = (await app.services.runs.accountOf(KEY))!;
  const { runs } = await app.services.runs.list(account);
  const pages = await Promise.all(
    runs.map(({ run_id }) => app.services.runs.page(account, run_id)),
  );
  // The history that a person sees says the same.
  const shown = await browser.text("/tasks");
  for (const { run_id } of runs) assert(shown.includes(`/tasks/${run_id}`));
  return pages.map((page) => page?.run.source);
}

for (
  const [door, status] of [["", 200], ["/input", 200], ["/result?timeout=0", 408], [
    "/events",
    200,
  ]] as const
) {
  Deno.test(`a run created elsewhere is imported when requested at /api …${door || " (status)"}`, () =>
    withApp(async (app) => {
      const runId = await elsewhere(app, KEY, "pro");
      const response = await app.handle(api(runId + door));
      assertStrictEquals(response.status, status);
      await response.body?.cancel();
      const browser = await app.browser().enterKey(KEY);
      assertEquals(await sources(browser, app), ["adopted"]);
      // Recorded from now on: what comes is there for everybody, numbered.
      const live = await browser.fetch(`/api/v1/tasks/runs/${runId}/events`);
      const ids: string[] = [];
      for await (const event of parseSSE(live)) if (ids.push(event.id) === 4) break;
      assertEquals(ids, ["1", "2", "3", "4"]);
      const { head } = (await readHead(app.services.kv, runId))!;
      assert(head.recorded_ms !== undefined, "a part that is lost from now on is told as a gap");
    }, { config: { sandboxSpeed: 4 } }));
}

Deno.test("a finished run is adopted with its state and result when its page is opened", () =>
  withApp(async (app) => {
    const runId = await elsewhere(app);
    await finished(app, runId);
    const browser = await app.browser().enterKey(KEY);
    const response = await browser.fetch(`/tasks/${runId}`);
    assertStrictEquals(response.status, 200);
    assertMatch(await response.text(), /<title>done: Made elsewhere/);
    const account = (await app.services.runs.accountOf(KEY))!;
    const page = (await app.services.runs.page(account, runId))!;
    assertStrictEquals(page.ended, true);
    assert(page.output !== null);
    assertStrictEquals(page.events.length, 1, "the API has forgotten the trace of a finished run");
    assertEquals(await sources(browser, app), ["adopted"]);
  }));

Deno.test("a finished run's duration is the API's, not ours", async () => {
  const clock = { ahead: 0 };
  await withApp(async (app) => {
    const runId = await elsewhere(app);
    clock.ahead = 5 * HOURS;
    const browser = await app.browser().enterKey(KEY);
    await browser.text(`/tasks/${runId}`);
    const page = (await app.services.runs.page((await app.services.runs.accountOf(KEY))!, runId))!;
    assert(
      page.ended_ms! - page.run.created_ms < HOURS,
      `${page.ended_ms! - page.run.created_ms}`,
    );
  }, { now: () => Date.now() + clock.ahead });
});

Deno.test("concurrent requests import a run once and request it from the API once", () => {
  const asked: string[] = [];
  let upstream: Sandbox | undefined;
  return withApp(async (app) => {
    upstream = createSandbox({ kv: app.services.kv, speed: 20, acceptKey: () => true });
    const runId = await elsewhere(app, "pk-elsewhere");
    const browser = await app.browser().enterKey("pk-elsewhere");
    asked.length = 0;
    const pages = await Promise.all(
      Array.from({ length: 8 }, () => browser.fetch(`/tasks/${runId}`)),
    );
    assertEquals(pages.map(({ status }) => status), Array(8).fill(200));
    assertEquals(asked.filter((path) => path.endsWith(runId)).length, 1);
    assertStrictEquals(
      (await browser.text("/tasks")).split(`href="/tasks/${runId}"`).length - 1,
      1,
    );
    const events = await browser.events(runId);
    assertStrictEquals(asked.filter((path) => path.endsWith("/events")).length, 1, "one recorder");
    assertStrictEquals(JSON.parse(events.at(-1)!.data).run.is_active, false);
    upstream.close();
  }, {
    api: (request) => {
      asked.push(new URL(request.url).pathname);
      return upstream!.fetch(request);
    },
  });
});

/** An API where every key that starts with `pk-org-` belongs to one organisation. */
function organisation() {
  const org: { upstream?: Sandbox } = {};
  const api = (request: Request) => {
    const key = request.headers.get("x-api-key") ?? "";
    const headers = new Headers(request.headers);
    if (key.startsWith("pk-org-")) headers.set("x-api-key", "pk-the-org");
    return org.upstream!.fetch(new Request(request, { headers }));
  };
  const start = (app: TestApp, speed: number) => {
    org.upstream = createSandbox({ kv: app.services.kv, speed, acceptKey: () => true });
    return org.upstream;
  };
  return { api, start };
}

Deno.test("a second account of the same organisation becomes a second member of the same run", () => {
  const { api, start } = organisation();
  return withApp(async (app) => {
    const upstream = start(app, 20);
    const one = await app.browser().enterKey("pk-org-one-1");
    const two = await app.browser().enterKey("pk-org-two-2");
    const runId = await one.createTask();
    assertStrictEquals((await two.fetch(`/tasks/${runId}`)).status, 200);
    const [here, there] = await Promise.all([one.events(runId), two.events(runId)]);
    assertEquals(there, here);
    const heads = await Array.fromAsync(
      app.services.kv.list<{ members: string[] }>({ prefix: ["head"] }),
    );
    assertStrictEquals(heads.length, 1);
    assertStrictEquals(heads[0]!.value.members.length, 2);
    assert((await two.text("/tasks")).includes(runId));
    // What one deletes, the other keeps.
    await one.post(`/tasks/${runId}/delete`, {});
    assertStrictEquals((await one.fetch(`/tasks/${runId}`)).status, 404);
    assertEquals(await two.events(runId), here);
    const three = await app.browser().enterKey("pk-org-three");
    assertStrictEquals((await three.fetch(`/tasks/${runId}`)).status, 200, "joined after its end");
    assertMatch(await three.text("/tasks"), /data-status="completed"/);
    upstream.close();
  }, { api });
});

Deno.test("a run deleted here is not imported again by any path", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey(KEY);
    const runId = await browser.createTask();
    await browser.post(`/tasks/${runId}/delete`, {});
    assertStrictEquals((await browser.fetch(`/tasks/${runId}`)).status, 404);
    assertStrictEquals((await app.handle(api(`${runId}/events`))).status, 404);
    // The API's own answers still pass: the run exists there.
    assertStrictEquals((await app.handle(api(runId))).status, 200);
    assertEquals(
      (await app.services.runs.list((await app.services.runs.accountOf(KEY))!)).runs,
      [],
    );
  }));

Deno.test("another owner's run looks like a missing one, and nothing is stored", () =>
  withApp(async (app) => {
    const runId = await elsewhere(app);
    const unknown = `trun_${"0".repeat(32)}`;
    const stranger = await app.browser().enterSandbox();
    const text = async (path: string, id: string) => {
      const response = await stranger.fetch(path);
      const body = (await response.text()).replaceAll(id, "ID").replace(/nonce[-="]+[^"' ]+/g, "")
        .replace(/"ref_id":"[^"]+"/, "");
      return [response.status, body];
    };
    assertEquals(
      await text(`/tasks/${runId}`, runId),
      await text(`/tasks/${unknown}`, unknown),
    );
    const events = (id: string) => text(`/api/v1/tasks/runs/${id}/events`, id);
    assertEquals(await events(runId), await events(unknown));
    assertStrictEquals((await events(runId))[0], 404);
    assertEquals(await Array.fromAsync(app.services.kv.list({ prefix: ["head"] })), []);
  }));

Deno.test("requests to the API for unknown IDs are limited", () => {
  let asked = 0;
  const nowMs = Date.now();
  return withApp(async (app) => {
    const browser = await app.browser().enterKey("pk-guesser-1");
    asked = 0;
    for (let n = 0; n < 100; n++) {
      assertStrictEquals((await browser.fetch(`/tasks/trun_${n}`)).status, 404);
    }
    assertStrictEquals(asked, 60, "a minute's worth, and no time passes");
  }, {
    now: () => nowMs,
    api: () => {
      asked++;
      return Response.json({ type: "error", error: { message: "Run id not found" } }, {
        status: 404,
      });
    },
  });
});

Deno.test("an invalid run ID causes no request", () => {
  let asked = 0;
  return withApp(async (app) => {
    const browser = await app.browser().enterKey("pk-guesser-1");
    asked = 0;
    for (const id of ["a%2Fb", "x".repeat(200), "%00", "a b"]) {
      const response = await browser.fetch(`/tasks/${id}`);
      await response.body?.cancel();
      assertNotEquals(response.status, 200);
    }
    assertStrictEquals(asked, 0);
  }, {
    api: () => {
      asked++;
      return Response.json({ error: { message: "Run id not found" } }, { status: 404 });
    },
  });
});

Deno.test("a run older than the retention period is not imported", async () => {
  const clock = { ahead: 0 };
  await withApp(async (app) => {
    const runId = await elsewhere(app);
    clock.ahead = 8 * 24 * HOURS;
    const browser = await app.browser().enterKey(KEY);
    assertStrictEquals((await browser.fetch(`/tasks/${runId}`)).status, 404);
  }, { now: () => Date.now() + clock.ahead });
});

Deno.test("an unknown key gets an account by importing a run, but not by guessing", () =>
  withApp(async (app) => {
    const runId = await elsewhere(app);
    assertStrictEquals((await app.handle(api(`trun_${"1".repeat(32)}/events`))).status, 404);
    assertStrictEquals(await app.services.runs.accountOf(KEY), null);
    await (await app.handle(api(runId))).text();
    assertNotEquals(await app.services.runs.accountOf(KEY), null);
  }));
