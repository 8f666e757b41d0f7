import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { lastEventNumber } from "../../lib/proxy/mod.ts";
import { withApp } from "./test_app.ts";

Deno.test("event IDs have no gaps, streams resume by ID, and end with 204", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ processor: "pro" });
    const all = await browser.events(runId);
    assert(all.length > 10);
    assertEquals(all.map((event) => event.id), all.map((_, at) => String(at + 1)));
    assertEquals(await browser.events(runId, 4), all.slice(4));
    assertEquals(await browser.events(runId, 0), all);
    for (const nonsense of ["x", "-1", "999999", "4.5"]) {
      const response = await browser.fetch(`/api/v1/tasks/runs/${runId}/events`, {
        headers: { "last-event-id": nonsense },
      });
      assertMatch(await response.text(), /^id: 1\n/, nonsense);
    }
    for (const name of ["last_event_id", "lastEventId"]) {
      const done = await browser.fetch(
        `/api/v1/tasks/runs/${runId}/events?${name}=${all.length}`,
      );
      assertStrictEquals(done.status, 204, name);
      assertStrictEquals(await done.text(), "");
    }
    const twin = await browser.fetch(
      `/api/v1beta/tasks/runs/${runId}/events?last_event_id=${all.length - 1}`,
    );
    assertMatch(await twin.text(), new RegExp(`^id: ${all.length}\n`));
    const headerWins = await browser.fetch(`/api/v1/tasks/runs/${runId}/events?last_event_id=1`, {
      headers: { "last-event-id": String(all.length) },
    });
    assertStrictEquals(headerWins.status, 204);
  }, { config: { sandboxSpeed: 20 } }));

Deno.test("the stream's headers keep proxies from buffering it", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    const response = await browser.fetch(`/api/v1/tasks/runs/${runId}/events`);
    assertStrictEquals(response.status, 200);
    assertStrictEquals(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
    assertStrictEquals(response.headers.get("cache-control"), "no-cache, no-transform");
    assertStrictEquals(response.headers.get("x-accel-buffering"), "no");
    await response.body?.cancel();
  }));

Deno.test("early, resuming and late viewers get the same trace", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ processor: "core" });
    const live = browser.events(runId);
    const response = await browser.fetch(`/api/v1/tasks/runs/${runId}/events`);
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    const all = await live;
    assertEquals(await browser.events(runId), all);
    assertEquals(await browser.events(runId, 2), all.slice(2));
  }, { config: { sandboxSpeed: 10 } }));

for (const fault of ["cut", "drop", "malformed", "burst", "huge", "fail", "action_required"]) {
  Deno.test(`with the sandbox's fault ${fault} every viewer gets one trace without gaps, including its end`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterSandbox();
      const runId = await browser.createTask({ metadata: JSON.stringify({ sandbox: fault }) });
      const live = await browser.events(runId);
      assertEquals(live.map((event) => event.id), live.map((_, at) => String(at + 1)));
      assertEquals(await browser.events(runId), live);
      const { run } = JSON.parse(live.at(-1)!.data);
      assertStrictEquals(run.is_active, false);
      assertStrictEquals((await browser.fetch(`/tasks/${runId}`)).status, 200);
    }));
}

Deno.test("recording continues without viewers", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    // No stream was ever opened before the run is over: the history says when.
    const events = app.services.kv.watch([["active", runId]]);
    for await (const [active] of events) if (active!.versionstamp === null) break;
    const page = await browser.text(`/tasks/${runId}`);
    assertMatch(page, /id="e1"/);
    assertMatch(page, /id="e3"/, "it was recorded while it went on");
  }, { config: { sandboxSpeed: 5 } }));

const NOT_OURS: readonly [method: string, path: string, status: number][] = [
  ["GET", "/api/v2/tasks", 404],
  ["GET", "/api/v1/tasks/runs/a%2f..%2fb/events", 404],
  ["DELETE", "/api/v1/tasks/runs/trun_x/events", 405],
];

for (const [method, path, status] of NOT_OURS) {
  Deno.test(`${method} ${path} gives ${status} in the API's error format`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterSandbox();
      const response = await browser.fetch(path, { method });
      assertStrictEquals(response.status, status);
      assertStrictEquals((await response.json()).type, "error");
    }));
}

Deno.test("a stream beyond the limit gets 429 with Retry-After", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ processor: "ultra8x" });
    const path = `/api/v1/tasks/runs/${runId}/events`;
    const open = [await browser.fetch(path), await browser.fetch(path)];
    const refused = await browser.fetch(path);
    assertStrictEquals(refused.status, 429);
    assertStrictEquals(refused.headers.get("content-type"), "application/json");
    assertStrictEquals(refused.headers.get("retry-after"), "5");
    const { type, error } = await refused.json();
    assertStrictEquals(type, "error");
    assertMatch(error.message, /^Too many live streams: 2 are open/);
    await open[0]!.body!.cancel();
    const again = await browser.fetch(path);
    assertStrictEquals(again.status, 200);
    const other = await app.browser().enterSandbox();
    const theirs = await other.createTask({ processor: "ultra8x" });
    const apart = await other.fetch(`/api/v1/tasks/runs/${theirs}/events`);
    assertStrictEquals(apart.status, 200, "another account's streams are its own");
    const lists = await browser.fetch("/tasks/events");
    assertStrictEquals(lists.status, 429, "the list's streams count too");
    await lists.body?.cancel();
    for (const { body } of [open[1]!, again, apart]) await body!.cancel();
  }, { config: { streamLimit: 2, sandboxSpeed: 0.01 } }));

Deno.test("every stream resumes by the ID in its query, under either name; the header takes precedence", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    const all = await browser.events(runId);
    const shared = await browser.post(`/tasks/${runId}/share`, {});
    assertStrictEquals(shared.status, 303);
    const [share] = await Array.fromAsync(app.services.kv.list({ prefix: ["share"] }));
    const paths = [`/api/v1/tasks/runs/${runId}/events`, `/s/${String(share!.key[1])}/events`];
    const listId = await app.services.histories.streams.latestId(
      (await app.services.kv.list<{ id: string }>({ prefix: ["account"] }).next()).value!.value.id,
    );
    for (const name of ["last_event_id", "lastEventId"]) {
      for (const path of paths) {
        const rest = await browser.text(`${path}?${name}=${all.length - 1}`);
        assertMatch(rest, new RegExp(`^id: ${all.length}\n`), `${path} ${name}`);
        const whole = await browser.fetch(`${path}?${name}=${all.length}`, {
          headers: { "last-event-id": "0" },
        });
        assertMatch(await whole.text(), /^id: 1\n/);
      }
      // An id that the list does not know makes it begin with a reset; its own does not.
      for (
        const [id, first] of [["nonsense", /event: reset/], [listId, /^id: [^\n]+\n\n$/]] as const
      ) {
        const response = await browser.fetch(`/tasks/events?${name}=${encodeURIComponent(id)}`);
        const reader = response.body!.getReader();
        assertMatch(new TextDecoder().decode((await reader.read()).value), first);
        await reader.cancel();
      }
    }
  }, { config: { sandboxSpeed: 1000 } }));

/** What libraries send that have read on to the ID 9. */
const RESUMES: readonly (readonly [query: string, header: string | null])[] = [
  // `reconnecting-eventsource` appends its ID to a URL that may have one already.
  ["last_event_id=2&lastEventId=9", null],
  ["lastEventId=2&lastEventId=9", null],
  ["lastEventId=9&last_event_id=", null],
  // `@microsoft/fetch-event-source` adds its header to one of other case, and `fetch` joins them.
  ["", "2, 9"],
  ["last_event_id=2", "2,9"],
  ["last_event_id=9", ""],
];

for (const [query, header] of RESUMES) {
  Deno.test(`a reader with the query “${query}” and the header “${header}” has read up to 9`, () => {
    const headers = new Headers(header === null ? {} : { "last-event-id": header });
    assertStrictEquals(lastEventNumber(headers, new URLSearchParams(query)), 9);
  });
}

Deno.test("pages derive their stream timeout from the server's heartbeat", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask({ processor: "ultra8x" });
    await browser.post(`/tasks/${runId}/share`, {});
    const [share] = await Array.fromAsync(app.services.kv.list({ prefix: ["share"] }));
    const batch = await browser.post("/batches", {
      table: "company,zip\nAcme,01\n",
      output_type: "auto",
      processor: "ultra8x",
    });
    for (
      const path of [
        batch.headers.get("location")!,
        "/tasks",
        `/tasks/${runId}`,
        `/compare?ids=${runId}`,
        `/s/${String(share!.key[1])}`,
      ]
    ) {
      assertMatch(await browser.text(path), /idleMs\\?":\d+.*\b183702\b/, path);
    }
  }, { config: { sandboxSpeed: 1, sseHeartbeatMs: 61_234 } }));
