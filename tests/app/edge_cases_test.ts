/** Client mistakes, and API failures at bad moments. */
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { runJson } from "../proxy/proxy_app.ts";
import { FORM, withApp } from "./test_app.ts";

Deno.test("an ID longer than any key of the store gives a normal 404", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    for (const suffix of ["", "/result.json"]) {
      assertStrictEquals((await browser.fetch(`/tasks/${"a".repeat(3000)}${suffix}`)).status, 404);
    }
  }));

for (const path of ["/tasks", "/auth/key", "/auth/sandbox", "/theme"]) {
  Deno.test(`a post to ${path} gets 400 if it is not a form, and 413 if it is endless`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterSandbox();
      for (const type of ["text/plain", "application/json", "multipart/form-data"]) {
        const headers = { "content-type": type };
        const response = await browser.fetch(path, { method: "POST", body: "x", headers });
        assertStrictEquals(response.status, 400, type);
      }
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          sent += 65_536;
          controller.enqueue(new Uint8Array(65_536).fill(97));
        },
      });
      const response = await browser.fetch(path, {
        method: "POST",
        body,
        headers: { "content-type": "application/x-www-form-urlencoded" },
      });
      assertStrictEquals(response.status, 413);
      assert(sent < 8 * 1024 * 1024, `read ${sent} bytes`);
    }));
}

const PROBES: readonly [status: number, location: string][] = [
  [404, "/"],
  [401, "/?problem=refused"],
  [429, "/?problem=unreachable"],
  [500, "/?problem=unreachable"],
  [503, "/?problem=unreachable"],
];

for (const [status, location] of PROBES) {
  Deno.test(`a key whose API responds ${status} leads to ${location}`, () =>
    withApp(async (app) => {
      const response = await app.browser().post("/auth/key", { api_key: "pk-some-key-1234" });
      assertStrictEquals(response.headers.get("location"), location);
      assertStrictEquals(response.headers.getSetCookie().length, location === "/" ? 1 : 0);
    }, {
      api: () => {
        const error = { ref_id: "r", message: "m", detail: null };
        return Response.json({ type: "error", error }, { status });
      },
    }));
}

Deno.test("with an https PUBLIC_URL cookies are Secure, even if the proxy connects over http", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const response = await browser.post("/auth/sandbox", { next: "/" });
    assertMatch(response.headers.getSetCookie()[0]!, /^__Host-taskstream=[^;]*; Secure;/);
    assertMatch(response.headers.get("strict-transport-security")!, /max-age/);
    assertStrictEquals((await browser.fetch("/tasks")).status, 200);
  }, { config: { publicUrl: "https://tasks.example" } }));

Deno.test("a task with the largest MCP headers and a large input is stored, because it is billed", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterKey();
    const servers = [
      { url: "https://mcp.example/mcp", name: "m", headers: { authorization: "x".repeat(60_000) } },
    ];
    const mcp_servers = JSON.stringify(servers);
    for (const length of [10, 13_000, 16_000, 24_000]) {
      const runId = await browser.createTask({ input: "☃".repeat(length), mcp_servers });
      assertStrictEquals((await browser.fetch(`/tasks/${runId}`)).status, 200, `${length}`);
    }
    await browser.createTask({
      ...FORM,
      input: "☃".repeat(16_000),
      mcp_servers: mcp_servers.replace("x".repeat(60_000), "x".repeat(5_900)),
    });
  }, {
    api: (request) => {
      const error = { ref_id: "r", message: "m", detail: null };
      if (request.method !== "POST") {
        return Response.json({ type: "error", error }, { status: 404 });
      }
      return Response.json(runJson(), { status: 202 });
    },
  }));
