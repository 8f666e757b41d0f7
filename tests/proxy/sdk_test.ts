/** The official SDK is the client: whatever it can do with runs, it can do through `/api`. */
import assert from "node:assert/strict";
import {
  NotFoundError,
  Parallel,
  PermissionDeniedError,
  UnprocessableEntityError,
} from "parallel-web";
import { runJson, sdk, withProxy } from "./proxy_app.ts";

const KEY = "sandbox-demo";

Deno.test("the SDK creates, retrieves, reads input and result, and follows the events", () =>
  withProxy(async ({ origin, app }) => {
    const client = sdk(origin, KEY);
    const input = { input: "Which rivers meet in Lyon?", processor: "pro", enable_events: true };
    const run = await client.taskRun.create(input);
    assert.match(run.run_id, /^trun_[0-9a-f]{32}$/);
    assert.equal(run.status, "queued");
    const types: string[] = [];
    for await (const event of await client.taskRun.events(run.run_id)) types.push(event.type);
    assert.ok(types.includes("task_run.progress_stats"));
    assert.equal(types.at(-1), "task_run.state");
    const result = await client.taskRun.result(run.run_id, { timeout: 10 });
    assert.equal(result.run.run_id, run.run_id);
    assert.ok(result.output.basis.length > 0);
    assert.equal((await client.taskRun.retrieve(run.run_id)).status, "completed");
    const sent = await client.get<Record<string, unknown>>(`/v1/tasks/runs/${run.run_id}/input`);
    assert.deepEqual(sent, input);
    // Told again from the log, where the API itself has forgotten.
    const again: string[] = [];
    for await (const event of await client.taskRun.events(run.run_id)) again.push(event.type);
    assert.deepEqual(again, types);
    const account = await app.services.runs.accountOf(KEY);
    const page = await app.services.runs.page(account!, run.run_id);
    assert.equal(page?.run.source, "api");
    assert.equal(page?.run.simulated, true);
    assert.equal(page?.title, "Which rivers meet in Lyon?");
    assert.ok(page?.output);
  }, { config: { sandboxSpeed: 20 } }));

Deno.test("a run made with a key is in the history of whoever signs in with that key", () =>
  withProxy(async ({ origin, app }) => {
    const run = await sdk(origin, KEY).taskRun.create({
      input: "Bridges of Lyon",
      processor: "lite",
    });
    const browser = await app.browser().enterKey(KEY);
    assert.ok((await browser.text("/")).includes(run.run_id));
    assert.equal((await browser.fetch(`/tasks/${run.run_id}`)).status, 200);
    assert.ok((await browser.events(run.run_id)).length > 1);
    const stranger = await app.browser().enterSandbox();
    assert.equal((await stranger.fetch(`/tasks/${run.run_id}`)).status, 404);
    assert.equal((await stranger.fetch(`/api/v1/tasks/runs/${run.run_id}/events`)).status, 404);
    // Slow enough that its recorder is there before its end, on a busy machine, too.
  }, { config: { sandboxSpeed: 10 } }));

Deno.test("the API's errors arrive as the SDK's own error classes, with the API's words", () =>
  withProxy(async ({ origin }) => {
    const client = sdk(origin, KEY);
    await assert.rejects(
      client.taskRun.create({ input: "x", processor: "no-such" }),
      (error) => error instanceof PermissionDeniedError && /invalid processor/.test(error.message),
    );
    await assert.rejects(
      client.taskRun.create({ input: "", processor: "lite" }),
      UnprocessableEntityError,
    );
    const unknown = `trun_${"0".repeat(32)}`;
    await assert.rejects(client.taskRun.retrieve(unknown), NotFoundError);
    await assert.rejects(client.taskRun.events(unknown), NotFoundError);
    await assert.rejects(client.taskRun.result(unknown), NotFoundError);
    const run = await client.taskRun.create({ input: "x", processor: "ultra8x" });
    await assert.rejects(
      client.taskRun.result(run.run_id, { timeout: 0 }),
      (error) => error instanceof Error && "status" in error && error.status === 408,
    );
  }, { config: { sandboxSpeed: 1 } }));

Deno.test("what the sandbox does not simulate is a 404 that says so", () =>
  withProxy(async ({ fetch }) => {
    for (const path of ["/api/v1/tasks/groups", "/api/v1beta/chat/completions"]) {
      const headers = { "x-api-key": KEY, "content-type": "application/json" };
      const response = await fetch(path, { method: "POST", headers, body: "{}" });
      assert.equal(response.status, 404);
      const { type, error } = await response.json();
      assert.equal(type, "error");
      assert.match(error.message, /does not simulate/);
    }
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
    await assert.rejects(result);
  }, { config: { sandboxSpeed: 1 } }));

Deno.test("the SDK does not repeat a create whose answer got lost: it may be billed", () =>
  withProxy(async ({ origin, app }) => {
    const client = new Parallel({ apiKey: "pk-test-key-1234", baseURL: `${origin}/api` });
    const create = client.taskRun.create({ input: "x", processor: "lite" });
    await assert.rejects(create, { status: 502 });
    const lost = app.lines.filter((line) => line.includes("the API cannot be reached"));
    assert.equal(lost.length, 1);
  }, { config: { parallelApiUrl: "http://127.0.0.1:1" } }));

Deno.test("the SDK's groups pass through, their streams included", () => {
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
    assert.deepEqual(added.run_ids, [run.run_id]);
    const ids: unknown[] = [];
    const stream = await client.taskGroup.events(group.taskgroup_id, { last_event_id: "7" });
    for await (const event of stream) ids.push("event_id" in event ? event.event_id : null);
    assert.deepEqual(ids, ["8", "9"]);
    assert.deepEqual(reached.map(({ method, target }) => `${method} ${target}`), [
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
