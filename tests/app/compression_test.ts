/** Which pages are compressed, for whom, and which are kept in their compressed form. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import * as zlib from "node:zlib";
import { acceptsGzip, isMeasurable } from "../../lib/middleware/compression.ts";
import { PackedPages } from "../../lib/middleware/packed_pages.ts";
import { withApp } from "./test_app.ts";

const ACCEPTED: readonly [header: string, accepts: boolean][] = [
  ["gzip, deflate, br, zstd", true],
  ["GZIP", true],
  ["br;q=1.0, gzip;q=0.2", true],
  ["*", true],
  ["", false],
  ["identity", false],
  ["gzip;q=0", false],
  ["gzip; q=0.000, *", false],
  ["*;q=0", false],
  ["br", false],
];
for (const [header, accepts] of ACCEPTED) {
  Deno.test(`Accept-Encoding: ${header || "(empty)"} ${accepts ? "allows" : "forbids"} gzip`, () => {
    assertStrictEquals(acceptsGzip(new Headers({ "accept-encoding": header })), accepts);
  });
}

const COOKIE = { cookie: "a=b" };
const MEASURABLE: readonly [name: string, path: string, headers: HeadersInit, is: boolean][] = [
  ["a link on our own page", "/tasks?q=a", { "sec-fetch-site": "same-origin", ...COOKIE }, false],
  ["a typed address", "/tasks?q=a", { "sec-fetch-site": "none", ...COOKIE }, false],
  ["another site", "/tasks?q=a", { "sec-fetch-site": "cross-site", ...COOKIE }, true],
  ["another subdomain", "/tasks", { "sec-fetch-site": "same-site", ...COOKIE }, true],
  ["an old browser's search", "/tasks?q=a", COOKIE, true],
  ["an old browser's page", "/tasks", COOKIE, false],
  ["a program", "/?q=a", {}, false],
];
for (const [name, path, headers, is] of MEASURABLE) {
  Deno.test(`another site ${is ? "could" : "could not"} measure a page for ${name}`, () => {
    assertStrictEquals(isMeasurable(new Request(`http://localhost${path}`, { headers })), is);
  });
}

Deno.test("pages are compressed and unchanged when decompressed; everything else is not compressed", () =>
  withApp(async (app) => {
    const ask = (path: string, headers: HeadersInit = {}) =>
      app.handle(new Request(`http://localhost${path}`, { headers }));
    const gzip = { "accept-encoding": "gzip, br" };
    const whole = await ask("/");
    const packed = await ask("/", gzip);
    assertStrictEquals(whole.headers.get("content-encoding"), null);
    assertStrictEquals(packed.headers.get("content-encoding"), "gzip");
    for (const { headers } of [whole, packed]) assert(headers.get("vary")?.includes("accept-enc"));
    const read = packed.body!.pipeThrough(new DecompressionStream("gzip"));
    const withoutNonces = (html: string) => html.replaceAll(/nonce="[^"]*"/g, "");
    assertStrictEquals(
      withoutNonces(await new Response(read).text()),
      withoutNonces(await whole.text()),
    );
    const elsewhere = await ask("/?q=a", { ...gzip, "sec-fetch-site": "cross-site" });
    assertStrictEquals(elsewhere.headers.get("content-encoding"), null);
    // Nor does a proxy compress it.
    assertStrictEquals(elsewhere.headers.get("cache-control"), "private, no-store, no-transform");
    await elsewhere.body?.cancel();
    for (const path of ["/healthz", "/api/v1/tasks/runs/x"]) {
      const answer = await ask(path, gzip);
      assertStrictEquals(answer.headers.get("content-encoding"), null);
      await answer.body?.cancel();
    }
  }));

const SETTINGS = { level: 5, memLevel: 9 };

/** Another nonce for each response, as the policy of content security has them. */
const nonceOf = (n: number) => n.toString(16).padStart(32, "0");

const PAGES: readonly [name: string, page: (nonce: string) => string][] = [
  ["no nonce", () => "<p>plain</p>".repeat(100)],
  ["one nonce", (nonce) => `<script nonce="${nonce}"></script>${"<p>text</p>".repeat(100)}`],
  ["a nonce at each end", (nonce) => `${nonce}<p>text</p>${nonce}`],
  ["a nonce beside a nonce", (nonce) => `<p>${nonce}${nonce}</p>`],
  ["only a nonce", (nonce) => nonce],
  ["nothing", () => ""],
  ["text of two, three and four bytes", (nonce) => `é’😀<i nonce="${nonce}">😀</i>ü`],
  ["half a character", (nonce) => `a\ud83d${nonce}\ude00b`],
  ["text that looks like a nonce", (nonce) => `${nonceOf(0)}<i nonce="${nonce}"></i>`],
  ["more than the window of deflate", (nonce) => `${nonce}${"0123456789".repeat(4_000)}${nonce}`],
];
for (const [name, page] of PAGES) {
  Deno.test(`a page with ${name} is kept when it is sent again, and is right for each nonce`, () => {
    const pages = new PackedPages(zlib, SETTINGS);
    assertStrictEquals(pages.gzip(page(nonceOf(1)), nonceOf(1)), null);
    for (const n of [2, 3, 4]) {
      const text = page(nonceOf(n));
      const packed = pages.gzip(text, nonceOf(n));
      assert(packed !== null);
      // It checks the length and the checksum too.
      assertEquals(new Uint8Array(zlib.gunzipSync(packed)), new TextEncoder().encode(text));
    }
  });
}

Deno.test("a page of the length of a kept one is not taken for it", () => {
  const pages = new PackedPages(zlib, SETTINGS);
  for (const text of ["aNb", "aNb", "aNc", "Nac", "acN", "aNb", "abc", "NNN"]) {
    const page = text.replaceAll("N", nonceOf(7)).padEnd(100, "-");
    const packed = pages.gzip(page, nonceOf(7));
    if (packed !== null) assertStrictEquals(zlib.gunzipSync(packed).toString(), page);
  }
});

Deno.test("a bounded number of pages is kept, the ones that are in use, and no long one", () => {
  const pages = new PackedPages(zlib, SETTINGS);
  const send = (length: number) => pages.gzip("x".repeat(length), nonceOf(1));
  send(1);
  for (let length = 2; length < 100; length++) {
    send(length);
    assert(send(length) !== null && send(1) !== null);
  }
  let kept = 0;
  for (let length = 99; length > 0; length--) if (send(length) !== null) kept++;
  assert(kept > 0 && kept <= 16, `${kept}`);
  send(1_000_000);
  assertStrictEquals(send(1_000_000), null);
});

Deno.test("a page that all visitors get is kept, and right each time; a page of an account is compressed by itself", () =>
  withApp(async (app) => {
    const gzip = { headers: { "accept-encoding": "gzip" } };
    const visitor = app.browser();
    const sizes: number[] = [];
    // The first ones are compressed by other means until zlib is loaded.
    for (let isKept = false; !isKept && sizes.length < 50;) {
      const response = await visitor.fetch("/", gzip);
      const policy = response.headers.get("content-security-policy") ?? "";
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
      const bytes = await response.bytes();
      const html = zlib.gunzipSync(bytes).toString();
      assertEquals([...html.matchAll(/nonce="([^"]*)"/g)].map(([, own]) => own), [nonce, nonce]);
      assert(html.endsWith("</html>"));
      sizes.push(bytes.byteLength);
      isKept = new TextDecoder("latin1").decode(bytes).includes(nonce);
    }
    assert(sizes.length > 1 && sizes.length < 50, sizes.join());
    assert(sizes.at(-1)! < sizes[0]! * 1.1, sizes.join());
    const user = await app.browser().enterSandbox();
    for (let n = 0; n < 4; n++) {
      const bytes = await (await user.fetch("/", gzip)).bytes();
      const text = zlib.gunzipSync(bytes);
      assertEquals(bytes, new Uint8Array(zlib.gzipSync(text, SETTINGS)));
    }
  }));
