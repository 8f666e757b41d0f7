/** The address that users see, as proxies report it. */
import { assertEquals } from "@std/assert";
import { withApp } from "../app/test_app.ts";
import { applyForwarded } from "../../lib/middleware/requests.ts";

const INNER = "http://127.0.0.1:8000/tasks?q=1";

const CASES: readonly [hops: number, proto: string | null, host: string | null, seen: string][] = [
  [0, "https", "tasks.example", INNER],
  [1, null, null, INNER],
  [1, "https", null, "https://127.0.0.1:8000/tasks?q=1"],
  [1, "https", "tasks.example", "https://tasks.example/tasks?q=1"],
  [1, "http", "tasks.example:8080", "http://tasks.example:8080/tasks?q=1"],
  [1, "https", "[2001:db8::1]", "https://[2001:db8::1]/tasks?q=1"],
  [1, "https", "forged.example, tasks.example", "https://tasks.example/tasks?q=1"],
  [2, "https, http", "tasks.example, inner.example", "https://tasks.example/tasks?q=1"],
  [2, "https", "tasks.example", "https://tasks.example/tasks?q=1"],
  [1, "javascript", "tasks.example", "http://tasks.example/tasks?q=1"],
  [1, "https", "a b", "https://127.0.0.1:8000/tasks?q=1"],
  [1, "https", "evil.example/path", "https://127.0.0.1:8000/tasks?q=1"],
  [1, "", "", INNER],
];

for (const [hops, proto, host, seen] of CASES) {
  Deno.test(`behind ${hops} proxies, ${proto} and ${host} mean ${seen}`, () => {
    const url = new URL(INNER);
    const headers = new Headers();
    if (proto !== null) headers.set("x-forwarded-proto", proto);
    if (host !== null) headers.set("x-forwarded-host", host);
    applyForwarded(url, headers, hops);
    assertEquals(url.href, seen);
  });
}

Deno.test("behind an https proxy, cookies are locked to the host and forms from it are accepted", () =>
  withApp(async (app) => {
    const headers = {
      "x-forwarded-proto": "https",
      "x-forwarded-host": "tasks.example",
      origin: "https://tasks.example",
    };
    const body = new URLSearchParams({ next: "/" });
    const request = new Request("http://127.0.0.1:8000/auth/sandbox", {
      method: "POST",
      headers,
      body,
    });
    const response = await app.handle(request);
    assertEquals(response.status, 303);
    assertEquals(response.headers.getSetCookie()[0]?.startsWith("__Host-taskstream="), true);
  }, { config: { trustProxy: 1 } }));
