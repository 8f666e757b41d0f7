/** Everything the official SDK can do with runs works through `/api`. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import {
  NotFoundError,
  Parallel,
  PermissionDeniedError,
  UnprocessableEntityError,
} from "parallel-web";
import { runJson, sdk, withProxy } from "./proxy_app.ts";
import { assertError } from "../assert_error.ts";

const KEY = "sandbox-demo";

Deno.test("the SDK creates, retrieves, reads input and result, and follows the events", () =>
  withProxy(async ({ origin, app }) => {
    const client = sdk(origin, KEY);
    const input = { input: "Which rivers meet in Lyon?", processor: "pro", enable_events: true };
    const run = await client.taskRun.create(input);
    assertMatch(run.run_id, /^trun_[0-9a-f]{32}$/);
    assertStrictEquals(run.status, "queued");
    const types: string[] = [];
    for await (const event of await client.taskRun.events(run.run_id)) types.push(event.type);
    assert(types.includes("task_run.progress_stats"));
    assertStrictEquals(types.at(-1), "task_run.state");
    const result = await client.taskRun.result(run.run_id, { timeout: 10 });
    assertStrictEquals(result.run.run_id, run.run_id);
    assert(result.output.basis.length > 0);
    assertStrictEquals((await client.taskRun.retrieve(run.run_id)).status, "completed");
    const sent = await client.get<Record<string, unknown>>(`/v1/tasks/runs/${run.run_id}/input`);
    assertEquals(sent, input);
    // Told again from the log, where the API itself has forgotten.
    const again: string[] = [];
    for await (const event of await client.taskRun.events(run.run_id)) again.push(event.type);
    assertEquals(again, types);
    const account = await app.services.runs.accountOf(KEY);
    const page = await app.services.runs.page(account!, run.run_id);
    assertStrictEquals(page?.run.source, "api");
    assertStrictEquals(page?.run.simulated, true);
    assertStrictEquals(page?.title, "Which rivers meet in Lyon?");
    assert(page?.output);
  }, { config: { sandboxSpeed: 20 } }));

Deno.test("a run created with a key is in the history of that key's account", () =>
  withProxy(async ({ origin, app }) => {
    const run = await sdk(origin, KEY).taskRun.create({
      input: "Bridges of Lyon",
      processor: "lite",
    });
    const browser = await app.browser().enterKey(KEY);
    assert((await browser.text("/")).includes(run.run_id));
    assertStrictEquals((await browser.fetch(`/tasks/${run.run_id}`)).status, 200);
    assert((await browser.events(run.run_id)).length > 1);
    const stranger = await app.browser().enterSandbox();
    assertStrictEquals((await stranger.fetch(`/tasks/${run.run_id}`)).status, 404);
    assertStrictEquals(
      (await stranger.fetch(`/api/v1/tasks/runs/${run.run_id}/events`)).status,
      404,
    );
    // Slow enough that its recorder is there before its end, on a busy machine, too.
  }, { config: { sandboxSpeed: 10 } }));

Deno.test("the API's errors arrive as the SDK's own error classes, with the API's messages", () =>
  withProxy(async ({ origin }) => {
    const client = sdk(origin, KEY);
    assertError(
      await assertRejects(() => client.taskRun.create({ input: "x", processor: "no-such" })),
      (error) => error instanceof PermissionDeniedError && /invalid processor/.test(error.message),
    );
    await assertRejects(
      () => client.taskRun.create({ input: "", processor: "lite" }),
      UnprocessableEntityError,
    );
    const unknown = `trun_${"0".repeat(32)}`;
    await assertRejects(() => client.taskRun.retrieve(unknown), NotFoundError);
    await assertRejects(() => client.taskRun.events(unknown), NotFoundError);
    await assertRejects(() => client.taskRun.result(unknown), NotFoundError);
    const run = await client.taskRun.create({ input: "x", processor: "ultra8x" });
    assertError(
      await assertRejects(() => client.taskRun.result(run.run_id, { timeout: 0 })),
      (error) => error instanceof Error && "status" in error && error.status === 408,
    );
  }, { config: { sandboxSpeed: 1 } }));

Deno.test("unsupported sandbox endpoints give a 404 that says so", () =>
  withProxy(async ({ fetch }) => {
    const headers = { "x-api-key": KEY, "content-type": "application/json" };
    const path = "/api/v1beta/chat/completions";
    const response = await fetch(path, { method: "POST", headers, body: "{}" });
    assertStrictEquals(response.status, 404);
    const { type, error } = await response.json();
    assertStrictEquals(type, "error");
    assertMatch(error.message, /does not simulate/);
  }));

Deno.test("an SDK that stops waiting for a result leaves nothing waiting in the sandbox", () =>
  withProxy(async ({ origin }) => {
    const client = sdk(origin, KEY);
    const run = await client.taskRun.create({ input: "x", processor: "ultra8x" });
    const stop = new AbortController();
    const result = client.taskRun.result(run.run_id, { timeout: 600 }, { signal: stop.signal });
    // Answered after the result was asked for: that request is under way by then.
    await client.taskRun.retrieve(run.run_id);
    stop.abort();
    await assertRejects(() => result);
  }, { config: { sandboxSpeed: 1 } }));

Deno.test("the SDK does not repeat a create whose response was lost, because it may be billed", () =>
  withProxy(async ({ origin, app }) => {
    const client = new Parallel({ apiKey: "pk-test-key-1234", baseURL: `${origin}/api` });
    const create = client.taskRun.create({ input: "x", processor: "lite" });
    assertError(await assertRejects(() => create), { status: 502 });
    const lost = app.lines.filter((line) => line.includes("the API cannot be reached"));
    assertStrictEquals(lost.length, 1);
  }, { config: { parallelApiUrl: "http://127.0.0.1:1" } }));

Deno.test("the SDK's groups pass through, including their streams", () => {
  const run = runJson();
  const status = {
    num_task_runs: 1,
    task_run_status_counts: { queued: 1 },
    is_active: true,
    status_message: "",
    modified_at: null,
  };
  return withProxy(async ({ origin, reached }) => {
    const client = sdk(origin, "pk-test-key-1234");
    const group = await client.taskGroup.create({});
    const inputs = [{ input: "x", processor: "lite" }];
    const added = await client.taskGroup.addRuns(group.taskgroup_id, { inputs });
    assertEquals(added.run_ids, [run.run_id]);
    const ids: unknown[] = [];
    const stream = await client.taskGroup.events(group.taskgroup_id, { last_event_id: "7" });
    for await (const event of stream) ids.push("event_id" in event ? event.event_id : null);
    assertEquals(ids, ["8", "9"]);
    assertEquals(reached.map(({ method, target }) => `${method} ${target}`), [
      "POST /v1/tasks/groups",
      "POST /v1/tasks/groups/tgrp_1/runs",
      "GET /v1/tasks/groups/tgrp_1/events?last_event_id=7",
    ]);
  }, {
    api: ({ method, target }) => {
      const type = "task_group_status";
      if (method === "GET") {
        const frames = ["8", "9"].map((event_id) =>
          `event: ${type}\ndata: ${JSON.stringify({ type, event_id, status })}\n\n`
        );
        return new Response(frames.join(""), { headers: { "content-type": "text/event-stream" } });
      }
      const answer = { taskgroup_id: "tgrp_1", created_at: null, status };
      return Response.json(
        target.endsWith("/runs") ? { ...answer, run_ids: [run.run_id] } : answer,
      );
    },
  });
});
