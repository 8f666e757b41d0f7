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

// A budget of lib/fresh: the runtime of Fresh alone has 11.7 KB.
const isOwnFramework = import.meta.resolve("fresh").endsWith("/lib/fresh/mod.ts");

Deno.test(
  "it delivers at most 10.5 KB of script, 21 KB more with the first stream, and 4.5 KB that read answers",
  { ignore: !isOwnFramework },
  () =>
    withApp(async (app) => {
      const browser = app.browser();
      const html = await browser.text("/inspect");
      const sizes = new Map<string, number>();
      /** Adds a script with those that it needs at once. Returns the ones that it may load later. */
      const add = async (path: string): Promise<string[]> => {
        if (sizes.has(path)) return [];
        const text = await browser.text(path);
        sizes.set(path, gzipSync(text, { level: 9 }).byteLength);
        const later: string[] = [];
        for (const [, call, next = ""] of text.matchAll(/(?:from|import)\s*(\()?\s*"(\.[^"]+)"/g)) {
          const { pathname } = new URL(next, new URL(path, "http://x"));
          if (call === undefined) later.push(...await add(pathname));
          else later.push(pathname);
        }
        return later;
      };
      const total = () => [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
      const listed = () => `${total()}: ${[...sizes].map((size) => size.join(" ")).join(", ")}`;
      /** Adds scripts and returns what may load after them. Fails if they are too large. */
      const weigh = async (paths: readonly string[], most: number) => {
        const before = total(), later: string[] = [];
        for (const path of paths) later.push(...await add(path));
        assert(total() - before <= most, listed());
        return later.filter((path) => !sizes.has(path));
      };
      const own = [...html.matchAll(/"(\/[^"\s]+\.js)[^"]*"/g)].map(([, path = ""]) => path);
      const reader = await weigh(own, 10_500);
      assert(sizes.size >= 4, listed());
      assertStrictEquals(reader.length, 1, reader.join(" "));
      const answers = await weigh(reader, 21_000);
      assertStrictEquals(answers.length, 1, answers.join(" "));
      assertEquals(await weigh(answers, 4_500), []);
    }),
);
