/** Static files: caching, encodings, ranges, and excluded files. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { App, staticFiles } from "fresh";
import { asset } from "fresh/runtime";
import { Builder } from "fresh/dev";
import { caller, summary } from "./support/routes.ts";
import { fixture } from "./support/serve.ts";

const attach = await new Builder({ root: fixture("site") }).build({ snapshot: "memory" });

function site(config?: { basePath: string }) {
  const app = new App(config)
    .use(staticFiles())
    .get("/asset", (ctx) => ctx.text(asset("/style.css")))
    .fsRoutes();
  attach(app);
  return caller(app);
}

const get = site();

Deno.test("asset() returns the hashed URL in handlers too, and leaves other paths unchanged", async () => {
  // `asset()` serves the site that was made last.
  const get = site();
  assertMatch(await (await get("/asset")).text(), /^\/style\.css\?__frsh_c=[0-9a-f]{12}$/);
  assertStrictEquals(asset("/style.css?x=1#y"), asset("/style.css").replace("?", "?x=1&") + "#y");
  assertStrictEquals(asset("/none.css"), "/none.css");
  assertStrictEquals(asset("https://x.example/style.css"), "https://x.example/style.css");
});
const headers = (response: Response, ...names: string[]) =>
  names.map((name) => response.headers.get(name));

Deno.test("a file has its type, length and validator, and is revalidated each time", async () => {
  const response = await get("/style.css");
  assertStrictEquals(response.status, 200);
  assertEquals(
    headers(response, "content-type", "cache-control", "accept-ranges"),
    ["text/css; charset=utf-8", "no-cache", "bytes"],
  );
  const body = await response.bytes();
  assertStrictEquals(response.headers.get("content-length"), `${body.byteLength}`);
  assertMatch(response.headers.get("etag") ?? "", /^"[0-9a-f]{12}"$/);
});

Deno.test("stylesheets refer to their files by hash", async () => {
  const css = await (await get("/style.css")).text();
  const url = /url\("([^"]+)"\)/.exec(css)?.[1] ?? "";
  assertMatch(url, /^\/dot\.svg\?__frsh_c=[0-9a-f]{12}$/);
  assertMatch((await get(url)).headers.get("cache-control") ?? "", /immutable/);
});

Deno.test("If-None-Match gives 304 with ETag and Cache-Control if it is equal, in a list, weak, or *", async () => {
  const etag = (await get("/style.css")).headers.get("etag") ?? "";
  for (const given of [etag, `"x", ${etag}`, `W/${etag}`, "*"]) {
    const response = await get("/style.css", { headers: { "if-none-match": given } });
    assertStrictEquals(response.status, 304, given);
    assertEquals(headers(response, "etag", "cache-control"), [etag, "no-cache"]);
    assertStrictEquals(response.body, null);
  }
  assertStrictEquals(
    (await get("/style.css", { headers: { "if-none-match": '"x"' } })).status,
    200,
  );
});

Deno.test("the best accepted encoding is sent, each with its own validator", async () => {
  const rows: [string | null, string | null][] = [
    [null, null],
    ["gzip", "gzip"],
    ["gzip, deflate, br, zstd", "br"],
    ["br;q=0, gzip;q=0.5", "gzip"],
    ["*", "br"],
    ["identity", null],
    ["gzip;q=0", null],
  ];
  const etags = new Set<string | null>();
  for (const [accept, encoding] of rows) {
    const response = await get(
      "/long.txt",
      accept ? { headers: { "accept-encoding": accept } } : {},
    );
    assertStrictEquals(response.headers.get("content-encoding"), encoding, `${accept}`);
    assertStrictEquals(response.headers.get("vary"), "Accept-Encoding");
    assertStrictEquals(
      response.headers.get("content-length"),
      `${(await response.bytes()).byteLength}`,
    );
    etags.add(response.headers.get("etag"));
  }
  assertStrictEquals(etags.size, 3);
  const gzip = await get("/long.txt", { headers: { "accept-encoding": "gzip" } });
  const plain = gzip.body!.pipeThrough(new DecompressionStream("gzip"));
  assertStrictEquals((await new Response(plain).text()).length, 3000);
});

Deno.test("a file that does not get smaller is not compressed", async () => {
  const response = await get("/dot.svg", { headers: { "accept-encoding": "br, gzip" } });
  assertEquals(headers(response, "content-encoding", "vary"), [null, null]);
  await response.body?.cancel();
});

Deno.test("HEAD responds like GET, without the body", async () => {
  const response = await get("/long.txt", { method: "HEAD", headers: { "accept-encoding": "br" } });
  assertStrictEquals(response.body, null);
  assertStrictEquals(response.headers.get("content-encoding"), "br");
  assert(Number(response.headers.get("content-length")) < 100);
});

Deno.test("a single range gives that part of the file, and an impossible one 416", async () => {
  const range = (value: string, more: HeadersInit = {}) =>
    get("/docs/a b, c.txt", { headers: { range: value, ...more } });
  const rows: [string, number, string, string | null][] = [
    ["bytes=0-2", 206, "a, ", "bytes 0-2/6"],
    ["bytes=3-", 206, "b c", "bytes 3-5/6"],
    ["bytes=-1", 206, "c", "bytes 5-5/6"],
    ["bytes=-99", 206, "a, b c", "bytes 0-5/6"],
    ["bytes=2-99", 206, " b c", "bytes 2-5/6"],
    ["bytes=6-", 416, "", "bytes */6"],
    ["bytes=-0", 416, "", "bytes */6"],
    ["bytes=2-1", 200, "a, b c", null],
    ["bytes=0-1,3-4", 200, "a, b c", null],
    ["lines=1-2", 200, "a, b c", null],
  ];
  for (const [value, status, text, contentRange] of rows) {
    const response = await range(value);
    assertStrictEquals(response.headers.get("content-range"), contentRange, value);
    assertEquals(await summary(response), [status, text], value);
  }
  const { etag } = Object.fromEntries((await range("bytes=0-")).headers);
  assertStrictEquals((await range("bytes=0-1", { "if-range": etag! })).status, 206);
  assertStrictEquals((await range("bytes=0-1", { "if-range": '"old"' })).status, 200);
});

Deno.test("a URL with the content's hash is cached for ever, and one with another hash redirects to the plain URL", async () => {
  const page = await (await get("/")).text();
  const url = /href="(\/style\.css\?__frsh_c=[0-9a-f]+)"/.exec(page)?.[1] ?? "";
  assertStrictEquals(
    (await get(url)).headers.get("cache-control"),
    "public, max-age=31536000, immutable",
  );
  const old = await get("/style.css?a=1&__frsh_c=old");
  assertStrictEquals(old.status, 307);
  assertEquals(headers(old, "location", "cache-control"), ["/style.css?a=1", "no-store"]);
});

Deno.test("the build's scripts are immutable; those of another build give 404 and are not cached", async () => {
  const page = await (await get("/")).text();
  const url = /src="(\/_fresh\/js\/boot[^"]+)"/.exec(page)?.[1] ?? "";
  const script = await get(url);
  assertEquals(
    headers(script, "content-type", "cache-control"),
    ["text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
  );
  const old = await get("/_fresh/js/boot-0123.js");
  assertStrictEquals(old.status, 404);
  assertStrictEquals(old.headers.get("cache-control"), "no-store");
  assertStrictEquals((await get("/_fresh/js/metafile.json")).status, 404);
});

Deno.test("names with spaces and commas are found, encoded or not", async () => {
  assertEquals(await summary(await get("/docs/a%20b,%20c.txt")), [200, "a, b c"]);
  assertEquals(await summary(await get("/docs/a b%2C c.txt")), [200, "a, b c"]);
});

Deno.test("dotfiles are not served except in .well-known, and nothing outside is reachable", async () => {
  assertEquals(await summary(await get("/.well-known/security.txt")), [200, "contact\n"]);
  for (
    const path of [
      "/.hidden",
      "/../main.ts",
      "/%2e%2e/main.ts",
      "/..%2fmain.ts",
      "/docs/..%2f..%2fmain.ts",
      "/docs%5c..%5c..%5cmain.ts",
      "/%00",
      "/%GG",
      "/docs",
      "/docs/",
    ]
  ) {
    assertStrictEquals((await get(path)).status, 404, path);
  }
});

Deno.test("other methods on a file get 405; a missing icon gives an empty 404", async () => {
  const refused = await get("/style.css", { method: "POST" });
  assertStrictEquals(refused.headers.get("allow"), "GET, HEAD");
  assertEquals(await summary(refused), [405, "Method Not Allowed"]);
  assertEquals(await summary(await get("/favicon.ico")), [404, ""]);
});

Deno.test("under a base path, files and page URLs are below it", async () => {
  const based = site({ basePath: "/app" });
  assertStrictEquals((await based("/app/style.css")).status, 200);
  assertStrictEquals((await based("/style.css")).status, 404);
  const page = await (await based("/app")).text();
  assertMatch(page, /href="\/app\/style\.css\?__frsh_c=/);
  for (const [, url = ""] of page.matchAll(/(?:href|src)="(\/app\/_fresh\/[^"]+)"/g)) {
    assertStrictEquals((await based(url)).status, 200);
  }
});
