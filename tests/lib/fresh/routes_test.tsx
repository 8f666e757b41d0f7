/** File routes: file names, exports, and how layouts, middlewares and errors nest. */
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { App, createDefine, HttpError, page, type PageProps } from "fresh";
import { compareRouteFiles, readRouteFile } from "../../../lib/fresh/routing/files.ts";
import { caller, routesHandler, summary, withRoutes } from "./support/routes.ts";

const text = (content: string) => ({ handler: () => new Response(content) });
const wrap = (name: string) => ({ Component }: PageProps) => (
  <div class={name}>
    <Component />
  </div>
);
const bare = (html: string) => html.replace(/^.*<body>|<\/body>.*$/g, "");

Deno.test("a file's name gives its pattern", () => {
  const rows: [string, string | null][] = [
    ["index.tsx", "/"],
    ["about.ts", "/about"],
    ["a/index.jsx", "/a"],
    ["a/b.js", "/a/b"],
    ["[id].tsx", "/:id"],
    ["a/[id]/edit.tsx", "/a/:id/edit"],
    ["[id]@[version].tsx", "/:id@:version"],
    ["pre-[id].tsx", "/pre-:id"],
    ["a/[[page]].tsx", "/a{/:page}?"],
    ["rest/[...path].tsx", "/rest/:path*"],
    ["(group)/a/(other)/b.tsx", "/a/b"],
    ["(group)/index.tsx", "/"],
    ["a+b.tsx", "/a\\+b"],
    ["(_islands)/Counter.tsx", null],
    ["a/(_components)/Thing.tsx", null],
    ["a_test.ts", null],
    ["a.test.tsx", null],
    ["style.css", null],
    ["_helper.ts", null],
  ];
  for (const [path, pattern] of rows) {
    assertStrictEquals(readRouteFile(path)?.pattern ?? null, pattern, path);
  }
  assertMatch(String(assertThrows(() => readRouteFile("[a][b].tsx"))), /between them/);
  assertMatch(
    String(assertThrows(() => readRouteFile("[run-id].tsx"))),
    /not a valid parameter name/,
  );
});

Deno.test("more specific files come first", () => {
  const sorted = [
    "[...all].tsx",
    "[[lang]].tsx",
    "[id].tsx",
    "a.tsx",
    "index.tsx",
    "_app.tsx",
    "a/b.tsx",
  ]
    .map((path) => readRouteFile(path)!).sort(compareRouteFiles).map(({ path }) => path);
  assertEquals(sorted, [
    "_app.tsx",
    "index.tsx",
    "a.tsx",
    "a/b.tsx",
    "[id].tsx",
    "[[lang]].tsx",
    "[...all].tsx",
  ]);
});

Deno.test("routes are matched by their files: literal, then dynamic, then rest", async () => {
  const call = routesHandler({
    "[...all].ts": { handler: (ctx: { params: object }) => Response.json(ctx.params) },
    "t/[id].ts": { handler: (ctx: { params: object }) => Response.json(ctx.params) },
    "t/new.ts": text("new"),
    "opt/[[page]].ts": { handler: (ctx: { params: object }) => Response.json(ctx.params) },
  });
  assertEquals(await summary(await call("/t/new")), [200, "new"]);
  assertEquals(await summary(await call("/t/7")), [200, '{"id":"7"}']);
  assertEquals(await summary(await call("/opt")), [200, '{"page":""}']);
  assertEquals(await summary(await call("/opt/2")), [200, '{"page":"2"}']);
  assertEquals(await summary(await call("/x/y")), [200, '{"all":"x/y"}']);
  assertEquals(await summary(await call("/")), [200, '{"all":""}']);
});

Deno.test("a component is a page for GET and HEAD; other methods get 405 with Allow", async () => {
  const call = routesHandler({ "index.tsx": { default: () => <p>page</p> } });
  const get = await call("/");
  assertStrictEquals(get.status, 200);
  assertStrictEquals(get.headers.get("content-type"), "text/html; charset=utf-8");
  assertStrictEquals(bare(await get.text()), "<p>page</p>");
  assertStrictEquals((await call("/", { method: "HEAD" })).status, 200);
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    const refused = await call("/", { method });
    assertStrictEquals(refused.status, 405);
    assertStrictEquals(refused.headers.get("allow"), "GET, HEAD, OPTIONS");
  }
  const options = await call("/", { method: "OPTIONS" });
  assertStrictEquals(options.status, 204);
  assertStrictEquals(options.headers.get("allow"), "GET, HEAD, OPTIONS");
});

Deno.test("handlers by method pass data to the component; without a GET handler the page serves GET", async () => {
  const define = createDefine<{ user: string }>();
  const handler = define.handlers({
    POST: (ctx) => page({ sent: ctx.req.method }, { status: 422, headers: { "x-a": "1" } }),
  });
  const component = define.page<typeof handler>(({ data }) => <p>{data.sent ?? "none"}</p>);
  const call = routesHandler({ "index.tsx": { handler, default: component } });
  const posted = await call("/", { method: "POST" });
  assertStrictEquals(posted.status, 422);
  assertStrictEquals(posted.headers.get("x-a"), "1");
  assertStrictEquals(bare(await posted.text()), "<p>POST</p>");
  assertStrictEquals(bare(await (await call("/")).text()), "<p>none</p>");
  assertStrictEquals(
    (await call("/", { method: "DELETE" })).headers.get("allow"),
    "GET, HEAD, POST, OPTIONS",
  );
});

Deno.test("every Set-Cookie of a page is kept", async () => {
  const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
  const call = routesHandler({
    "index.tsx": { handlers: { GET: () => page(1, { headers }) }, default: () => <p /> },
  });
  assertEquals((await call("/")).headers.getSetCookie(), ["a=1", "b=2"]);
});

Deno.test("handlers take precedence over handler, and a function handles every method", async () => {
  const call = routesHandler({
    "a.ts": { handler: () => new Response("one"), handlers: () => new Response("two") },
  });
  assertEquals(await summary(await call("/a", { method: "PUT" })), [200, "two"]);
});

Deno.test("page() without data gives undefined, no handler gives an empty object", async () => {
  const component = ({ data }: { data: unknown }) => <p>{JSON.stringify(data) ?? "undefined"}</p>;
  const call = routesHandler({
    "a.tsx": { handler: { GET: () => page() }, default: component },
    "b.tsx": { default: component },
    "c.tsx": { handler: { GET: () => ({ data: [1] }) }, default: component },
  });
  assertStrictEquals(bare(await (await call("/a")).text()), "<p>undefined</p>");
  assertStrictEquals(bare(await (await call("/b")).text()), "<p>{}</p>");
  assertStrictEquals(bare(await (await call("/c")).text()), "<p>[1]</p>");
});

Deno.test("async pages, layouts and apps may render or return a response", async () => {
  const tick = () => Promise.resolve();
  const call = routesHandler({
    "_app.tsx": {
      default: async ({ Component }: PageProps) => {
        await tick();
        return (
          <body>
            <Component />
          </body>
        );
      },
    },
    "_layout.tsx": {
      default: async ({ Component, url }: PageProps) => {
        await tick();
        if (url.searchParams.has("stop")) return new Response("stopped", { status: 409 });
        return (
          <main>
            <Component />
          </main>
        );
      },
    },
    "index.tsx": {
      default: async (props: PageProps) => {
        await tick();
        return props.url.search === "?out" ? Response.redirect("http://x/") : <p>async</p>;
      },
    },
  });
  assertStrictEquals(bare(await (await call("/")).text()), "<main><p>async</p></main>");
  assertEquals(await summary(await call("/?stop")), [409, "stopped"]);
  assertStrictEquals((await call("/?out")).status, 302);
});

Deno.test("layouts nest from the root inwards, groups scope theirs", async () => {
  const call = routesHandler({
    "_layout.tsx": { default: wrap("root") },
    "index.tsx": { default: () => <p /> },
    "(group)/_layout.tsx": { default: wrap("group") },
    "(group)/in.tsx": { default: () => <p /> },
    "a/_layout.tsx": { default: wrap("a") },
    "a/b.tsx": { default: () => <p /> },
  });
  assertStrictEquals(bare(await (await call("/")).text()), '<div class="root"><p></p></div>');
  assertStrictEquals(
    bare(await (await call("/in")).text()),
    '<div class="root"><div class="group"><p></p></div></div>',
  );
  assertStrictEquals(
    bare(await (await call("/a/b")).text()),
    '<div class="root"><div class="a"><p></p></div></div>',
  );
});

Deno.test("routes and layouts may skip their outer layouts", async () => {
  const call = routesHandler({
    "_app.tsx": { default: wrap("app") },
    "_layout.tsx": { default: wrap("root") },
    "noapp.tsx": { default: () => <p />, config: { skipAppWrapper: true } },
    "nolayout.tsx": { default: () => <p />, config: { skipInheritedLayouts: true } },
    "a/_layout.tsx": { default: wrap("a"), config: { skipInheritedLayouts: true } },
    "a/x.tsx": { default: () => <p /> },
    "b/_layout.tsx": { default: wrap("b"), config: { skipAppWrapper: true } },
    "b/x.tsx": { default: () => <p /> },
  });
  const body = async (path: string) => bare(await (await call(path)).text());
  assertStrictEquals(await body("/noapp"), '<div class="root"><p></p></div>');
  assertStrictEquals(await body("/nolayout"), '<div class="app"><p></p></div>');
  assertStrictEquals(await body("/a/x"), '<div class="app"><div class="a"><p></p></div></div>');
  assertStrictEquals(await body("/b/x"), '<div class="root"><div class="b"><p></p></div></div>');
});

Deno.test("middlewares run for their directory and below, parents first, arrays in order", async () => {
  const log: string[] = [];
  const note = (name: string) => (ctx: { next(): Promise<Response> }) => {
    log.push(name);
    return ctx.next();
  };
  const call = routesHandler({
    "_middleware.ts": { default: [note("root1"), note("root2")] },
    "index.ts": text("home"),
    "a/_middleware.ts": { handler: note("a") },
    "a/index.ts": text("a"),
    "a/b/c.ts": text("c"),
    "(g)/_middleware.ts": { default: note("g") },
    "(g)/d.ts": text("d"),
  });
  for (
    const [path, expected] of [
      ["/", ["root1", "root2"]],
      ["/a", ["root1", "root2", "a"]],
      ["/a/b/c", ["root1", "root2", "a"]],
      ["/d", ["root1", "root2", "g"]],
      ["/none", ["root1", "root2"]],
    ] as const
  ) {
    await call(path);
    assertEquals<unknown>(log.splice(0), expected, path);
  }
});

Deno.test("app.use on a path guards the file with that name as well as the directory", async () => {
  const guard = () => {
    throw new HttpError(401);
  };
  const call = caller(withRoutes(new App().use("/sec", guard).fsRoutes(), {
    "sec.ts": text("open"),
    "sec/index.ts": text("open"),
    "sec/deep.ts": text("open"),
    "secret.ts": text("open"),
    "(group)/sec/inner.ts": text("open"),
  }));
  for (const path of ["/sec", "/sec/", "/sec/deep", "/sec/inner"]) {
    assertStrictEquals((await call(path)).status, 401, path);
  }
  assertStrictEquals((await call("/secret")).status, 200);
});

Deno.test("a guard registered after its file routes is an error", async () => {
  const guard = () => new Response("guarded");
  const late = caller(
    withRoutes(new App().fsRoutes().use("/sec", guard), { "sec.ts": text("open") }),
  );
  assertMatch(String(await assertRejects(() => late("/sec"))), /comes after routes\/sec\.ts/);
  const forLater = caller(withRoutes(
    new App().fsRoutes().use(guard).get("/later", () => new Response("later")),
    { "index.ts": text("home") },
  ));
  assertEquals(await summary(await forLater("/")), [200, "home"]);
  assertEquals(await summary(await forLater("/later")), [200, "guarded"]);
});

Deno.test("mounting the file routes twice runs each middleware once", async () => {
  let runs = 0;
  const modules = {
    "_middleware.ts": {
      default: (ctx: { next(): Promise<Response> }) => {
        runs++;
        return ctx.next();
      },
    },
    "x.ts": text("x"),
  };
  const call = caller(withRoutes(new App().fsRoutes().fsRoutes("/api"), modules));
  assertEquals(await summary(await call("/api/x")), [200, "x"]);
  assertStrictEquals(runs, 1);
  assertEquals(await summary(await call("/x")), [200, "x"]);
  assertStrictEquals(runs, 2);
});

Deno.test("an app's files apply to routes registered after them", async () => {
  const call = caller(withRoutes(
    new App()
      .get("/before", (ctx) => ctx.render(<p>before</p>))
      .fsRoutes()
      .get("/after", (ctx) => ctx.render(<p>after</p>))
      .route("/bare", { component: () => <p>bare</p> }, { skipAppWrapper: true }),
    { "_app.tsx": { default: wrap("app") }, "_layout.tsx": { default: wrap("root") } },
  ));
  assertStrictEquals(bare(await (await call("/before")).text()), "<p>before</p>");
  assertStrictEquals(
    bare(await (await call("/after")).text()),
    '<div class="app"><div class="root"><p>after</p></div></div>',
  );
  assertStrictEquals(
    bare(await (await call("/bare")).text()),
    '<div class="root"><p>bare</p></div>',
  );
});

Deno.test("_error renders errors thrown below it, with their status, inside its layouts", async () => {
  const call = routesHandler({
    "_app.tsx": { default: wrap("app") },
    "_error.tsx": { default: ({ error }: PageProps) => <p>root {String(error)}</p> },
    "a/_layout.tsx": { default: wrap("a") },
    "a/_500.tsx": { default: ({ error }: PageProps) => <p>a {String(error)}</p> },
    "a/x.ts": {
      handler: () => {
        throw new HttpError(422, "bad");
      },
    },
    "b.ts": {
      handler: {
        POST: () => {
          throw "odd";
        },
      },
    },
  });
  const inner = await call("/a/x");
  assertStrictEquals(inner.status, 422);
  assertStrictEquals(
    bare(await inner.text()),
    '<div class="app"><div class="a"><p>a HttpError: bad</p></div></div>',
  );
  const outer = await call("/b", { method: "POST" });
  assertStrictEquals(outer.status, 500);
  assertStrictEquals(bare(await outer.text()), '<div class="app"><p>root odd</p></div>');
  const none = await call("/none");
  assertStrictEquals(none.status, 404);
  assertMatch(await none.text(), /root HttpError/);
});

Deno.test("_404 handles unmatched URLs and thrown 404s, with its handler's status", async () => {
  const call = routesHandler({
    "_404.tsx": {
      handler: () => page(undefined, { status: 404 }),
      default: ({ error, url }: PageProps) => <p>no {url.pathname} {String(error)}</p>,
    },
    "_error.tsx": { default: () => <p>error</p> },
    "thrown.ts": {
      handler: () => {
        throw new HttpError(404, "gone");
      },
    },
  });
  const unmatched = await call("/x");
  assertStrictEquals(unmatched.status, 404);
  assertStrictEquals(bare(await unmatched.text()), "<p>no /x HttpError</p>");
  const thrown = await call("/thrown");
  assertStrictEquals(thrown.status, 404);
  assertStrictEquals(bare(await thrown.text()), "<p>no /thrown HttpError: gone</p>");
});

Deno.test("routeOverride replaces the file's pattern", async () => {
  const call = routesHandler({
    "a.ts": { ...text("over"), config: { routeOverride: "/other/:x" } },
  });
  assertEquals(await summary(await call("/other/1")), [200, "over"]);
  assertStrictEquals((await call("/a")).status, 404);
});

Deno.test("routes are loaded on the first request, and a failed load is retried", async () => {
  let loads = 0;
  const app = new App().route("/x", () => {
    loads++;
    if (loads === 1) return Promise.reject(new Error("network"));
    return Promise.resolve({ handler: () => new Response("x") });
  });
  const call = caller(app);
  assertStrictEquals(loads, 0);
  assertStrictEquals((await call("/x")).status, 500);
  assertEquals(await summary(await call("/x")), [200, "x"]);
  await call("/x");
  assertStrictEquals(loads, 2);
});

Deno.test("a module without the export that its name promises gives an error that names it", async () => {
  const rows: [string, Record<string, unknown>, RegExp][] = [
    ["_layout.tsx", { default: 1 }, /routes\/_layout\.tsx has no default export/],
    ["_middleware.ts", { default: ["no"] }, /routes\/_middleware\.ts exports no middleware/],
    ["_error.tsx", {}, /routes\/_error\.tsx exports neither/],
  ];
  for (const [path, module, message] of rows) {
    const error = await assertRejects(() => routesHandler({ [path]: module })("/"));
    assertMatch(String(error), message);
  }
  const lazy = await routesHandler({ "x.ts": { something: 1 } })("/x");
  assertStrictEquals(lazy.status, 500);
});

Deno.test("a route's stylesheets are linked in its head", async () => {
  const call = routesHandler({ "index.tsx": { default: () => <p />, css: ["/page.css"] } });
  assertMatch(
    await (await call("/")).text(),
    /<link rel="stylesheet" href="\/page\.css"\/><\/head>/,
  );
});
