/** No client input makes the app redirect a browser to another site, on any hop. */
import { assert, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { ownPath } from "../../lib/accounts/sign_in.ts";
import { ORIGIN, type TestApp, type TestBrowser, withApp } from "../app/test_app.ts";
import { REDIRECTS } from "./redirects.ts";

const MAX_HOPS = 6;

/** Resolves a Location header like a browser, which trims whitespace. */
function resolve(location: string, from: string): URL {
  const url = URL.parse(location.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, ""), from);
  assert(url !== null, `no URL: ${JSON.stringify(location)}`);
  return url;
}

/** Follows an answer through the app until it ends; fails where any hop leaves. Returns the hops. */
async function follow(browser: TestBrowser, response: Response, from: string, what: string) {
  let hops = 0, at = from, answer = response;
  for (;;) {
    const location = answer.headers.get("location");
    assert(answer.status < 500, `${what}: ${answer.status} at ${at}`);
    assertStrictEquals(answer.headers.get("refresh"), null, what);
    const type = answer.headers.get("content-type") ?? "";
    const body = type.startsWith("text/html") ? await answer.text() : "";
    if (body === "") await answer.body?.cancel();
    assertNotMatch(body, /http-equiv="?refresh[^>]*evil/i, what);
    // Links and forms of the page that a payload could lead to another site.
    for (const [, target = ""] of body.matchAll(/\s(?:href|action|formaction|src)="([^"]*)"/g)) {
      const url = URL.parse(target.replaceAll("&amp;", "&"), at);
      assert(url !== null && !/evil/i.test(url.host), `${what}: page links to ${target}`);
    }
    if (location === null) return hops;
    const next = resolve(location, at);
    assertStrictEquals(
      next.origin,
      ORIGIN,
      `${what}: hop ${hops + 1} to ${JSON.stringify(location)}`,
    );
    assertStrictEquals(next.username + next.password, "", what);
    assert(++hops <= MAX_HOPS, `${what}: no end`);
    at = next.href;
    answer = await browser.fetch(next.pathname + next.search);
  }
}

Deno.test(`none of ${REDIRECTS.length} redirect payloads passes ownPath`, () => {
  assert(REDIRECTS.length >= 560, `${REDIRECTS.length}`);
  for (const payload of REDIRECTS) {
    const path = ownPath(payload);
    for (const base of [ORIGIN, "https://taskstream.example/deep/path?x"]) {
      const url = resolve(path, base);
      assertStrictEquals(url.origin, new URL(base).origin, JSON.stringify(payload));
      // Decoded once more, as careless proxies do, it still is no other host's.
      const start = path.slice(0, 8).replace(/%2f/gi, "/").replace(/%5c/gi, "\\");
      assertNotMatch(start, /^[/\\]{2}/, JSON.stringify(payload));
    }
    // Printable ASCII: it cannot split a header.
    assertMatch(path, /^\/[\x21-\x7e]*$/, JSON.stringify(payload));
  }
});

Deno.test("judging a target twice changes nothing", () => {
  for (const payload of REDIRECTS) {
    assertStrictEquals(ownPath(ownPath(payload)), ownPath(payload), JSON.stringify(payload));
  }
});

/** A place where a client's word becomes an address. */
interface Place {
  readonly name: string;
  readonly signedIn: boolean;
  /** It answers every payload with a redirect. */
  readonly redirects: boolean;
  readonly ask: (browser: TestBrowser, payload: string) => Promise<Response>;
}

const query = (name: string, payload: string) =>
  new URLSearchParams({ [name]: payload }).toString();

const PLACES: readonly Place[] = [
  {
    name: "POST /auth/sandbox next",
    signedIn: false,
    redirects: true,
    ask: (browser, next) => browser.post("/auth/sandbox", { next }),
  },
  {
    name: "POST /auth/key next, refused",
    signedIn: false,
    redirects: true,
    ask: (browser, next) => browser.post("/auth/key", { api_key: "", next }),
  },
  {
    name: "POST /theme next",
    signedIn: false,
    redirects: true,
    ask: (browser, next) => browser.post("/theme", { theme: "dark", next }),
  },
  {
    name: "GET /?next, signed in",
    signedIn: true,
    redirects: false,
    ask: (browser, next) => browser.fetch(`/?${query("next", next)}`),
  },
  {
    name: "GET /?next, not signed in",
    signedIn: false,
    redirects: false,
    ask: (browser, next) => browser.fetch(`/?${query("next", next)}`),
  },
  {
    name: "GET /tasks?cursor, to sign-in",
    signedIn: false,
    redirects: true,
    ask: (browser, cursor) =>
      browser.fetch(`/tasks?${query("cursor", cursor)}&${query("next", cursor)}`),
  },
  {
    name: "GET /tasks/:id, to sign-in",
    signedIn: false,
    redirects: true,
    ask: (browser, id) => browser.fetch(`/tasks/${encodeURIComponent(id)}`),
  },
  {
    name: "the path itself, with a stale asset's hash",
    signedIn: false,
    redirects: false,
    ask: (browser, path) =>
      URL.parse(ORIGIN + path)?.origin === ORIGIN
        ? browser.fetch(`${path.split("#", 1)[0]}${path.includes("?") ? "&" : "?"}__frsh_c=stale`)
        : browser.fetch("/favicon.svg?__frsh_c=stale"),
  },
  {
    name: "POST /auth/logout next",
    signedIn: true,
    redirects: true,
    ask: (browser, next) => browser.post("/auth/logout", { next }),
  },
];

for (const { name, signedIn, redirects, ask } of PLACES) {
  Deno.test(`none of ${REDIRECTS.length} redirect payloads leaves the origin by ${name}, on any hop`, () =>
    withApp(async (app: TestApp) => {
      const browser = app.browser();
      let hops = 0;
      for (const payload of REDIRECTS) {
        if (signedIn && browser.cookies.get("taskstream") === undefined) {
          await browser.enterSandbox();
        }
        const answer = await ask(browser, payload);
        hops += await follow(browser, answer, `${ORIGIN}/`, `${name} ${JSON.stringify(payload)}`);
        if (!signedIn) browser.cookies.delete("taskstream");
      }
      if (redirects) assert(hops >= REDIRECTS.length, `${hops} hops`);
    }));
}
