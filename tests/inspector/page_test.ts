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
  "it delivers at most 10.5 KB of script, 28.7 KB with a text's or a URL's stream, and its tools when they are used",
  { ignore: !isOwnFramework },
  () =>
    withApp(async (app) => {
      const browser = app.browser();
      const html = await browser.text("/inspect");
      /** A script with those that it needs at once: their sizes, and the ones that it may load later. */
      const weigh = async (paths: readonly string[], have: ReadonlyMap<string, number>) => {
        const sizes = new Map(have), later = new Set<string>();
        const add = async (path: string): Promise<void> => {
          if (sizes.has(path)) return;
          const text = await browser.text(path);
          sizes.set(path, gzipSync(text, { level: 9 }).byteLength);
          for (
            const [, call, next = ""] of text.matchAll(/(?:from|import)\s*(\()?\s*"(\.[^"]+)"/g)
          ) {
            const { pathname } = new URL(next, new URL(path, "http://x"));
            if (call === undefined) await add(pathname);
            else later.add(pathname);
          }
        };
        for (const path of paths) await add(path);
        const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
        /** The one of the scripts that may load later with this module. */
        const find = (module: string) => {
          const path = [...later].find((path) => path.includes(`/${module}-`));
          assert(path !== undefined, `${module}: ${[...later].join(" ")}`);
          return path;
        };
        return { sizes, total, later, find, listed: `${total}: ${[...sizes].join(" ")}` };
      };
      const own = [...html.matchAll(/"(\/[^"\s]+\.js)[^"]*"/g)].map(([, path = ""]) => path);
      const page = await weigh(own, new Map());
      assert(page.sizes.size >= 4 && page.total <= 10_500, page.listed);
      assertStrictEquals(page.later.size, 2, [...page.later].join(" "));
      const stream = await weigh([page.find("Stream")], page.sizes);
      // Every stream is searched for an answer.
      const answers = stream.find("answer_reader");
      for (const source of [stream.find("encoding"), page.find("request")]) {
        const { total, listed } = await weigh([source, answers], stream.sizes);
        assert(total <= 28_700, listed);
      }
      const tools = ["ndjson", "EventDetail", "Unanswered"].map(stream.find);
      assertStrictEquals(stream.later.size, 2 + tools.length, [...stream.later].join(" "));
      for (const tool of tools) {
        const { total, listed } = await weigh([tool], stream.sizes);
        assert(total - stream.total <= 5_200, listed);
      }
    }),
);
