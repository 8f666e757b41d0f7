/** Rendering: the HTML of a tree. */
import { assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { createContext, type VNode } from "preact";
import { useContext } from "preact/hooks";
import { App, type Context, csp, type PageProps } from "fresh";
import { Head, HttpError, IS_BROWSER } from "fresh/runtime";
import { HttpError as ServerError } from "fresh";
import { attach } from "../../../lib/fresh/app.ts";
import { UNBUILT } from "../../../lib/fresh/attached.ts";
import { caller, routesHandler } from "./support/routes.ts";

const render = async (vnode: VNode | null, path = "/") =>
  await (await caller(
    new App().get("/*", (ctx) => ctx.render(vnode)).get("/", (ctx) => ctx.render(vnode)),
  )(path)).text();

Deno.test("missing parts of a document are added in order", async () => {
  const rows: [() => VNode | null, string][] = [
    [() => <p>x</p>, '<html><head><meta charset="utf-8"/></head><body><p>x</p></body></html>'],
    [() => null, '<html><head><meta charset="utf-8"/></head><body></body></html>'],
    [
      () => (
        <html lang="en">
          <body>x</body>
        </html>
      ),
      '<html lang="en"><head><meta charset="utf-8"/></head><body>x</body></html>',
    ],
    [
      () => (
        <html>
          <head>
            <title>t</title>
          </head>
          <body>x</body>
        </html>
      ),
      "<html><head><title>t</title></head><body>x</body></html>",
    ],
    [
      () => (
        <>
          <head>
            <title>t</title>
          </head>
          <p>x</p>
        </>
      ),
      "<html><head><title>t</title></head><body><p>x</p></body></html>",
    ],
    [() => <body>x</body>, '<html><head><meta charset="utf-8"/></head><body>x</body></html>'],
    [
      () => (
        <html>
          <p>x</p>
        </html>
      ),
      '<html><head><meta charset="utf-8"/></head><body><p>x</p></body></html>',
    ],
  ];
  for (const [tree, html] of rows) {
    assertStrictEquals(await render(tree()), `<!DOCTYPE html>${html}`);
  }
});

Deno.test("user input is never treated as part of the document", async () => {
  const html = await render(<p title="</body></head>">{"</body><!--body-->"}</p>);
  assertMatch(html, /&lt;\/body>&lt;!--body-->|&lt;\/body&gt;/);
  assertStrictEquals(html.split("</body>").length, 2);
});

Deno.test("Head moves its children to the head, and the last of a kind wins", async () => {
  const html = await render(
    <html>
      <head>
        <meta charset="utf-8" />
        <title>first</title>
        <meta name="description" content="old" />
        <link rel="canonical" href="/old" />
        <style>{"a{}"}</style>
      </head>
      <body>
        <Head>
          <title>second</title>
          <meta name="description" content="new <&quot;>" />
          <link rel="canonical" href="/new" />
          <meta key="k" name="x" content="1" />
        </Head>
        <p>x</p>
        <Head>
          <title>third &amp; last</title>
          <meta key="k" name="y" content="2" />
          <style>{"b{}"}</style>
        </Head>
      </body>
    </html>,
  );
  assertStrictEquals(
    html,
    '<!DOCTYPE html><html><head><meta charset="utf-8"/><title>third &amp; last</title>' +
      '<meta name="description" content="new &lt;&quot;>"/><link rel="canonical" href="/new"/>' +
      '<style>a{}</style><meta name="y" content="2" data-key="k"/><style>b{}</style></head>' +
      "<body><p>x</p></body></html>",
  );
});

Deno.test("a tag in the page must not equal one in Head, whose place Fresh would give it", async () => {
  const page = (drawn: VNode) => (
    <html>
      <head>
        <title>app</title>
      </head>
      <body>
        <Head>
          <title>page</title>
          <meta key="robots" name="robots" content="noindex" />
        </Head>
        <svg>{drawn}</svg>
      </body>
    </html>
  );
  const app = new App().onError("*", (ctx) => new Response(`${ctx.error}`));
  const unkeyed = <title>drawing</title>;
  const drawings: [VNode, expected: RegExp][] = [
    [unkeyed, /A <title> in the page equals one in <Head>/],
    [<title key="title">drawing</title>, /A <title> in the page equals one in <Head>/],
    [<template key="robots" />, /A <template> in the page equals one in <Head>/],
    [<title key="drawing">drawing</title>, /<title>page<\/title>.*<title>drawing<\/title>/],
  ];
  drawings.forEach(([drawn], at) => app.get(`/${at}`, (ctx) => ctx.render(page(drawn))));
  const get = caller(app);
  for (const [at, [, expected]] of drawings.entries()) {
    assertMatch(await (await get(`/${at}`)).text(), expected);
  }
});

Deno.test("contexts reach the children of Head", async () => {
  const Name = createContext("none");
  const Titled = () => (
    <Head>
      <title>{useContext(Name)}</title>
    </Head>
  );
  const html = await render(
    <Name.Provider value="given">
      <Titled />
    </Name.Provider>,
  );
  assertMatch(html, /<title>given<\/title>/);
});

Deno.test("links know the current page and its parents", async () => {
  const marks = async (href: string, path: string) => {
    const html = await render(<a href={href}>x</a>, path);
    return /data-current/.test(html) ? "current" : /data-ancestor/.test(html) ? "ancestor" : "none";
  };
  const rows: [string, string, string][] = [
    ["/a", "/a", "current"],
    ["/a#part", "/a", "current"],
    ["/a", "/a/b", "ancestor"],
    ["/a/", "/a/b", "ancestor"],
    ["/", "/a", "ancestor"],
    ["/", "/", "current"],
    ["/a", "/ab", "none"],
    ["/ab", "/a", "none"],
    ["/b", "/a", "none"],
    ["//a", "/a", "none"],
    ["https://x/a", "/a", "none"],
    ["/a?x=1", "/a?x=1", "current"],
    ["/a?x=1", "/a?x=2", "ancestor"],
    ["/a?x=1", "/a", "ancestor"],
    ["/a", "/a?x=1", "current"],
  ];
  for (const [href, path, expected] of rows) {
    assertStrictEquals(await marks(href, path), expected, `${href} on ${path}`);
  }
  assertMatch(await render(<a href="/" aria-current="step">x</a>), /aria-current="step"/);
  assertMatch(await render(<a href="/">x</a>), /aria-current="page"/);
});

Deno.test("a link in a constant is marked for each page", async () => {
  const link = <a href="/a">x</a>;
  const call = caller(new App().get("/*", (ctx) => ctx.render(<nav>{link}</nav>)));
  assertMatch(await (await call("/a")).text(), /data-current/);
  assertNotMatch(await (await call("/b")).text(), /data-(current|ancestor)/);
  assertMatch(await (await call("/a/c")).text(), /data-ancestor/);
});

Deno.test("constants render the same each time", async () => {
  const page = (
    <html>
      <head>
        <title>t</title>
      </head>
      <body>
        <Head>
          <meta name="a" content="b" />
        </Head>
        <script src="/x.js" />
      </body>
    </html>
  );
  const call = caller(new App().get("/", (ctx) => ctx.render(page)));
  const first = await (await call("/")).text();
  assertStrictEquals(await (await call("/")).text(), first);
  assertStrictEquals(
    first,
    '<!DOCTYPE html><html><head><title>t</title><meta name="a" content="b"/></head>' +
      '<body><script src="/x.js"></script></body></html>',
  );
});

Deno.test("elements are as before once they are rendered, with no property of their own more", async () => {
  const link = <a href="/">x</a>;
  const before = { ...link };
  const call = caller(new App().get("/:what", (ctx) => {
    const Fails = () => {
      throw new Error("while rendering");
    };
    return ctx.render(<nav>{link}{link}{ctx.params.what === "fails" ? <Fails /> : null}</nav>);
  }));
  for (const path of ["/shown", "/fails"]) {
    await (await call(path)).body?.cancel();
    // @preact/signals, if another test of the isolate loads it, keeps an element's signals in `__np`.
    const keys = Object.keys(link).filter((key) => key !== "__np");
    assertEquals(keys, Object.keys(before));
    assertStrictEquals(link.props, before.props);
  }
});

Deno.test("an island in a constant is framed wherever it is shown, but not within another island", async () => {
  const Inner = () => <b>in</b>;
  const inner = <Inner />;
  const Outer = () => <div>{inner}</div>;
  const app = new App().get("/", (ctx) =>
    ctx.render(
      <main>
        {inner}
        {inner}
        <Outer />
      </main>,
    ));
  const island = (name: string, fn: () => VNode) => ({
    name,
    exportName: name,
    url: "",
    chunks: [],
    fn,
  });
  attach(app, {
    ...UNBUILT,
    islands: new Map([[Inner, island("Inner", Inner)], [Outer, island("Outer", Outer)]]),
  });
  const call = caller(app);
  for (let time = 0; time < 2; time++) {
    assertMatch(
      await (await call("/")).text(),
      /<main><!--i:0--><b>in<\/b><!--\/i--><!--i:1--><b>in<\/b><!--\/i--><!--i:2--><div><b>in<\/b><\/div><!--\/i--><\/main>/,
    );
  }
});

Deno.test("contexts reach from outside the body to its inside", async () => {
  const Name = createContext("none");
  const Named = () => <p>{useContext(Name)}</p>;
  const html = await render(
    <Name.Provider value="given">
      <html>
        <body>
          <Named />
        </body>
      </html>
    </Name.Provider>,
  );
  assertMatch(html, /<body><p>given<\/p><\/body>/);
});

Deno.test("a body with its own HTML is left unchanged", async () => {
  const html = await render(
    <html>
      <head>
        <title>t</title>
      </head>
      {/* deno-lint-ignore react-no-danger */}
      <body dangerouslySetInnerHTML={{ __html: "<b>own</b>" }} />
    </html>,
  );
  assertStrictEquals(
    html,
    "<!DOCTYPE html><html><head><title>t</title></head><body><b>own</b></body></html>",
  );
});

Deno.test("scripts and styles get a nonce only if a policy needs one", async () => {
  const vnode = (
    <body>
      <script src="/x.js" />
      <script src="/y.js" nonce="own" />
      <style>{"a{}"}</style>
    </body>
  );
  assertNotMatch(await render(vnode), /nonce="(?!own)/);
  const call = caller(new App().use(csp({ useNonce: true })).get("/", (ctx) => ctx.render(vnode)));
  const response = await call("/");
  const nonce = /'nonce-(\w{32})'/.exec(response.headers.get("content-security-policy") ?? "")?.[1];
  const html = await response.text();
  assertMatch(html, new RegExp(`<script src="/x.js" nonce="${nonce}">`));
  assertMatch(html, new RegExp(`<style nonce="${nonce}">`));
  assertMatch(html, /nonce="own"/);
});

Deno.test("render keeps status, headers and every cookie, and rejects non-elements", async () => {
  const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-a", "1"]]);
  const response = await caller(
    new App().get("/", (ctx) => ctx.render(<p />, { status: 202, headers })),
  )("/");
  assertStrictEquals(response.status, 202);
  assertEquals(response.headers.getSetCookie(), ["a=1", "b=2"]);
  for (const wrong of ["text", 1, {}]) {
    const failed = await caller(new App().get("/", (ctx) => ctx.render(wrong as never)))("/");
    assertStrictEquals(failed.status, 500);
  }
  const empty = caller(new App().get("/", (ctx) => (ctx.render as () => Promise<Response>)()));
  assertStrictEquals((await empty("/")).status, 500);
});

Deno.test("a component's error reaches the middlewares as a rejection", async () => {
  const Broken = () => {
    throw new HttpError(410, "gone");
  };
  const call = caller(new App().get("/", (ctx) => ctx.render(<Broken />)));
  assertStrictEquals((await call("/")).status, 410);
});

Deno.test("a page without islands has no script", async () => {
  assertNotMatch(await render(<p>x</p>), /<script|modulepreload/);
});

Deno.test("render can omit the app and the layouts", async () => {
  const wrap = (name: string) => ({ Component }: PageProps) => (
    <div class={name}>
      <Component />
    </div>
  );
  const app = async (options: object) => {
    const call = routesHandler({
      "_app.tsx": { default: wrap("app") },
      "_layout.tsx": { default: wrap("l") },
      "index.tsx": { handler: (ctx: Context<unknown>) => ctx.render(<p />, undefined, options) },
    });
    return (await call("/")).text();
  };
  assertMatch(await app({}), /<div class="app"><div class="l"><p><\/p><\/div><\/div>/);
  assertMatch(await app({ skipAppWrapper: true }), /<body><div class="l"><p>/);
  assertMatch(await app({ skipInheritedLayouts: true }), /<div class="app"><p>/);
});

Deno.test("the runtime is the same on both sides", () => {
  assertStrictEquals(IS_BROWSER, false);
  assertStrictEquals(HttpError, ServerError);
  const error = new HttpError(404);
  assertStrictEquals(error.message, "");
  assertStrictEquals(error.name, "HttpError");
  assertStrictEquals(new HttpError(500, "x", { cause: error }).cause, error);
});
