/** The page as the server sends it: public, whole without script, light. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { withApp } from "../app/test_app.ts";

Deno.test("anyone may inspect: the page needs no account, sets none up and says what it is", () =>
  withApp(async (app) => {
    const response = await app.browser().fetch("/inspect");
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    assert.equal(response.headers.get("set-cookie"), null);
    const html = await response.text();
    assert.match(html, /<h1>Stream inspector<\/h1>/);
    assert.match(html, /<noscript>.*needs JavaScript/s);
    assert.match(html, /<title>Stream inspector · Taskstream<\/title>/);
    assert.doesNotMatch(html, /\sstyle="/);
  }));

Deno.test("this page alone may connect elsewhere, and run no more script than the others", () =>
  withApp(async (app) => {
    const policyOf = async (path: string) => {
      const response = await app.browser().fetch(path);
      await response.body?.cancel();
      const policy = response.headers.get("content-security-policy") ?? "";
      return Object.fromEntries(
        policy.split("; ").map((
          part,
        ) => [part.split(" ")[0] ?? "", part.replace(/'nonce-\w+'/, "N")]),
      );
    };
    const own = await policyOf("/inspect"), other = await policyOf("/");
    assert.equal(own["connect-src"], "connect-src *");
    assert.equal(other["connect-src"], "connect-src 'self'");
    assert.deepEqual({ ...own, "connect-src": "" }, { ...other, "connect-src": "" });
    const slashed = await policyOf("/inspect/");
    assert.equal(slashed["connect-src"], "connect-src *", "however its address is written");
  }));

Deno.test("it delivers at most 34.5 KB of script, of which 9 read what a dozen APIs stream", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const html = await browser.text("/inspect");
    const sizes = new Map<string, number>();
    const add = async (path: string) => {
      if (sizes.has(path)) return;
      const text = await browser.text(path);
      sizes.set(path, gzipSync(text, { level: 9 }).byteLength);
      for (const [, next = ""] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
        await add(new URL(next, new URL(path, "http://x")).pathname);
      }
    };
    for (const [, path = ""] of html.matchAll(/"(\/[^"\s]+\.js)[^"]*"/g)) await add(path);
    const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    assert.ok(sizes.size >= 4, [...sizes.keys()].join(" "));
    assert.ok(total <= 34_500, `${total}: ${[...sizes].map((size) => size.join(" ")).join(", ")}`);
  }));
