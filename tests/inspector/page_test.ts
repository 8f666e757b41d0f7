/** The page as the server sends it: public, complete without JavaScript, small. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { withApp } from "../app/test_app.ts";

Deno.test("anyone may use the inspector: it needs and creates no account", () =>
  withApp(async (app) => {
    const response = await app.browser().fetch("/inspect");
    assertStrictEquals(response.status, 200);
    assertMatch(response.headers.get("content-type") ?? "", /^text\/html/);
    assertStrictEquals(response.headers.get("set-cookie"), null);
    const html = await response.text();
    assertMatch(html, /<h1>Stream inspector<\/h1>/);
    assertMatch(html, /<noscript>.*needs JavaScript/s);
    assertMatch(html, /<title>Stream inspector · Taskstream<\/title>/);
    assertNotMatch(html, /\sstyle="/);
  }));

Deno.test("only this page may connect elsewhere, and it may run no more scripts than the others", () =>
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
    assertStrictEquals(own["connect-src"], "connect-src *");
    assertStrictEquals(other["connect-src"], "connect-src 'self'");
    assertEquals({ ...own, "connect-src": "" }, { ...other, "connect-src": "" });
    const slashed = await policyOf("/inspect/");
    assertStrictEquals(slashed["connect-src"], "connect-src *", "however its address is written");
  }));

Deno.test("it delivers at most 29 KB of script, and 4.5 KB with the first stream, for a dozen APIs", () =>
  withApp(async (app) => {
    const browser = app.browser();
    const html = await browser.text("/inspect");
    const sizes = new Map<string, number>();
    const later = new Set<string>();
    const add = async (path: string) => {
      if (sizes.has(path)) return;
      const text = await browser.text(path);
      sizes.set(path, gzipSync(text, { level: 9 }).byteLength);
      for (const [, call, next = ""] of text.matchAll(/(?:from|import)\s*(\()?\s*"(\.[^"]+)"/g)) {
        const { pathname } = new URL(next, new URL(path, "http://x"));
        if (call === undefined) await add(pathname);
        else later.add(pathname);
      }
    };
    for (const [, path = ""] of html.matchAll(/"(\/[^"\s]+\.js)[^"]*"/g)) await add(path);
    const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    assert(sizes.size >= 4, [...sizes.keys()].join(" "));
    assert(total <= 29_000, `${total}: ${[...sizes].map((size) => size.join(" ")).join(", ")}`);
    assertStrictEquals(later.size, 1, [...later].join(" "));
    for (const path of later) await add(path);
    const whole = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    assert(whole - total <= 4_500, `${whole - total}`);
  }));
