/** Runs whose log ended early are checked again from their page, or by a webhook. */
import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertStrictEquals,
} from "@std/assert";
import { signWebhook } from "../../../lib/parallel/webhooks.ts";
import { ORIGIN, type TestApp, type TestBrowser, withApp } from "../../app/test_app.ts";
import { Committer } from "../../../lib/store/committer.ts";
import { type Head, headKey } from "../../../lib/runs/log/head.ts";
import { LogWriter } from "../../../lib/runs/log/writer.ts";
import { message, state } from "../upstream.ts";

const KEY = "pk-ask-again-1";
const RUN_ID = `trun_${"b".repeat(32)}`;
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OUTPUT = { type: "text", content: "the late result", basis: [] };

/** An API that reports one run as the test sets it. */
class Api {
  status = "running";
  /** The false response of each resource. */
  refuse: Partial<Record<"events" | "result" | "run", number>> = {};
  #open = Promise.withResolvers<ReadableStreamDefaultController>();

  /** Resolves with the stream of the run that goes on, once its recorder has connected. */
  get open(): Promise<ReadableStreamDefaultController> {
    return this.#open.promise;
  }

  readonly answer = (request: Request): Response => {
    const part = new URL(request.url).pathname.split("/").at(-1)!;
    if (request.method === "POST") return Response.json(this.#run("queued"), { status: 202 });
    const resource = part === "events" || part === "result" ? part : "run";
    const refused = this.refuse[resource];
    if (refused !== undefined) {
      const error = { ref_id: "r", message: "no" };
      return Response.json({ type: "error", error }, { status: refused });
    }
    if (part === "result") return Response.json({ run: this.#run(), output: OUTPUT });
    if (part !== "events") return Response.json(this.#run());
    const frames = this.status === "running" ? [state("running"), message("on again")] : [
      state(this.status, {
        run: this.#run(),
        output: this.status === "completed" ? OUTPUT : null,
      }),
    ];
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(frames.join("")));
        if (this.status === "running") this.#open.resolve(controller);
        else controller.close();
      },
      // The recorder that gave up connects no more: its place is the next one's.
      cancel: () => void (this.#open = Promise.withResolvers()),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };

  #run(status = this.status) {
    return {
      run_id: RUN_ID,
      interaction_id: RUN_ID,
      status,
      is_active: status === "queued" || status === "running",
      processor: "lite",
      created_at: "2026-01-01T00:00:00.000000Z",
      modified_at: "2026-01-01T00:01:00.000000Z",
    };
  }
}

/** How a run ends here without its end, without waiting for as long as a recorder does. */
const ENDS = {
  lost: JSON.stringify({
    type: "error",
    error: { ref_id: "r", message: "Recording stopped: no", detail: { recording: "stopped" } },
  }),
  completed: JSON.stringify({
    type: "task_run.state",
    run: { run_id: RUN_ID, status: "completed", is_active: false },
    output: null,
  }),
  waiting: JSON.stringify({
    type: "task_run.state",
    run: { run_id: RUN_ID, status: "action_required", is_active: false },
    output: null,
  }),
};

async function withRun(
  how: keyof typeof ENDS,
  test: (app: TestApp, api: Api, browser: TestBrowser) => Promise<void>,
): Promise<void> {
  const api = new Api();
  await withApp(async (app) => {
    const browser = await app.browser().enterKey(KEY);
    api.refuse = { events: 503, result: 404 };
    await browser.createTask();
    const { kv } = app.services;
    // Its recorder gives up, as it would after its refusals, or half an hour.
    let found = await kv.get<Head>(headKey(RUN_ID));
    while (found.value!.lease_owner === "") found = await kv.get<Head>(headKey(RUN_ID));
    const context = {
      kv,
      committer: new Committer(kv),
      now: Date.now,
      owner: found.value!.lease_owner,
      leaseMs: 10_000,
      onDurable: () => {},
    };
    const writer = (await LogWriter.acquire(context, RUN_ID, () => {}))!;
    await writer.end(how === "lost" ? "error" : "task_run.state", ENDS[how], null);
    await writer.release();
    assertStrictEquals((await browser.events(RUN_ID)).length, 1);
    await test(app, api, browser);
  }, { api: api.answer });
}

async function recheck(browser: TestBrowser): Promise<string> {
  const response = await browser.post(`/tasks/${RUN_ID}/ask-again`, {});
  await response.body?.cancel();
  assertStrictEquals(response.status, 303);
  return response.headers.get("location")!;
}

async function deliver(app: TestApp, id: string): Promise<number> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const body = JSON.stringify({ type: "task_run.status", data: { run_id: RUN_ID } });
  const response = await app.handle(
    new Request(`${ORIGIN}/webhooks/parallel`, {
      method: "POST",
      body,
      headers: {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": await signWebhook(SECRET, { id, timestamp, body }),
      },
    }),
  );
  await response.body?.cancel();
  return response.status;
}

Deno.test("a run that waited for an action and went on is followed again when a webhook says so", () =>
  withRun("waiting", async (app, api, browser) => {
    const account = (await app.services.runs.accountOf(KEY))!;
    await app.services.webhookSecrets.set(account, SECRET);
    api.refuse = {};
    api.status = "action_required";
    assertStrictEquals(await deliver(app, "whevent_1"), 200);
    assertStrictEquals((await browser.events(RUN_ID)).length, 1, "it still waits");
    assertStrictEquals(await recheck(browser), `/tasks/${RUN_ID}`);
    assertMatch(
      await browser.text(`/tasks/${RUN_ID}`),
      /needs something from you[^]*Parallel may have more of this run by now/,
    );
    api.status = "completed";
    assertStrictEquals(await deliver(app, "whevent_2"), 200);
    assertMatch(await browser.text(`/tasks/${RUN_ID}`), /the late result/);
    const { run } = JSON.parse(await browser.text(`/tasks/${RUN_ID}/result.json`));
    assertStrictEquals(run.status, "completed");
    const list = await browser.text("/tasks?status=completed");
    assertMatch(list, new RegExp(RUN_ID));
  }));

for (const how of ["lost", "completed"] as const) {
  Deno.test(`a run that ended as ${how} says so, can be checked again, and shows its result`, () =>
    withRun(how, async (_app, api, browser) => {
      const before = await browser.text(`/tasks/${RUN_ID}`);
      assertMatch(before, /Ask Parallel again/);
      assertMatch(before, new RegExp(`action="/tasks/${RUN_ID}/ask-again"`));
      // The API still refuses: said, and asked again.
      api.status = "completed";
      const location = await recheck(browser);
      assertStrictEquals(location, `/tasks/${RUN_ID}?asked=404`);
      assertMatch(await browser.text(location), /responded with status 404/);
      api.refuse = {};
      assertStrictEquals(await recheck(browser), `/tasks/${RUN_ID}`);
      const after = await browser.text(`/tasks/${RUN_ID}`);
      assertMatch(after, /the late result/);
      assertNotMatch(after, /Ask Parallel again|Recording stopped: no<|could not follow/);
      const events = await browser.events(RUN_ID);
      assertEquals(events.map(({ id }) => id), ["1", "2"]);
      assertStrictEquals(events[0]!.data, ENDS[how], "what an id means never changes");
      assertEquals(JSON.parse(events[1]!.data).output, OUTPUT);
      const { run } = JSON.parse(await browser.text(`/tasks/${RUN_ID}/result.json`));
      assertStrictEquals(run.status, "completed");
      assertStrictEquals(run.recording_gaps.length, how === "lost" ? 1 : 0);
    }));

  Deno.test(`a webhook finishes a run that ended as ${how}, and asks for redelivery while the API does not respond`, () =>
    withRun(how, async (app, api, browser) => {
      const account = (await app.services.runs.accountOf(KEY))!;
      await app.services.webhookSecrets.set(account, SECRET);
      api.status = "completed";
      assertStrictEquals(await deliver(app, "whevent_1"), 503);
      api.refuse = {};
      assertStrictEquals(await deliver(app, "whevent_1"), 200);
      assertMatch(await browser.text(`/tasks/${RUN_ID}`), /the late result/);
      assertStrictEquals(await deliver(app, "whevent_2"), 200);
    }));
}

Deno.test("a run given up too early is recorded from where its log stopped", () =>
  withRun("lost", async (_app, api, browser) => {
    api.refuse = {};
    assertStrictEquals(await recheck(browser), `/tasks/${RUN_ID}`);
    const page = await browser.text(`/tasks/${RUN_ID}`);
    assertMatch(page, /idleMs/, "live again");
    const events = browser.events(RUN_ID);
    const stream = await api.open;
    api.status = "completed";
    api.refuse = { events: 404 };
    stream.close();
    const seen = await events;
    assertEquals(seen.slice(0, 2).map(({ event }) => event), ["error", "task_run.state"]);
    assertEquals(JSON.parse(seen.at(-1)!.data).output, OUTPUT);
    assertMatch(await browser.text("/tasks"), /Completed/i);
  }));

Deno.test("an ended run or another account's run is not checked", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const runId = await browser.createTask();
    await browser.events(runId);
    const before = await browser.events(runId);
    assertNotMatch(await browser.text(`/tasks/${runId}`), /Ask Parallel again/);
    const response = await browser.post(`/tasks/${runId}/ask-again`, {});
    assertStrictEquals(response.status, 303);
    assertEquals(await browser.events(runId), before);
    const stranger = await app.browser().enterSandbox();
    assertStrictEquals((await stranger.post(`/tasks/${runId}/ask-again`, {})).status, 404);
    const visitor = await app.browser().post(`/tasks/${runId}/ask-again`, {});
    assertNotEquals(visitor.headers.get("location"), `/tasks/${runId}`);
    assertStrictEquals(
      (await browser.post(`/tasks/${runId}/ask-again`, {}, { "sec-fetch-site": "cross-site" }))
        .status,
      403,
    );
  }));

Deno.test("a stopped run's stored key is deleted with the run", () =>
  withRun("lost", async (app) => {
    const { kv, runs } = app.services;
    const kept = () => Array.fromAsync(kv.list({ prefix: ["stopped"] }));
    assertStrictEquals((await kept()).length, 1);
    await runs.removeAll((await runs.accountOf(KEY))!);
    await app.services.sweep();
    assertEquals(await kept(), []);
  }));
