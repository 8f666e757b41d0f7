import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { type ProxyApp, withProxy } from "./proxy_app.ts";

const PATH = "/api/v1/tasks/runs";
const GOOD = "https://page.example";

function preflight({ fetch }: ProxyApp, origin: string, path = PATH): Promise<Response> {
  return fetch(path, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,x-api-key,x-stainless-lang",
    },
  });
}

Deno.test("without CORS_ORIGINS no other origin can read a response", () =>
  withProxy(async (proxy) => {
    const response = await preflight(proxy, GOOD);
    assertStrictEquals(response.status, 204);
    assertEquals([...response.headers.keys()].filter((name) => name.startsWith("access")), []);
  }));

Deno.test("a preflight from an allowed origin succeeds, from another it fails", () =>
  withProxy(async (proxy) => {
    const allowed = await preflight(proxy, GOOD);
    assertStrictEquals(allowed.status, 204);
    assertStrictEquals(allowed.headers.get("access-control-allow-origin"), GOOD);
    assertStrictEquals(allowed.headers.get("access-control-allow-methods"), "POST");
    assertStrictEquals(allowed.headers.get("access-control-allow-headers"), "*");
    assertStrictEquals(allowed.headers.get("access-control-allow-credentials"), null);
    assertMatch(allowed.headers.get("vary") ?? "", /Origin/);
    for (
      const origin of ["https://evil.test", "null", `${GOOD}.evil.test`, "http://page.example"]
    ) {
      const refused = await preflight(proxy, origin);
      assertStrictEquals(refused.headers.get("access-control-allow-origin"), null, origin);
      assertMatch(refused.headers.get("vary") ?? "", /Origin/);
    }
    assertStrictEquals((await preflight(proxy, GOOD, "/api/v1/search")).status, 404);
    assertEquals(proxy.reached, []);
  }, { config: { corsOrigins: [GOOD] } }));

Deno.test("an allowed origin can read responses and rejections alike", () =>
  withProxy(async ({ fetch }) => {
    const headers = { origin: GOOD, "x-api-key": "pk-test-key-1234" };
    for (const path of [`${PATH}/trun_1`, `${PATH}/trun_1/events`, "/api/v1/search"]) {
      const response = await fetch(path, { headers });
      assertStrictEquals(response.status, 404);
      assertStrictEquals(response.headers.get("access-control-allow-origin"), GOOD);
      await response.body?.cancel();
    }
    const nobody = await fetch(`${PATH}/trun_1`, { headers: { origin: GOOD } });
    assertStrictEquals(nobody.status, 401);
    assertStrictEquals(nobody.headers.get("access-control-allow-origin"), GOOD);
    await nobody.body?.cancel();
  }, { config: { corsOrigins: [GOOD] } }));

Deno.test("with * every origin may call with its own key", () =>
  withProxy(async (proxy) => {
    const response = await preflight(proxy, "https://anybody.test");
    assertStrictEquals(response.headers.get("access-control-allow-origin"), "*");
    assertStrictEquals(response.headers.get("access-control-allow-credentials"), null);
  }, { config: { corsOrigins: ["*"] } }));
