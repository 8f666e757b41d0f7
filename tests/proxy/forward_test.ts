/** What passes through in either direction, and what happens if one side disconnects. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  fail,
} from "@std/assert";
import { handleApi, type ProxyContext, proxyContext } from "../../lib/proxy/mod.ts";
import { MAX_BODY_BYTES } from "../../lib/base/body.ts";
import type { Upstream } from "../../lib/upstreams.ts";
import { FakeTimers } from "../sse/support/timers.ts";
import { errorJson, runJson, sdk, withProxy } from "./proxy_app.ts";
import { assertError } from "../assert_error.ts";

const KEY = { "x-api-key": "pk-test-key-1234" };
const RUN = "/api/v1/tasks/runs/trun_1";
const GROUP = "/api/v1/tasks/groups/tgrp_1";

Deno.test("only the API's own headers are forwarded", () =>
  withProxy(async ({ fetch, reached }) => {
    const taken = {
      "content-type": "application/json; charset=utf-8",
      accept: "application/json",
      "parallel-beta": "events-sse-2025-07-24,field-basis-2025-11-25",
      "last-event-id": "12",
    };
    const left = {
      cookie: "taskstream=x",
      authorization: "Bearer x",
      "x-forwarded-for": "10.0.0.1",
      "x-stainless-lang": "js",
      "proxy-authorization": "Basic eA==",
      forwarded: "for=10.0.0.1",
      via: "1.1 x",
      referer: "http://localhost/tasks",
      "accept-language": "fr",
    };
    await (await fetch("/api/v1/tasks/groups", {
      method: "POST",
      headers: { ...KEY, ...taken, ...left },
      body: '{"metadata":{}}',
    })).body?.cancel();
    const [{ headers, body } = fail()] = reached;
    for (const [name, value] of Object.entries({ ...KEY, ...taken })) {
      assertStrictEquals(headers.get(name), value, name);
    }
    for (const [name, value] of Object.entries(left)) {
      assertNotEquals(headers.get(name), value, name);
    }
    assertStrictEquals(body, '{"metadata":{}}');
    const known = new Set([
      ...Object.keys({ ...KEY, ...taken }),
      // The HTTP client's own.
      ...["accept-encoding", "accept-language", "content-length", "host", "user-agent"],
    ]);
    assertEquals([...headers.keys()].filter((name) => !known.has(name)), []);
  }));

const ANSWERS: readonly [status: number, body: unknown][] = [
  [200, runJson()],
  [200, { future: ["member", 1.5, null] }],
  [401, errorJson("Unauthorized: invalid or missing credentials")],
  [402, errorJson("Payment required: insufficient credit in account")],
  [404, errorJson("Run id not found")],
  [408, errorJson("Request timed out; run still active")],
  [418, "not json at all"],
  [422, { detail: [{ loc: ["body", "inputs"], msg: "Field required", type: "missing" }] }],
  [429, errorJson("Too many requests: quota temporarily exceeded")],
  [500, errorJson("Internal error")],
  [503, errorJson("Unavailable")],
];

Deno.test("statuses and bodies pass through byte for byte, with the headers meant for the caller", () => {
  let next: (typeof ANSWERS)[number];
  return withProxy(async ({ fetch }) => {
    for (next of ANSWERS) {
      const response = await fetch(RUN, { headers: KEY });
      assertStrictEquals(response.status, next[0]);
      assertStrictEquals(await response.text(), ` ${JSON.stringify(next[1])}\n`);
      assertStrictEquals(response.headers.get("retry-after"), "7");
      assertStrictEquals(response.headers.get("x-request-id"), "r1");
      for (
        const name of [
          "set-cookie",
          "keep-alive",
          "x-hop",
          "clear-site-data",
          "content-security-policy-report-only",
          "link",
          "www-authenticate",
          "access-control-allow-origin",
          "access-control-allow-credentials",
        ]
      ) assertStrictEquals(response.headers.get(name), null, name);
    }
  }, {
    api: () =>
      new Response(` ${JSON.stringify(next[1])}\n`, {
        status: next[0],
        headers: {
          "content-type": "application/json",
          "retry-after": "7",
          "x-request-id": "r1",
          "set-cookie": "taskstream=stolen",
          connection: "x-hop",
          "x-hop": "1",
          "keep-alive": "timeout=5",
          "clear-site-data": '"*"',
          "content-security-policy-report-only": "default-src 'none'; report-uri //api.test/",
          link: "<https://api.test/a.js>; rel=preload; as=script",
          "www-authenticate": 'Basic realm="Your Parallel password"',
          "access-control-allow-origin": "*",
          "access-control-allow-credentials": "true",
        },
      }),
  });
});

Deno.test("redirects are not followed, so the caller's key stays safe", () =>
  withProxy(async ({ fetch }) => {
    const response = await fetch(RUN, { headers: KEY, redirect: "manual" });
    assertStrictEquals(response.status, 502);
    assertStrictEquals(response.headers.get("location"), null);
    assertMatch((await response.json()).error.message, /unexpected status 302/);
  }, {
    api: () => new Response(null, { status: 302, headers: { location: "http://evil.test/" } }),
  }));

Deno.test("an unreachable upstream gives a 502 without its address", () =>
  withProxy(async ({ origin, fetch, app }) => {
    const response = await fetch(RUN, { headers: KEY });
    assertStrictEquals(response.status, 502);
    const { error } = await response.json();
    assertStrictEquals(error.message, "Bad gateway: the API cannot be reached");
    assert(app.lines.some((line) => line.includes("the API cannot be reached reason=")));
    assert(!app.lines.some((line) => line.includes(KEY["x-api-key"])));
    const create = sdk(origin, KEY["x-api-key"]).taskRun.create({ input: "x", processor: "lite" });
    assertError(await assertRejects(() => create), { status: 502 });
  }, { config: { parallelApiUrl: "http://127.0.0.1:1" } }));

/** A stream that the test feeds, and whether its reader has gone. */
function feed() {
  const gone = Promise.withResolvers<void>();
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (given) => void (controller = given),
    cancel: () => gone.resolve(),
  });
  return {
    body,
    gone: gone.promise,
    send: (text: string) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
    fail: () => controller.error(new Error("cut")),
  };
}

const SSE = { headers: { "content-type": "text/event-stream" } };

Deno.test("a stream passes unchanged and at once, and ends with the upstream's", () => {
  const stream = feed();
  return withProxy(async ({ fetch }) => {
    const headers = { ...KEY, "accept-encoding": "gzip, br" };
    const response = await fetch(`${GROUP}/events`, { headers });
    assertStrictEquals(response.headers.get("content-type"), "text/event-stream");
    assertStrictEquals(response.headers.get("cache-control"), "no-cache, no-transform");
    assertStrictEquals(response.headers.get("content-encoding"), null);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (const text of [": hello\n\n", "event: x\r\ndata: {", "}\r\n\r\n"]) {
      stream.send(text);
      assertStrictEquals((await reader.read()).value, text);
    }
    stream.end();
    assertStrictEquals((await reader.read()).done, true);
  }, { api: () => new Response(stream.body, SSE) });
});

Deno.test("a caller who disconnects from a stream ends the upstream's, even if it is silent", () => {
  const stream = feed();
  return withProxy(async ({ fetch }) => {
    const stop = new AbortController();
    const response = await fetch(`${GROUP}/runs`, { headers: KEY, signal: stop.signal });
    const reader = response.body!.getReader();
    stream.send("data: 1\n\n");
    await reader.read();
    stop.abort();
    await assertRejects(() => reader.read());
    await stream.gone;
  }, { api: () => new Response(stream.body, SSE) });
});

Deno.test("an interrupted upstream interrupts the caller's stream", () => {
  const stream = feed();
  return withProxy(async ({ fetch }) => {
    const response = await fetch(`${GROUP}/events`, { headers: KEY });
    const reader = response.body!.getReader();
    stream.send("data: 1\n\n");
    await reader.read();
    stream.fail();
    await assertRejects(() => reader.read());
  }, { api: () => new Response(stream.body, SSE) });
});

Deno.test("a caller who disconnects before the response ends the upstream's request", () => {
  const arrived = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  return withProxy(async ({ fetch }) => {
    const stop = new AbortController();
    const asked = fetch(`${RUN}/result?timeout=600`, { headers: KEY, signal: stop.signal });
    await arrived.promise;
    stop.abort();
    await assertRejects(() => asked);
    await aborted.promise;
  }, {
    api: ({ signal }) => {
      arrived.resolve();
      signal.addEventListener("abort", () => aborted.resolve());
      return aborted.promise.then(() => new Response());
    },
  });
});

Deno.test("bodies up to 1 MiB pass, and longer ones get 413 and are not forwarded", () =>
  withProxy(async ({ fetch, reached }) => {
    const post = (body: BodyInit) =>
      fetch("/api/v1beta/chat/completions", { method: "POST", headers: KEY, body });
    assertStrictEquals((await post("x".repeat(MAX_BODY_BYTES))).status, 404);
    assertStrictEquals(reached.at(0)?.body.length, MAX_BODY_BYTES);
    const declared = await post("x".repeat(MAX_BODY_BYTES + 1));
    assertStrictEquals(declared.status, 413);
    assertStrictEquals((await declared.json()).type, "error");
    assertStrictEquals(reached.length, 1);
  }));

Deno.test("a body without a length is cut off at the limit", () =>
  withProxy(async ({ app, reached }) => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const request = new Request("http://localhost/api/v1/tasks/runs", {
      method: "POST",
      headers: KEY,
      body,
    });
    assertStrictEquals((await app.handle(request)).status, 413);
    assert(sent <= MAX_BODY_BYTES + 2 * 65_536, `read ${sent} bytes`);
    assertEquals(reached, []);
  }));

/** A context whose upstream never answers and whose timers the test fires. */
function stuck(context: ProxyContext) {
  const waits: { run: () => void; ms: number }[] = [];
  const aborted = Promise.withResolvers<unknown>();
  const answer = Promise.withResolvers<Response>();
  const upstream: Upstream = {
    baseUrl: "http://api.test",
    simulated: false,
    fetch: (_, init) => {
      init?.signal?.addEventListener("abort", () => {
        aborted.resolve(init.signal?.reason);
        answer.reject(init.signal?.reason);
      });
      return answer.promise;
    },
  };
  const stuckContext: ProxyContext = {
    ...context,
    upstreams: { forKey: () => upstream },
    timers: {
      setTimeout: (run, ms) => waits.push({ run, ms }),
      clearTimeout: () => {},
    },
  };
  return { context: stuckContext, waits, aborted: aborted.promise, answer };
}

/** Lets everything that is ready happen. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("a stream has no time limit once its headers arrived", () =>
  withProxy(async ({ app }) => {
    const timers = new FakeTimers();
    const { context, answer } = stuck(proxyContext(app.services));
    const request = new Request(`http://localhost${GROUP}/events`, { headers: KEY });
    const asked = handleApi({ ...context, timers }, {
      request,
      account: null,
      origin: "http://localhost",
      client: { client: "local", network: null },
    });
    while (timers.pending.size === 0) await settle();
    answer.resolve(new Response(new ReadableStream(), SSE));
    const response = await asked;
    assertStrictEquals(timers.pending.size, 0, "nothing that could end it is left");
    await response.body?.cancel();
  }));

Deno.test("a missing response gives 504 in time and cancels the upstream's request", () =>
  withProxy(async ({ app }) => {
    const { context, waits, aborted } = stuck(proxyContext(app.services));
    const request = new Request(`http://localhost${RUN}/result?timeout=25`, { headers: KEY });
    const asked = handleApi(context, {
      request,
      account: null,
      origin: "http://localhost",
      client: { client: "local", network: null },
    });
    while (waits.length === 0) await settle();
    assertStrictEquals(waits.at(0)?.ms, 85_000);
    waits.at(0)?.run();
    const response = await asked;
    assertStrictEquals(response.status, 504);
    assertMatch((await response.json()).error.message, /^Gateway timeout: .* within 85 s$/);
    assertStrictEquals((await aborted as DOMException).name, "TimeoutError");
  }));

Deno.test("a create with a late response gets a 504 that forbids retries, and is still recorded", () =>
  withProxy(async ({ app }) => {
    const { context, waits, answer } = stuck(proxyContext(app.services));
    const request = new Request("http://localhost/api/v1/tasks/runs", {
      method: "POST",
      headers: KEY,
      body: JSON.stringify({ input: "Late", processor: "lite" }),
    });
    const asked = handleApi(context, {
      request,
      account: null,
      origin: "http://localhost",
      client: { client: "local", network: null },
    });
    const headersWait = () => waits.find(({ ms }) => ms === 60_000);
    while (headersWait() === undefined) await settle();
    headersWait()?.run();
    const response = await asked;
    assertStrictEquals(response.status, 504);
    assertStrictEquals(response.headers.get("x-should-retry"), "false");
    const run = runJson();
    answer.resolve(Response.json(run, { status: 202 }));
    let account: string | null = null;
    while (account === null) {
      await settle();
      account = await app.services.runs.accountOf(KEY["x-api-key"]);
    }
    while ((await app.services.runs.list(account)).runs.length === 0) await settle();
    assertStrictEquals((await app.services.runs.list(account)).runs[0]?.run_id, run.run_id);
  }));
