import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { hiding, publicEvent, publicPage } from "../../lib/runs/stream/public.ts";
import { publicStream } from "../../lib/runs/stream/public_stream.ts";
import { HEARTBEAT_LINE } from "../../lib/runs/stream/heartbeat.ts";
import { encodeSSE, parseSSE } from "../../lib/sse/mod.ts";
import { event, message, runPage, state } from "../pages/fixtures.ts";

const SECRETS = {
  metadata: { customer: "acme-secret" },
  webhook: { url: "https://hooks.example/acme-secret" },
  mcp_servers: [{
    name: "files",
    url: "https://x.example/?key=acme-secret",
    headers: { a: "acme-secret" },
  }],
};

const STATE = state(1, "running", {
  run_id: "trun_1",
  ...SECRETS,
  warnings: [{ type: "warning", message: "Careful", detail: { headers: "acme-secret" } }],
  future_member: "acme-secret",
});

Deno.test("a state loses metadata and whatever the API may add, and keeps how the run is", () => {
  const { data, id, type } = publicEvent(STATE);
  assertNotMatch(data, /acme-secret/);
  const { run } = JSON.parse(data);
  assertEquals([id, type], [1, "task_run.state"]);
  assertEquals(run, {
    run_id: "trun_1",
    status: "running",
    is_active: true,
    warnings: [{ type: "warning", message: "Careful" }],
    error: null,
  });
});

Deno.test("a result keeps fields of any name: it is what is shared", () => {
  const output = {
    type: "json",
    content: { metadata: "of the finding", headers: ["a"] },
    basis: [],
  };
  const done = event(1, "task_run.state", { run: { status: "completed", ...SECRETS }, output });
  assertEquals(JSON.parse(publicEvent(done).data).output, output);
});

Deno.test("other events lose secrets by their name, however deep or spelled, and else stay as they are", () => {
  const plain = message(1, "plan", "First, count");
  assertStrictEquals(publicEvent(plain), plain);
  const nested = event(2, "task_run.future", {
    a: [{ Metadata: "acme-secret", metadata: "acme-secret", b: 1 }],
  });
  assertEquals(JSON.parse(publicEvent(nested).data).a, [{ b: 1 }]);
  const escaped = event(3, "task_run.future", String.raw`{"m\u0065tadata": "acme-secret", "b": 1}`);
  assertEquals(JSON.parse(publicEvent(escaped).data), { b: 1 });
});

Deno.test("what is not JSON shows nothing where it might hold a secret", () => {
  assertStrictEquals(
    publicEvent(event(1, "task_run.state", '{"run": {"metadata": "acme-secret"')).data,
    "{}",
  );
  assertStrictEquals(publicEvent(event(1, "odd", 'x "metadata": acme-secret')).data, "{}");
  assertStrictEquals(publicEvent(event(1, "odd", "just words")).data, "just words");
});

Deno.test("a shared input is what was asked, without where it goes and with which keys", () => {
  const page = runPage([STATE]);
  const input = {
    ...page.run.input,
    ...SECRETS,
    previous_interaction_id: "acme-secret",
    memory_scope_key: "acme-secret",
    source_policy: { include_domains: ["a.example"] },
  };
  const shown = publicPage({ ...page, run: { ...page.run, input, follows: "acme-secret" } });
  assertNotMatch(JSON.stringify(shown), /acme-secret/);
  assertEquals(shown.run.input.source_policy, { include_domains: ["a.example"] });
  assertStrictEquals(shown.run.input.input, page.run.input.input);
});

/** The stream's text in chunks of any size, through the filter. */
function filtered(
  text: string,
  size: number,
  options: Partial<Parameters<typeof publicStream>[0]> = {},
) {
  const bytes = new TextEncoder().encode(text);
  const chunks = Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, at) => bytes.slice(at * size, (at + 1) * size),
  );
  return ReadableStream.from(chunks).pipeThrough(publicStream({
    isShared: () => Promise.resolve(true),
    hide: hiding(runPage([]).run.input),
    now: () => 0,
    ...options,
  }));
}

Deno.test("a stream keeps its ids, types and heartbeats, wherever the network cuts it", async () => {
  const text = encodeSSE({ id: "1", event: STATE.type, data: STATE.data }) +
    HEARTBEAT_LINE +
    encodeSSE({ id: "2", event: "task_run.progress_msg.plan", data: '{"message":"Zählen 数"}' });
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: text.length }), async (size) => {
    const whole = await new Response(filtered(text, size)).text();
    assertMatch(whole, /^: still here\n(?!\n)/m);
    assertNotMatch(whole, /acme-secret/);
    const events = await Array.fromAsync(parseSSE(new Response(whole)));
    assertEquals(events.map(({ id, event }) => [id, event]), [
      ["1", "task_run.state"],
      ["2", "task_run.progress_msg.plan"],
    ]);
    assertStrictEquals(events[1]?.data, '{"message":"Zählen 数"}');
  }));
});

Deno.test("a stream ends within seconds of its link, whichever process revoked it", async () => {
  let now = 0, asked = 0;
  const frame = encodeSSE({ id: "1", event: "x", data: "{}" });
  const reader = filtered(frame.repeat(4), frame.length, {
    now: () => now += 3_000,
    isShared: () => Promise.resolve(++asked < 2),
  }).getReader();
  let frames = 0;
  while (!(await reader.read()).done) frames++;
  assertStrictEquals(asked, 2);
  assert(frames < 4, String(frames));
});

Deno.test("addresses of webhooks and tool servers go wherever the API quotes them", () => {
  const page = runPage([
    message(1, "tool_call", "Calling https://mcp.example/v1?key=acme-secret now"),
    event(2, "odd", "no JSON, https://mcp.example/v1 and https://hooks.example:8443/x"),
    state(3, "completed", {
      warnings: [{
        type: "warning",
        message: "502 from https://mcp.example/v1?key=acme-secret, gave up",
      }],
    }),
  ], {
    ended: true,
    output: {
      type: "text",
      content: "Nile",
      basis: [],
      mcp_tool_calls: [{
        tool_call_id: "1",
        server_name: "files",
        tool_name: "read",
        arguments: "{}",
        content: "",
        error: "https://mcp.example/v1?key=acme-secret is down",
      }],
    },
  });
  const input = {
    ...page.run.input,
    webhook: { url: "https://hooks.example:8443/x" },
    mcp_servers: [{ name: "files", url: "https://mcp.example/v1?key=acme-secret" }],
  };
  const text = JSON.stringify(publicPage({ ...page, run: { ...page.run, input } }));
  assertNotMatch(text, /acme-secret|mcp\.example|hooks\.example/);
  assertMatch(text, /502 from \[address hidden\], gave up/);
  assertMatch(text, /Nile/);
});
