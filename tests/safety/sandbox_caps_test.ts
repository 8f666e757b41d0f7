/** Limits of the sandbox: with any key, per address, and in total. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import type { Config } from "../../lib/config.ts";
import { AddressSlots } from "../../lib/limits/mod.ts";
import { TestApp, withApp } from "../app/test_app.ts";
import { withProxy } from "../proxy/proxy_app.ts";
import { VALID_RUN } from "../history/valid_run.ts";

const from = (hostname: string): Deno.ServeHandlerInfo => ({
  remoteAddr: { transport: "tcp", hostname, port: 1 },
  completed: Promise.resolve(),
});

let keys = 0;

/** Creates a task with an unused key. */
async function create(
  app: TestApp,
  hostname: string,
  body: Record<string, unknown> = {},
): Promise<{ status: number; message: string; retryAfter: string | null }> {
  const request = new Request("http://localhost:8000/api/v1/tasks/runs", {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": `sandbox-fresh-${keys++}` },
    body: JSON.stringify({ input: "x", processor: "lite", ...body }),
  });
  const response = await app.handle(request, from(hostname));
  const { error } = await response.json();
  return {
    status: response.status,
    message: error?.message ?? "",
    retryAfter: response.headers.get("retry-after"),
  };
}

const config = (over: Partial<Config>) => ({ config: { sandboxSpeed: 0.1, ...over } });

Deno.test("one address can create 60 tasks a minute, with any keys", () =>
  withApp(async (app) => {
    for (let n = 0; n < 60; n++) {
      assertStrictEquals((await create(app, "198.51.100.1")).status, 202);
    }
    const refused = await create(app, "198.51.100.1");
    assertStrictEquals(refused.status, 429);
    assertMatch(refused.message, /at most 60 simulated tasks a minute from one address/);
    assertMatch(refused.retryAfter ?? "", /^[1-9]\d*$/);
    assertStrictEquals((await create(app, "198.51.100.2")).status, 202);
  }, { now: () => 1_800_000_000_000, ...config({ sandboxCreatesPerMinute: 60 }) }));

Deno.test("one address gets a tenth of the places, and all addresses together get all of them", () =>
  withApp(async (app) => {
    const places = await Promise.all(
      Array.from({ length: 6 }, () => create(app, "198.51.100.1")),
    );
    // As many as there is room for, however many ask at once.
    assertStrictEquals(places.filter(({ status }) => status === 202).length, 3);
    const full = places.find(({ status }) => status === 429);
    assertMatch(full?.message ?? "", /at most 3 simulated tasks at once from one address/);
    for (let n = 2; n <= 10; n++) {
      for (let run = 0; run < 3; run++) {
        assertStrictEquals((await create(app, `198.51.100.${n}`)).status, 202);
      }
    }
    const refused = await create(app, "198.51.100.11");
    assertStrictEquals(refused.status, 429);
    assertMatch(refused.message, /at most 30 simulated tasks at once/);
    assertMatch(refused.retryAfter ?? "", /^[1-9]\d*$/);
  }, config({ sandboxRunsMax: 30 })));

Deno.test("a place is freed when its run is over or was rejected", () => {
  let ms = Date.now();
  return withApp(async (app) => {
    const options = { metadata: { sandbox: "503" } };
    assertStrictEquals((await create(app, "198.51.100.1", options)).status, 503);
    assertStrictEquals((await create(app, "198.51.100.1", { processor: "no-such" })).status, 403);
    assertStrictEquals((await create(app, "198.51.100.1")).status, 202);
    assertStrictEquals((await create(app, "198.51.100.1")).status, 429);
    ms += 600_000;
    assertStrictEquals((await create(app, "198.51.100.1")).status, 202);
  }, { now: () => ms, ...config({ sandboxRunsMax: 10 }) });
});

Deno.test("the form has the same caps as a key", () =>
  withApp(async (app) => {
    const one = await app.browser().enterSandbox();
    await one.createTask();
    const two = await app.browser().enterSandbox();
    const refused = await two.post("/tasks", {
      input: "Another",
      input_format: "text",
      processor: "lite",
      output_type: "auto",
    });
    assertStrictEquals(refused.status, 429);
    assertMatch(await refused.text(), /at most 1 simulated tasks at once from one address/);
  }, config({ sandboxRunsMax: 10 })));

Deno.test("beyond the storage limit nothing is created or imported until data is removed", () => {
  let ms = Date.now();
  return withApp(async (app) => {
    let made = 0;
    while ((await create(app, "198.51.100.1")).status === 202) made++;
    assert(made >= 1 && made <= 8, `${made} runs of 32 KiB at least in 256 KiB`);
    const refused = await create(app, "198.51.100.2");
    assertStrictEquals(refused.status, 429);
    assertMatch(refused.message, /while it keeps 262144 bytes/);
    const browser = await app.browser().enterSandbox();
    const lines = [{ taskstream: "history", version: 1 }, { run: VALID_RUN }, { end: { runs: 1 } }];
    const upload = await browser.fetch("/tasks/transfer", {
      method: "POST",
      body: lines.map((line) => JSON.stringify(line)).join("\n"),
      headers: { "content-type": "application/x-ndjson" },
    });
    assertStrictEquals(upload.status, 422);
    assertMatch(await upload.text(), /storage on this instance is full[^]*0 imported/);
    // A week later the sweep has removed them.
    ms += 8 * 86_400_000;
    await app.services.pickUp();
    await app.services.keepRecording(AbortSignal.timeout(120_000));
    for (let n = 0; n < 3; n++) await app.services.sweep();
    assertStrictEquals((await create(app, "198.51.100.1")).status, 202);
  }, { now: () => ms, config: { sandboxBytesMax: 256 * 1024, sandboxSpeed: 1000 } });
});

Deno.test("a run of megabytes needs SANDBOX_FAULTS=on, alone or among other words", () =>
  withApp(async (app) => {
    for (const sandbox of ["huge", "burst,huge", "HUGE"]) {
      const refused = await create(app, "198.51.100.1", { metadata: { sandbox } });
      assertStrictEquals(refused.status, 422, sandbox);
    }
    assertStrictEquals(
      (await create(app, "198.51.100.1", { metadata: { sandbox: "burst" } })).status,
      202,
    );
  }, config({ sandboxFaults: false })));

Deno.test("an address has 40 streams without a key, and closing one frees its slot", () =>
  withProxy(async ({ fetch }) => {
    const body = JSON.stringify({ input: "x", processor: "lite" });
    const key = (n: number) => ({ "x-api-key": `sandbox-streams-${n}` });
    const open = async (n: number) => {
      const made = await fetch("/api/v1/tasks/runs", {
        method: "POST",
        headers: { "content-type": "application/json", ...key(n) },
        body,
      });
      const { run_id } = await made.json();
      return await fetch(`/api/v1/tasks/runs/${run_id}/events`, { headers: key(n) });
    };
    const streams = await Promise.all(Array.from({ length: 40 }, (_, n) => open(n)));
    assertEquals([...new Set(streams.map(({ status }) => status))], [200]);
    const refused = await open(41);
    assertStrictEquals(refused.status, 429);
    assertMatch((await refused.json()).error.message, /40 from one address and 2000 in all/);
    await streams[0]?.body?.cancel();
    for (;;) {
      const again = await open(42);
      await again.body?.cancel();
      if (again.status === 200) break;
    }
    for (const stream of streams.slice(1)) await stream.body?.cancel();
  }, { config: { sandboxSpeed: 0.1 } }));

Deno.test("all addresses share a stream limit, and a rejected stream uses no slot", () => {
  const slots = new AddressSlots({ perAddress: 2, inAll: 3 });
  const acquire = (client: string, network: string | null = null) =>
    slots.acquire({ client, network });
  const first = acquire("192.0.2.1");
  assert(first !== null && acquire("192.0.2.1") !== null);
  assertStrictEquals(acquire("192.0.2.1"), null, "one address");
  assert(acquire("2001:db8::/64", "2001:db8::/48") !== null, "the refusal gave its place back");
  assertStrictEquals(acquire("192.0.2.2"), null, "all together");
  first();
  first();
  assert(acquire("192.0.2.2") !== null);
  assertStrictEquals(acquire("192.0.2.3"), null, "a place is given back once");
});

/** Statuses of streams that one address opens with sessions of many sandbox accounts, ten each. */
async function openStreams(
  app: TestApp,
  hostnames: readonly string[],
  headers: Record<string, string> = {},
): Promise<number[]> {
  const responses: Response[] = [];
  for (const hostname of hostnames) {
    const browser = await app.browser().enterSandbox();
    const cookie = `taskstream=${browser.cookies.get("taskstream")}`;
    for (let n = 0; n < 10; n++) {
      const request = new Request("http://localhost:8000/tasks/events", {
        headers: { ...headers, cookie },
      });
      const completed = new Promise<void>(() => {});
      responses.push(await app.handle(request, { ...from(hostname), completed }));
    }
  }
  await Promise.all(responses.map(({ body }) => body?.cancel()));
  return responses.map(({ status }) => status);
}

Deno.test("an irrelevant key does not raise the stream limit", () =>
  withApp(async (app) => {
    const headers = { "x-api-key": "pk-any-real-looking-key" };
    const statuses = await openStreams(app, Array(5).fill("198.51.100.1"), headers);
    assertStrictEquals(statuses.filter((status) => status === 200).length, 40);
  }));

Deno.test("the networks of one /48 share a larger cap: streams, places and creates", () => {
  const network = (n: number) => `2001:db8:1:${n.toString(16)}::1`;
  return withApp(async (app) => {
    const twenty = Array.from({ length: 20 }, (_, n) => network(n));
    const statuses = await openStreams(app, twenty);
    assertStrictEquals(statuses.filter((status) => status === 200).length, 160);
    let made = 0;
    for (let n = 0; n < 20; n++) {
      if ((await create(app, network(n))).status === 202) made++;
    }
    assertStrictEquals(made, 8, "four times what one client may");
    assertStrictEquals((await create(app, "2001:db8:2::1")).status, 202);
  }, config({ sandboxRunsMax: 20 }));
});

Deno.test("other networks of a /48 allow at most four times the creates", () =>
  withApp(async (app) => {
    const statuses: number[] = [];
    for (let n = 0; n < 30; n++) {
      statuses.push((await create(app, `2001:db8:1:${n.toString(16)}::1`)).status);
    }
    assertStrictEquals(statuses.filter((status) => status === 202).length, 20);
  }, { now: () => 1_800_000_000_000, ...config({ sandboxCreatesPerMinute: 5 }) }));

Deno.test("a sandbox account unused for a week is removed with all its data", () => {
  let ms = Date.now();
  return withApp(async (app) => {
    const { services } = app;
    const of = (apiKey: string) => services.accounts.find(apiKey);
    await create(app, "198.51.100.1");
    const idle = `sandbox-fresh-${keys - 1}`;
    const imported = await app.browser().enterKey("sandbox-imports-1");
    await imported.fetch("/tasks/transfer", {
      method: "POST",
      body: [{ taskstream: "history", version: 1 }, { run: VALID_RUN }, { end: { runs: 1 } }]
        .map((line) => JSON.stringify(line)).join("\n"),
      headers: { "content-type": "application/x-ndjson" },
    });
    const real = await services.accounts.forKey("pk-real-key-1234");
    ms += 4 * 86_400_000;
    await create(app, "198.51.100.1");
    const busy = `sandbox-fresh-${keys - 1}`;
    ms += 4 * 86_400_000;
    await services.sweep();
    assertStrictEquals(await of(idle), null);
    assertStrictEquals(await of("sandbox-imports-1"), null);
    assertNotEquals(await of(busy), null);
    assertNotEquals(await services.accounts.get(real.id), null);
    ms += 8 * 86_400_000;
    for (let n = 0; n < 4; n++) {
      await services.histories.indexer.settled();
      await services.sweep();
    }
    await services.histories.indexer.settled();
    const left = (await Array.fromAsync(services.kv.list({ prefix: [] }))).map(({ key }) => key);
    const kinds = new Set(left.map(([kind]) => String(kind)));
    for (const kind of ["run", "head", "trace", "output", "member", "history", "sandbox"]) {
      assert(!kinds.has(kind), `${kind} is left`);
    }
    for (const kind of ["sandbox-kept", "term", "terms", "text", "deleted", "purge", "keys"]) {
      const rest = left.filter(([name, account]) => name === kind && account !== real.id);
      assertEquals(rest, [], kind);
    }
  }, { now: () => ms, config: { sandboxSpeed: 1000 } });
});
