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

/** Another value for each response, as the nonce of the content security policy. */
const valueOf = (n: number, length = 32) => n.toString(16).padStart(length, "0");

const NOT_KEPT = new Set(["half a character", "a value at its start"]);
const long = (chars: number) => "0123456789".repeat(chars / 10);
const PAGES: readonly [name: string, page: (a: string, b: string) => string][] = [
  ["no value", () => "<p>plain</p>".repeat(100)],
  ["one value", (a) => `<script nonce="${a}"></script>${"<p>text</p>".repeat(100)}`],
  ["a value at its end", (a) => `<p>${a}</p>${a}`],
  ["a value at its start", (a) => `${a}<p>text</p>${a}`],
  ["a value beside itself", (a) => `<p>${a}${a}</p>`],
  ["two values beside each other", (a, b) => `<p>${a}${b}${b}${a}</p>`],
  ["only a value", (a) => a],
  ["only values", (a, b) => a + b],
  ["nothing", () => ""],
  ["text of two, three and four bytes", (a, b) => `é’😀<i nonce="${a}">😀${b}</i>ü${a}`],
  ["half a character", (a) => `a\ud83d${a}\ude00b`],
  ["text that looks like a value", (a) => `${valueOf(0)}<i nonce="${a}"></i>${valueOf(0)}`],
  ["more than the window of deflate", (a, b) => `<${a}${long(40_000)}${a}${b}${a}`],
  ["a value at the end of the window", (a, b) => `<${a}${long(32_700)}${a}${b}${a}`],
  ["many values", (a, b) => `<p a="${a}" b="${b}">`.repeat(700)],
];
for (const [name, page] of PAGES) {
  Deno.test(`a page with ${name} is kept when it is sent again, and is right for any values`, async () => {
    const pages = new PackedPages(zlib);
    const send = (n: number) => {
      // One has bytes that the other has too.
      const values = [valueOf(n), valueOf(n * 257, 6)] as const;
      const text = page(...values);
      return [text, pages.gzip(text, values)] as const;
    };
    assertStrictEquals(await send(0xabc)[1], null);
    for (const n of [0xdef, 3, 0x4444]) {
      const [text, sent] = send(n);
      const packed = await sent;
      // Half a character becomes another one in UTF-8. A page's first byte is never copied.
      if (NOT_KEPT.has(name)) return assertStrictEquals(packed, null);
      assert(packed !== null);
      // It checks the length and the checksum too.
      assertEquals(new Uint8Array(zlib.gunzipSync(packed)), new TextEncoder().encode(text));
    }
  });
}

Deno.test("values of a kept page are not compressed, so that its length says nothing of them", async () => {
  const pages = new PackedPages(zlib);
  const send = (...values: string[]) =>
    pages.gzip(`<i a="${values[0]}">${"<b>text</b>".repeat(50)}</i>${values[1]}`, values);
  await send("aaaa", "bbbbbb");
  const lengths = new Set<number | undefined>();
  for (const values of [["cccc", "dddddd"], ["<b>t", "<b>tex"], ["2389", "xa7f12"]]) {
    lengths.add((await send(...values))?.byteLength);
  }
  assert(lengths.size === 1 && !lengths.has(undefined), [...lengths].join());
});

Deno.test("a page of the length of a kept one is not taken for it", async () => {
  const pages = new PackedPages(zlib);
  for (const text of ["aNb", "aNb", "aNc", "Nac", "acN", "aNb", "abc", "NNN", "NNN"]) {
    const page = text.replaceAll("N", valueOf(7)).padEnd(100, "-");
    const packed = await pages.gzip(page, [valueOf(7)]);
    if (packed !== null) assertStrictEquals(zlib.gunzipSync(packed).toString(), page);
  }
});

Deno.test("a bounded number of pages is kept, the ones that are in use, and no long one", async () => {
  const pages = new PackedPages(zlib);
  const send = (length: number) => pages.gzip("x".repeat(length), [valueOf(1)]);
  await send(1);
  for (let length = 2; length < 100; length++) {
    await send(length);
    assert(await send(length) !== null && await send(1) !== null);
  }
  let kept = 0;
  for (let length = 99; length > 0; length--) if (await send(length) !== null) kept++;
  assert(kept > 0 && kept <= 16, `${kept}`);
  await send(1_000_000);
  assertStrictEquals(await send(1_000_000), null);
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
    await user.createTask();
    for (let n = 0; n < 4; n++) {
      const bytes = await (await user.fetch("/", gzip)).bytes();
      const text = zlib.gunzipSync(bytes);
      assertEquals(bytes, new Uint8Array(zlib.gzipSync(text, { level: 5, memLevel: 9 })));
    }
  }));

Deno.test("the form of an account without runs is kept without the account's names, and right for each account", () =>
  withApp(async (app) => {
    const gzip = { headers: { "accept-encoding": "gzip" } };
    let kept = 0;
    for (let n = 0; n < 50 && kept < 3; n++) {
      const user = await app.browser().enterSandbox();
      const response = await user.fetch("/", gzip);
      const policy = response.headers.get("content-security-policy") ?? "";
      const bytes = await response.bytes();
      const html = zlib.gunzipSync(bytes).toString();
      const values = [
        /'nonce-([^']+)'/.exec(policy)?.[1],
        ...[
          / data-account="([^"]+)"/,
          / name="idempotency_key" value="([^"]+)"/,
          /<\/span> (\w{4})<\/code>/,
        ].map((value) => value.exec(html)?.[1]),
      ].map((value) => value ?? "none");
      assertEquals(new Set([...html.matchAll(/nonce="([^"]*)"/g)].map(([, own]) => own)).size, 1);
      // What is stored stands there as it is.
      const raw = new TextDecoder("latin1").decode(bytes);
      if (values.every((value) => raw.includes(value))) {
        kept++;
        // As tests/budgets_test.ts has it of the first response, which is compressed by itself.
        assert(bytes.byteLength < 7 * 1024, `${bytes.byteLength}`);
      }
      // A page with anything of the account beside it is not.
      const filled = await (await user.fetch("/?example=company", gzip)).bytes();
      assert(!new TextDecoder("latin1").decode(filled).includes(values[1]!));
    }
    assertStrictEquals(kept, 3);
  }));
