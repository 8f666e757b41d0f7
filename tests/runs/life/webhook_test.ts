/** Notifications from the API: which are accepted, what they do, and what a flood costs. */
import { assert, assertEquals, assertMatch, assertStrictEquals, fail } from "@std/assert";
import { MAX_BODY_BYTES } from "../../../lib/base/body.ts";
import { Committer } from "../../../lib/store/committer.ts";
import { type KeyScheme, signWebhook } from "../../../lib/parallel/webhooks.ts";
import { deliverSimulated } from "../../../lib/runs/life/simulated_webhook.ts";
import { RUN, seedRun } from "../log_tools.ts";
import { ORIGIN, type TestApp, type TestBrowser, withApp } from "../../app/test_app.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER = "whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldA==";
const KEY = "pk-webhooks-1";
const PATH = "/webhooks/parallel";

interface Delivery {
  readonly runId: string;
  readonly id?: string;
  readonly secret?: string;
  readonly scheme?: KeyScheme;
  /** Seconds that its clock is ahead. */
  readonly ahead?: number;
  readonly body?: string;
  /** Changes the headers after signing. */
  readonly headers?: Record<string, string>;
}

async function request(delivery: Delivery): Promise<Request> {
  const { runId, id = "whevent_1", secret = SECRET, scheme, ahead = 0 } = delivery;
  const body = delivery.body ?? JSON.stringify({
    timestamp: new Date().toISOString(),
    type: "task_run.status",
    data: { run_id: runId, status: "completed", is_active: false },
  });
  const timestamp = String(Math.floor(Date.now() / 1000) + ahead);
  return new Request(ORIGIN + PATH, {
    method: "POST",
    body,
    // The API's servers send no cookie, Origin or Sec-Fetch-Site.
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": await signWebhook(secret, { id, timestamp, body }, scheme),
      ...delivery.headers,
    },
  });
}

async function deliver(app: TestApp, delivery: Delivery): Promise<[number, string]> {
  const response = await app.handle(await request(delivery));
  return [response.status, (await response.json()).message];
}

const RUN_ID = `trun_${"a".repeat(32)}`;
const OUTPUT = { type: "text", content: "the result", basis: [] };

/** An API without an event stream, whose run ends when the test says so. */
class StreamlessApi {
  isOver = false;
  /** Requests by the last part of their path. */
  readonly asked: Record<string, number> = {};
  /** The response to a request for the stream. */
  stream: () => Response = () => new Response("{}", { status: 503 });

  readonly answer = (request: Request): Response => {
    const { pathname } = new URL(request.url);
    const part = pathname.split("/").at(-1)!;
    this.asked[part] = (this.asked[part] ?? 0) + 1;
    if (request.method === "POST") return Response.json(this.#run(), { status: 202 });
    if (part === "events") return this.stream();
    if (part === "result") return Response.json({ run: this.#run(), output: OUTPUT });
    if (part === RUN_ID) return Response.json(this.#run());
    return Response.json({ error: { message: "Run id not found" } }, { status: 404 });
  };

  #run() {
    return {
      run_id: RUN_ID,
      interaction_id: RUN_ID,
      status: this.isOver ? "completed" : "running",
      is_active: !this.isOver,
      processor: "lite",
      created_at: "2026-01-01T00:00:00.000000Z",
      modified_at: "2026-01-01T00:01:00.000000Z",
    };
  }
}

/** An app with one run without a stream, and its account's webhook secret. */
function withRun(
  test: (app: TestApp, api: StreamlessApi, browser: TestBrowser, account: string) => Promise<void>,
  options: { secret?: string | null; instanceSecret?: string; stream?: () => Response } = {},
): Promise<void> {
  const api = new StreamlessApi();
  if (options.stream !== undefined) api.stream = options.stream;
  return withApp(async (app) => {
    const browser = await app.browser().enterKey(KEY);
    await browser.createTask();
    const account = (await app.services.runs.accountOf(KEY))!;
    await app.services.webhookSecrets.set(account, options.secret ?? null);
    await test(app, api, browser, account);
  }, {
    api: api.answer,
    config: { parallelWebhookSecret: options.instanceSecret ?? null },
  });
}

/** A stream that opens and stays silent. */
function silence(): Response {
  return new Response(new ReadableStream(), { headers: { "content-type": "text/event-stream" } });
}

/** A stream that is unavailable for an hour: until then only a notification reports the end. */
function busy(): Response {
  return new Response("{}", { status: 503, headers: { "retry-after": "3600" } });
}

for (const scheme of ["standard", "legacy"] as const) {
  for (const whose of ["its account", "the instance"] as const) {
    Deno.test(`a run is finished by a notification signed with the ${scheme} key of ${whose}`, () =>
      withRun(async (app, api, browser) => {
        const done = browser.events(RUN_ID);
        // It was asked about once, when its stream was refused.
        while ((api.asked[RUN_ID] ?? 0) < 1) await new Promise((resolve) => setTimeout(resolve, 5));
        api.isOver = true;
        assertEquals(await deliver(app, { runId: RUN_ID, scheme }), [200, "taken"]);
        const last = (await done).at(-1)!;
        assertEquals(JSON.parse(last.data).output, OUTPUT);
        assertMatch(await browser.text(`/tasks/${RUN_ID}`), /the result/);
      }, {
        stream: busy,
        ...whose === "its account" ? { secret: SECRET } : { instanceSecret: SECRET },
      }));
  }
}

Deno.test("a webhook finishes a run without a recorder", async () => {
  const folder = await Deno.makeTempDir();
  const api = new StreamlessApi();
  const options = {
    api: api.answer,
    config: { kvPath: `${folder}/kv`, parallelWebhookSecret: SECRET },
  };
  try {
    await withApp(async (app) => {
      await (await app.browser().enterKey(KEY)).createTask();
    }, options);
    // Restarted without picking up runs, as on a host that sleeps until a request arrives.
    await withApp(async (app) => {
      api.isOver = true;
      assertEquals(await deliver(app, { runId: RUN_ID }), [200, "taken"]);
      const browser = await app.browser().enterKey(KEY);
      assertEquals(JSON.parse((await browser.events(RUN_ID)).at(-1)!.data).output, OUTPUT);
    }, options);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a webhook alone does not end a run: the API's status decides", () =>
  withRun(async (app, api, _browser, account) => {
    assertEquals(await deliver(app, { runId: RUN_ID }), [200, "taken"]);
    const before = api.asked[RUN_ID] ?? 0;
    while ((api.asked[RUN_ID] ?? 0) <= before) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assertStrictEquals((await app.services.runs.page(account, RUN_ID))!.ended, false);
  }, { secret: SECRET }));

Deno.test("a repeated delivery gets 200 and does nothing", () =>
  withRun(async (app, _api, browser) => {
    assertEquals(await deliver(app, { runId: RUN_ID }), [200, "taken"]);
    const before = await app.services.kv.get(["head", RUN_ID]);
    assertEquals(await deliver(app, { runId: RUN_ID }), [200, "repeated"]);
    assertEquals(await deliver(app, { runId: RUN_ID, id: "whevent_2" }), [200, "taken"]);
    assert(before.value);
    const head = await app.services.kv.get<{ webhook: { id: string } }>(["head", RUN_ID]);
    assertStrictEquals(head.value!.webhook.id, "whevent_2");
    await browser.post(`/tasks/${RUN_ID}/delete`, {});
    assertEquals(
      await deliver(app, { runId: RUN_ID }),
      [200, "repeated"],
      "while it can be undone",
    );
  }, { secret: SECRET }));

Deno.test("only one of many concurrent equal deliveries is processed", () =>
  withRun(async (app) => {
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => deliver(app, { runId: RUN_ID })),
    );
    const states = outcomes.map(([status, state]) => `${status} ${state}`);
    assertStrictEquals(states.filter((state) => state === "200 taken").length, 1);
    assertStrictEquals(states.filter((state) => state === "200 repeated").length, 9);
  }, { secret: SECRET }));

const REFUSED: readonly (readonly [string, Partial<Delivery>, number])[] = [
  ["another secret", { secret: OTHER }, 401],
  ["a clock six minutes ahead", { ahead: 360 }, 401],
  ["a clock six minutes behind", { ahead: -360 }, 401],
  ["a signature of another body", { headers: { "webhook-signature": "v1,AAAA" } }, 401],
  ["an id that was not signed", { headers: { "webhook-id": "whevent_9" } }, 401],
  ["a timestamp that was not signed", {
    headers: { "webhook-timestamp": `${Math.floor(Date.now() / 1000) - 1}` },
  }, 401],
  ["a timestamp with a fraction", {
    headers: { "webhook-timestamp": `${Date.now() / 1000 + 0.5}` },
  }, 401],
  ["a timestamp with an exponent", { headers: { "webhook-timestamp": "1e9" } }, 401],
  ["a hexadecimal timestamp", { headers: { "webhook-timestamp": "0x6553f100" } }, 401],
  ["a negative timestamp", { headers: { "webhook-timestamp": "-1" } }, 401],
  ["no id", { headers: { "webhook-id": "" } }, 400],
  ["an id longer than a key", { headers: { "webhook-id": "x".repeat(3000) } }, 400],
  ["no signature", { headers: { "webhook-signature": "" } }, 400],
  ["a body that is no JSON", { body: "{" }, 400],
  ["a run id that is none", { body: '{"type":"task_run.status","data":{"run_id":"../x"}}' }, 400],
  ["an unknown run", { runId: `trun_${"f".repeat(32)}` }, 401],
  ["a body too long", { body: `"${"x".repeat(MAX_BODY_BYTES)}"` }, 413],
];
for (const [name, delivery, status] of REFUSED) {
  Deno.test(`${name} is rejected with ${status}, and nothing is requested or stored`, () =>
    withRun(async (app, api) => {
      while (api.asked.events === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
      const asked = api.asked[RUN_ID];
      const [answered] = await deliver(app, { runId: RUN_ID, ...delivery });
      assertStrictEquals(answered, status);
      assertEquals(await Array.fromAsync(app.services.kv.list({ prefix: ["webhook"] })), []);
      assertStrictEquals(api.asked[RUN_ID], asked);
    }, { secret: SECRET, stream: silence }));
}

Deno.test("one matching signature among several is enough, for rotated secrets", () =>
  withRun(async (app) => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const body = JSON.stringify({ type: "task_run.status", data: { run_id: RUN_ID } });
    const id = "whevent_1";
    const list = await Promise.all(
      [OTHER, SECRET].map((s) => signWebhook(s, { id, timestamp, body })),
    );
    const headers = {
      "webhook-signature": `v2,zzz ${list.join(" ")}`,
      "webhook-timestamp": timestamp,
    };
    assertEquals(await deliver(app, { runId: RUN_ID, body, headers }), [200, "taken"]);
  }, { secret: SECRET }));

Deno.test("an unknown run and a wrong signature get the same response", () =>
  withRun(async (app) => {
    const unknown = await deliver(app, { runId: `trun_${"f".repeat(32)}` });
    const wrong = await deliver(app, { runId: RUN_ID, secret: OTHER });
    assertEquals(unknown, wrong);
  }, { secret: SECRET }));

Deno.test("a genuine webhook for a run created elsewhere is acknowledged", () =>
  withRun(async (app) => {
    const runId = `trun_${"f".repeat(32)}`;
    assertEquals(await deliver(app, { runId }), [200, "ignored"]);
  }, { instanceSecret: SECRET }));

for (
  const type of ["task_run.progress", "findall.event.unheard", "constructor", "", 7, undefined]
) {
  Deno.test(`a notification of the unknown type ${String(JSON.stringify(type))} is acknowledged and ignored`, () =>
    withRun(async (app, api) => {
      while (api.asked.events === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
      const asked = api.asked[RUN_ID];
      const body = JSON.stringify({ type, data: { monitor_id: "m", run_id: RUN_ID } });
      assertEquals(await deliver(app, { runId: RUN_ID, body }), [200, "ignored"]);
      assertEquals(await Array.fromAsync(app.services.kv.list({ prefix: ["webhook"] })), []);
      assertStrictEquals(api.asked[RUN_ID], asked);
    }, { secret: SECRET, stream: silence }));
}

Deno.test("svix- header names work like webhook- ones", () =>
  withRun(async (app) => {
    const sent = await request({ runId: RUN_ID });
    const headers = new Headers({ "content-type": "application/json" });
    for (const name of ["id", "timestamp", "signature"]) {
      headers.set(`svix-${name}`, sent.headers.get(`webhook-${name}`)!);
    }
    const body = await sent.text();
    const deliverAs = async (headers: Headers) => {
      const response = await app.handle(
        new Request(ORIGIN + PATH, { method: "POST", body, headers }),
      );
      return [response.status, (await response.json()).message];
    };
    assertEquals(await deliverAs(headers), [200, "taken"]);
    // All headers of one family must match: the other family has an ID that was not signed.
    const mixed = new Headers(headers);
    mixed.delete("svix-id");
    mixed.set("webhook-id", headers.get("svix-id")!);
    assertStrictEquals((await deliverAs(mixed))[0], 400);
  }, { secret: SECRET }));

Deno.test("an account without a secret rejects every webhook", () =>
  withRun(async (app) => {
    assertStrictEquals((await deliver(app, { runId: RUN_ID }))[0], 401);
  }));

Deno.test("the webhook endpoint accepts no other cross-site post and uses no session", () =>
  withRun(async (_app, _api, browser) => {
    for (
      const path of [`${PATH}/`, "/webhooks/parallel/x", "/webhooks", `/tasks/${RUN_ID}/delete`]
    ) {
      const response = await browser.post(path, {}, { "sec-fetch-site": "cross-site" });
      await response.body?.cancel();
      assert([403, 404, 405, 307, 308].includes(response.status), `${path}: ${response.status}`);
    }
    const signedIn = await browser.post(PATH, {}, { "sec-fetch-site": "cross-site" });
    assertStrictEquals(signedIn.status, 400, "a session is no signature");
    assertStrictEquals((await browser.fetch(PATH)).status, 405);
    assertStrictEquals((await browser.fetch(`/tasks/${RUN_ID}`)).status, 200);
  }, { secret: SECRET }));

for (const [name, metadata] of [["completed", ""], ["failed", '{"sandbox":"fail"}']] as const) {
  Deno.test(`the sandbox notifies only this instance of a run that ${name}`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterSandbox();
      const [account] = await Array.fromAsync(
        app.services.kv.list<{ id: string }>({ prefix: ["account"] }),
      );
      await app.services.webhookSecrets.set(account!.value.id, SECRET);
      // Wherever it points: the app's own fetch would fail here.
      const runId = await browser.createTask({ webhook_url: "https://example.com/hook", metadata });
      const heard = () => Array.fromAsync(app.services.kv.list({ prefix: ["webhook"] }));
      while ((await heard()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      assertEquals((await heard()).map(({ value }) => value), [runId]);
      assertMatch((await browser.events(runId)).at(-1)!.data, new RegExp(`"status":"${name}"`));
    }, { config: { sandboxSpeed: 100 } }));
}

Deno.test("the sandbox sends its webhook after the run, and none without a secret", async () => {
  const kv = await Deno.openKv(":memory:");
  try {
    const context = {
      kv,
      committer: new Committer(kv),
      now: Date.now,
      instanceSecret: null,
      secretOf: () => Promise.resolve(null),
      notify: () => fail("nobody is told"),
      resume: () => fail("nothing is asked"),
    };
    const notification = { id: "whevent_1", runId: RUN, body: "{}" };
    assertStrictEquals(await deliverSimulated(context, notification), false, "not stored yet");
    await seedRun(kv);
    assertStrictEquals(await deliverSimulated(context, notification), true);
    assertEquals(await Array.fromAsync(kv.list({ prefix: ["webhook"] })), []);
  } finally {
    kv.close();
  }
});
