import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { checkTarget } from "../../lib/proxy/paths.ts";
import { PAYLOADS } from "./payloads.ts";
import { type ProxyApp, withProxy } from "./proxy_app.ts";

/** Sends a request line unchanged, one byte per character, and returns status line and body. */
async function raw({ port }: ProxyApp, method: string, target: string): Promise<string> {
  const connection = await Deno.connect({ port, hostname: "127.0.0.1" });
  const head = [
    `${method} ${target} HTTP/1.1`,
    "Host: me.test",
    "X-Api-Key: pk-test-key-1234",
    "Content-Length: 2",
    "Content-Type: application/json",
    "Connection: close",
  ];
  const text = `${head.join("\r\n")}\r\n\r\n{}`;
  await connection.write(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  return await new Response(connection.readable).text();
}

Deno.test(`none of ${PAYLOADS.length} path tricks reaches the upstream, by GET or POST`, () =>
  withProxy(async (proxy) => {
    assert(PAYLOADS.length >= 200);
    for (const target of PAYLOADS) {
      for (const method of ["GET", "POST"]) {
        const answer = await raw(proxy, method, target);
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
        const name = `${method} ${JSON.stringify(target)}`;
        assertEquals(proxy.reached, [], name);
        if (status !== 404) {
          // The server's own parser refuses these lines; pages have no POST and send no API errors.
          assert([400, 403].includes(status) || target.startsWith("/?"), `${name}: ${status}`);
        } else if (/^\/api\/.*[^/]$/.test(URL.parse(`http://me.test${target}`)?.pathname ?? "")) {
          assertMatch(answer, /"type":"error"/, name);
        }
      }
    }
  }));

const ID = "trun_1";
const PASSING: readonly [method: string, target: string, upstream: string][] = [
  ["GET", `/api/v1/tasks/runs/${ID}`, `/v1/tasks/runs/${ID}`],
  ["GET", `/api/v1beta/tasks/runs/${ID}`, `/v1beta/tasks/runs/${ID}`],
  ["GET", `/api/v1/tasks/runs/${ID}/input`, `/v1/tasks/runs/${ID}/input`],
  ["GET", `/api/v1/tasks/runs/${ID}/result?timeout=25`, `/v1/tasks/runs/${ID}/result?timeout=25`],
  ["POST", "/api/v1/tasks/runs", "/v1/tasks/runs"],
  ["POST", "/api/v1/tasks/groups", "/v1/tasks/groups"],
  ["GET", "/api/v1/tasks/groups/tgrp_1", "/v1/tasks/groups/tgrp_1"],
  [
    "POST",
    "/api/v1beta/tasks/groups/tgrp_1/runs?refresh_status=true",
    "/v1beta/tasks/groups/tgrp_1/runs?refresh_status=true",
  ],
  [
    "GET",
    "/api/v1/tasks/groups/tgrp_1/runs?status=completed&include_output=true",
    "/v1/tasks/groups/tgrp_1/runs?status=completed&include_output=true",
  ],
  [
    "GET",
    "/api/v1/tasks/groups/tgrp_1/events?last_event_id=a%20b%2F%C3%A9&timeout=3",
    "/v1/tasks/groups/tgrp_1/events?last_event_id=a%20b%2F%C3%A9&timeout=3",
  ],
  ["GET", `/api/v1/tasks/groups/tgrp_1/runs/${ID}`, `/v1/tasks/groups/tgrp_1/runs/${ID}`],
  ["POST", "/api/v1beta/tasks/suggest", "/v1beta/tasks/suggest"],
  ["POST", "/api/v1beta/tasks/suggest-processor", "/v1beta/tasks/suggest-processor"],
  ["POST", "/api/v1beta/chat/completions", "/v1beta/chat/completions"],
];

Deno.test("the Task API's own paths reach the upstream unchanged", () =>
  withProxy(async (proxy) => {
    for (const [method, target] of PASSING) await raw(proxy, method, target);
    assertEquals(
      proxy.reached.map(({ method, target }) => [method, target]),
      PASSING.map(([method, , upstream]) => [method, upstream]),
    );
    // Absolute-form that names the host of the Host header is the same request.
    await raw(proxy, "GET", `http://ME.test:80/api/v1/tasks/runs/${ID}`);
    assertStrictEquals(proxy.reached.at(-1)?.target, `/v1/tasks/runs/${ID}`);
  }));

const WRONG_METHODS: readonly [method: string, target: string, allow: string][] = [
  ["DELETE", `/api/v1/tasks/runs/${ID}`, "GET"],
  ["POST", `/api/v1/tasks/runs/${ID}/result`, "GET"],
  ["PUT", "/api/v1/tasks/runs", "POST"],
  ["GET", "/api/v1/tasks/runs", "POST"],
  ["PATCH", "/api/v1/tasks/groups/tgrp_1/runs", "GET, POST"],
  ["HEAD", `/api/v1/tasks/runs/${ID}/events`, "GET"],
  ["GET", "/api/v1/chat/completions", "POST"],
];

Deno.test("a method that a resource does not have gives 405 with the allowed ones", () =>
  withProxy(async ({ fetch, reached }) => {
    for (const [method, target, allow] of WRONG_METHODS) {
      const headers = { "x-api-key": "pk-test-key-1234" };
      const response = await fetch(target, { method, headers });
      assertStrictEquals(response.status, 405, `${method} ${target}`);
      assertStrictEquals(response.headers.get("allow"), allow);
      const text = await response.text();
      if (method !== "HEAD") assertStrictEquals(JSON.parse(text).type, "error");
    }
    assertEquals(reached, []);
  }));

Deno.test("method names such as constructor are rejected", () => {
  for (const method of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
    assertStrictEquals(checkTarget(method, "/api/v1/tasks/runs").verdict, "method");
  }
});

const WAITS: readonly [target: string, ms: number][] = [
  ["/api/v1/tasks/runs/a", 60_000],
  ["/api/v1/tasks/runs/a/result", 660_000],
  ["/api/v1/tasks/runs/a/result?timeout=25", 85_000],
  ["/api/v1/tasks/runs/a/result?timeout=0", 60_000],
  ["/api/v1/tasks/runs/a/result?timeout=x", 660_000],
  // A timer of more than 2^31 ms would fire at once.
  ["/api/v1/tasks/runs/a/result?timeout=99999999", 86_460_000],
];

Deno.test("a blocking result waits up to its own timeout", () => {
  for (const [target, ms] of WAITS) {
    const check = checkTarget("GET", target);
    assert(check.verdict === "pass");
    assertStrictEquals(check.target.headersMs, ms, target);
  }
});
