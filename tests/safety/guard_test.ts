/** Requests that a framework may answer outside every middleware are rejected inside them. */
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { ORIGIN, withApp } from "../app/test_app.ts";
import { isFilePath } from "../../lib/app.ts";

const CASES: readonly [method: string, path: string, status: number, words: RegExp][] = [
  ["GET", "/tasks/%GG", 400, /%/],
  ["GET", "/tasks/%", 400, /%/],
  ["HEAD", "/s/%ff", 400, /^$/],
  ["POST", "/tasks/%E0%A4%A/delete", 400, /%/],
  ["GET", "/no/such/%zz/page", 400, /%/],
  ["GET", "/api/v1/tasks/runs/%GG", 404, /"type":"error"/],
  ["FOO", "/", 405, /GET, HEAD, POST/],
  ["BREW", "/tasks", 405, /GET, HEAD, POST/],
  ["patch", "/tasks", 405, /GET, HEAD, POST/],
  ["FOO", "/api/v1/tasks/runs", 405, /"type":"error"/],
  ["FOO", "/tasks/%GG", 405, /GET, HEAD, POST/],
];

Deno.test("malformed paths and unknown methods are rejected with the app's headers and a log line", () =>
  withApp(async (app) => {
    for (const [method, path, status, words] of CASES) {
      app.lines.length = 0;
      const response = await app.handle(new Request(ORIGIN + path, { method }));
      const what = `${method} ${path}`;
      assertStrictEquals(response.status, status, what);
      assertMatch(await response.text(), words, what);
      assertMatch(
        response.headers.get("content-security-policy") ?? "",
        /default-src 'none'/,
        what,
      );
      assertStrictEquals(response.headers.get("x-content-type-options"), "nosniff", what);
      assertStrictEquals(response.headers.get("cache-control"), "private, no-store", what);
      if (status === 405) assertMatch(response.headers.get("allow") ?? "", /POST/, what);
      const lines = app.lines.filter((line) => / request id=/.test(line));
      assertStrictEquals(lines.length, 1, what);
      assertMatch(lines[0]!, new RegExp(` status=${status} `), what);
    }
  }));

Deno.test("a Host that makes no valid URL is rejected with 400", () =>
  withApp(async (app) => {
    // A server passes on the header as received. `new Request` would reject it.
    const request = new Request(`${ORIGIN}/tasks`);
    Object.defineProperty(request, "url", { value: "http://a b/c?d#e@f" });
    const response = await app.handle(request);
    assertStrictEquals(response.status, 400);
    assertMatch(await response.text(), /Host/);
  }));

Deno.test("valid paths reach the app unchanged", () =>
  withApp(async (app) => {
    for (const path of ["/", "/inspect?x=%GG", "/%E2%82%AC", "/tasks?q=100%"]) {
      const response = await app.handle(new Request(ORIGIN + path));
      await response.body?.cancel();
      assert([200, 303, 404].includes(response.status), `${path}: ${response.status}`);
    }
  }));

Deno.test("every static file's path is recognized, and no other path is", async () => {
  for await (const { name, isFile } of Deno.readDir(new URL("../../static", import.meta.url))) {
    assert(isFile, `static/${name}: see FILE_PATH in lib/app.ts`);
    assert(isFilePath(`/${name}`), name);
  }
  for (const path of ["/_fresh/js/boot-types-0a1B.js", "/_fresh/js/4f2a/chunk-3Q5ME3JM.js"]) {
    assert(isFilePath(path), path);
  }
  for (
    const path of [
      "/",
      "/tasks",
      "/tasks/..%2f..%2fx",
      "/page.js/__proto__",
      "/..;/x",
      `/${"a".repeat(300)}.js`,
      "/_fresh/js/4f2a/metafile.json",
      "/_fresh/js/../snapshot.js",
    ]
  ) assert(!isFilePath(path), path);
});

Deno.test("a bundler's metafile is not served", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const page = await browser.text("/");
    const script = /src="(\/_fresh\/js\/[^"]+|\/page\.js[^"]*)"/.exec(page)?.[1] ?? "";
    assertStrictEquals((await browser.fetch(script)).status, 200, script);
    for (const path of ["/_fresh/js/metafile.json", script.replace(/[^/]*$/, "metafile.json")]) {
      const response = await browser.fetch(path);
      await response.body?.cancel();
      assertStrictEquals(response.status, 404, path);
    }
  }));
