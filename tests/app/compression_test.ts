/** Which pages are compressed, and for whom. */
import { assert, assertStrictEquals } from "@std/assert";
import { acceptsGzip, isMeasurable } from "../../lib/middleware/compression.ts";
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
    await elsewhere.body?.cancel();
    for (const path of ["/healthz", "/api/v1/tasks/runs/x"]) {
      const answer = await ask(path, gzip);
      assertStrictEquals(answer.headers.get("content-encoding"), null);
      await answer.body?.cancel();
    }
  }));
