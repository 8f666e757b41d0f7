import { assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { publicEvent, publicPage } from "../../lib/runs/life/public.ts";
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

Deno.test("a state event loses metadata and unknown members, and keeps the status", () => {
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

Deno.test("a result keeps fields with any name, because results are shared on purpose", () => {
  const output = {
    type: "json",
    content: { metadata: "of the finding", headers: ["a"] },
    basis: [],
  };
  const done = event(1, "task_run.state", { run: { status: "completed", ...SECRETS }, output });
  assertEquals(JSON.parse(publicEvent(done).data).output, output);
});

Deno.test("other events lose secrets by name, at any depth and in any spelling, and are otherwise unchanged", () => {
  const plain = message(1, "plan", "First, count");
  assertStrictEquals(publicEvent(plain), plain);
  const nested = event(2, "task_run.future", {
    a: [{ Metadata: "acme-secret", metadata: "acme-secret", b: 1 }],
  });
  assertEquals(JSON.parse(publicEvent(nested).data).a, [{ b: 1 }]);
  const escaped = event(3, "task_run.future", String.raw`{"m\u0065tadata": "acme-secret", "b": 1}`);
  assertEquals(JSON.parse(publicEvent(escaped).data), { b: 1 });
});

Deno.test("non-JSON content that may hold a secret is hidden", () => {
  assertStrictEquals(
    publicEvent(event(1, "task_run.state", '{"run": {"metadata": "acme-secret"')).data,
    "{}",
  );
  assertStrictEquals(publicEvent(event(1, "odd", 'x "metadata": acme-secret')).data, "{}");
  assertStrictEquals(publicEvent(event(1, "odd", "just words")).data, "just words");
});

Deno.test("a shared input keeps the question, but not webhooks, tool servers or keys", () => {
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

Deno.test("addresses of webhooks and tool servers are removed wherever the API quotes them", () => {
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
