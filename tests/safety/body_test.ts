import type { Timers } from "../../lib/base/timers.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { HttpError } from "fresh";
import { readBody } from "../../lib/base/body.ts";
import { readForm } from "../../lib/form_body.ts";
import { handleApi, proxyContext } from "../../lib/proxy/mod.ts";
import { FORM, withApp } from "../app/test_app.ts";
import { assertError } from "../assert_error.ts";

/** HandTimers that the test fires. */
class HandTimers implements Timers {
  readonly waits = new Map<unknown, { run: () => void; ms: number }>();

  setTimeout(run: () => void, ms: number): unknown {
    const id = {};
    this.waits.set(id, { run, ms });
    return id;
  }

  clearTimeout(id: unknown): void {
    this.waits.delete(id);
  }

  fire(): void {
    for (const { run } of this.waits.values()) run();
  }
}

/** A body that sends a little and then stays silent. */
function trickling(type = "application/x-www-form-urlencoded") {
  const cancelled = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  let pulls = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulls++ === 0) return controller.enqueue(new TextEncoder().encode("a=1&b="));
      started.resolve();
      return cancelled.promise;
    },
    cancel: () => cancelled.resolve(),
  }, { highWaterMark: 0 });
  const headers = { "content-type": type, "x-api-key": "pk-test-key-1234" };
  const request = new Request("http://localhost:8000/api/v1/tasks/runs", {
    method: "POST",
    body,
    headers,
  });
  return { request, started: started.promise, cancelled: cancelled.promise };
}

Deno.test("a slow body is abandoned after the given time, and its source is released", async () => {
  const timers = new HandTimers();
  const { request, started, cancelled } = trickling();
  const read = readBody(request, { maxMs: 5_000, timers });
  await started;
  assertEquals([...timers.waits.values()].map(({ ms }) => ms), [5_000]);
  timers.fire();
  assertEquals(await read, { ok: false, status: 408 });
  await cancelled;
  assertStrictEquals(timers.waits.size, 0);
});

Deno.test("a slow form gets 408 with a message", async () => {
  const timers = new HandTimers();
  const { request, started } = trickling();
  const read = readForm(request, { timers });
  await started;
  timers.fire();
  assertError(
    await assertRejects(() => read),
    (error) =>
      error instanceof HttpError && error.status === 408 &&
      /too long to arrive/.test(error.message),
  );
});

Deno.test("a form with more fields or text than a page has gets 413 with a message", async () => {
  const post = (body: BodyInit) => new Request("http://localhost/", { method: "POST", body });
  const multipart = (chars: number) => {
    const form = new FormData();
    form.set("input", '"'.repeat(chars));
    return post(form);
  };
  const fields = (count: number) =>
    post(new URLSearchParams(Array.from({ length: count }, (_, n) => [`f${n}`, ""])));
  for (const request of [fields(20_000), multipart(700_000)]) {
    assertError(
      await assertRejects(() => readForm(request)),
      (error) => error instanceof HttpError && error.status === 413 && /larger/.test(error.message),
    );
  }
  assertStrictEquals([...await readForm(fields(1_000))].length, 1_000);
  assertStrictEquals(String((await readForm(multipart(500_000))).get("input")).length, 500_000);
});

Deno.test("a table's form of very many fields gets 413, also without a session", () =>
  withApp(async (app) => {
    const body = "a=b&".repeat(10_001);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const browser = await app.browser().enterSandbox();
    for (const path of ["/batches", "/batches/preview"]) {
      const response = await browser.fetch(path, { method: "POST", body, headers });
      assertStrictEquals(response.status, 413);
      assertMatch(await response.text(), /more fields than any page sends/);
      const refused = await app.browser().fetch(path, { method: "POST", body, headers });
      assert(refused.status === 303 || refused.status === 403, `${refused.status}`);
    }
  }));

Deno.test("a redisplayed form of the largest size makes a page of less than 4 MB", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    for (const name of ["input", "include_domains", "metadata", "mcp_servers", "webhook_url"]) {
      const form = new FormData();
      const values = { ...FORM, processor: "none", [name]: '"'.repeat(590_000) };
      for (const [field, value] of Object.entries(values)) form.set(field, value);
      const response = await browser.fetch("/tasks", { method: "POST", body: form });
      assertStrictEquals(response.status, 422, name);
      const { length } = await response.text();
      assert(length < 4_000_000, `${name}: ${length} characters`);
    }
  }));

Deno.test("a slow proxied body gets 408 in the API's format and is not forwarded", () =>
  withApp(async (app) => {
    const timers = new HandTimers();
    const { request, started } = trickling("application/json");
    const context = { ...proxyContext(app.services), timers };
    const asked = handleApi(context, {
      request,
      account: null,
      origin: "http://localhost:8000",
      client: { client: "local", network: null },
    });
    await started;
    timers.fire();
    const response = await asked;
    assertStrictEquals(response.status, 408);
    const { type, error } = await response.json();
    assertStrictEquals(type, "error");
    assertMatch(error.message, /longer than 30 s to arrive/);
  }));

Deno.test("a body at the limit is read and one byte more is not, with or without Content-Length", async () => {
  const post = (body: BodyInit) => new Request("http://x/", { method: "POST", body });
  const stream = (size: number) =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(size));
        controller.close();
      },
    });
  const limits = { maxBytes: 1000 };
  for (const make of [(size: number) => new Uint8Array(size), stream]) {
    const whole = await readBody(post(make(1000)), limits);
    assert(whole.ok && whole.bytes.byteLength === 1000);
    assertEquals(await readBody(post(make(1001)), limits), { ok: false, status: 413 });
  }
  const empty = await readBody(new Request("http://x/", { method: "POST" }));
  assert(empty.ok && empty.bytes.byteLength === 0);
});

Deno.test("a Content-Length beyond the limit is rejected without reading the body", async () => {
  const headers = { "content-length": "999999999" };
  const body = new Uint8Array(1);
  const request = new Request("http://x/", { method: "POST", body, headers });
  assertEquals(await readBody(request), { ok: false, status: 413 });
});

Deno.test("an interrupted body gives 400 and leaves no timer", async () => {
  const timers = new HandTimers();
  const body = new ReadableStream({
    pull: (controller) => controller.error(new TypeError("connection reset")),
  });
  const request = new Request("http://x/", { method: "POST", body });
  const read = await readBody(request, { timers });
  assert(!read.ok && read.status === 400 && read.error instanceof TypeError);
  assertStrictEquals(timers.waits.size, 0);
});
