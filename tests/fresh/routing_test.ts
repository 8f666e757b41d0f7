/** The conformance kit, 1: which route handles a request, with which middlewares and context. */
import { assertEquals, assertMatch } from "@std/assert";
import { ask, inside } from "./site_app.ts";

/** Path → status and what stands inside the layouts. */
const PAGES: readonly [path: string, status: number, html: RegExp][] = [
  ["/", 200, /^<p id="index">\/ 0<\/p>$/],
  ["/items/7", 201, /^<p id="item">item 7 7 GET first-root-items <\/p>$/],
  ["/items/7?q=a%20b", 201, /GET first-root-items \?q=a%20b/],
  ["/items/a%20b", 201, />item a b a b GET/],
  ["/inside", 200, /^<section><p>inside<\/p><\/section>$/],
  ["/nowhere", 404, /^<h1>caught 404<\/h1>$/],
  ["/items/secret", 403, /^<h1>caught 403<\/h1>$/],
  ["/items/broken", 500, /^<h1>caught 500<\/h1>$/],
];

for (const [path, status, html] of PAGES) {
  Deno.test(`${path} responds ${status} inside its layouts and the app`, async () => {
    const response = await ask(path);
    assertEquals(response.status, status);
    assertEquals(response.headers.get("content-type")?.toLowerCase(), "text/html; charset=utf-8");
    const text = await response.text();
    assertMatch(text, /^<!DOCTYPE html><html lang="en"/);
    assertMatch(inside(text), html);
  });
}

Deno.test("a 404 below a directory is rendered there, by _404 with the status of its handler", async () => {
  for (const method of ["GET", "POST", "DELETE"]) {
    const path = method === "GET" ? "/items/missing" : "/items/none/at/all";
    const response = await ask(path, { method });
    assertEquals(response.status, 404);
    assertEquals(response.headers.get("x-after"), "404", "the middlewares see the page");
  }
  const response = await ask("/items/missing");
  assertMatch(inside(await response.text()), /^<h1>nothing at \/items\/missing<\/h1>$/);
  assertEquals(response.headers.get("x-caught"), null, "no middleware further out sees the error");
});

Deno.test("a method that a page does not have is rejected", async () => {
  for (const [method, path] of [["DELETE", "/items/7"], ["PUT", "/items/7"]] as const) {
    const response = await ask(path, { method });
    await response.body?.cancel();
    assertEquals([404, 405].includes(response.status), true, `${method} ${response.status}`);
  }
});

const TEXTS: readonly [method: string, path: string, status: number, body: string][] = [
  ["GET", "/items/new", 200, "a literal path comes before a parameter"],
  ["GET", "/files/a/b.txt", 200, "GET a/b.txt"],
  ["PUT", "/files/a", 200, "PUT a"],
  ["HEAD", "/files/a", 200, ""],
  ["GET", "/hello/w%C3%B6rld", 200, '{"hello":"wörld","path":"/hello/w%C3%B6rld"}'],
];

for (const [method, path, status, body] of TEXTS) {
  Deno.test(`${method} ${path} is handled by its handler`, async () => {
    const response = await ask(path, { method });
    assertEquals([response.status, await response.text()], [status, body]);
  });
}

Deno.test("headers and status from a page's handler are sent", async () => {
  const response = await ask("/items/7");
  assertEquals(response.headers.get("x-item"), "7");
  await response.body?.cancel();
});

Deno.test("a redirect stays on the site for any path", async () => {
  for (
    const [to, location] of [["8", "/items/8"], ["/evil.example", "/items/evil.example"]] as const
  ) {
    const response = await ask("/items/7", { method: "POST", body: to });
    assertEquals([response.status, response.headers.get("location")], [303, location]);
  }
});

Deno.test("a request body arrives, and a stream is sent while it is produced", async () => {
  const echo = await ask("/hello/x", { method: "POST", body: "sent" });
  assertEquals([echo.status, await echo.text()], [202, "sent"]);
  const streamed = await ask("/streamed");
  assertEquals(streamed.headers.get("content-type"), "text/event-stream");
  assertEquals(await streamed.text(), "data: 1\n\ndata: 2\n\n");
});
