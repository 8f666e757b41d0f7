/** The app: which handler responds, which middlewares run, and how errors are handled. */
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { App, HttpError, trailingSlashes } from "fresh";
import { caller, summary } from "./support/routes.ts";

Deno.test("any method can be registered, and all() matches every method", async () => {
  const app = new App()
    .get("/x", (ctx) => ctx.text("get"))
    .post("/x", (ctx) => ctx.text("post"))
    .put("/x", (ctx) => ctx.text("put"))
    .patch("/x", (ctx) => ctx.text("patch"))
    .delete("/x", (ctx) => ctx.text("delete"))
    .all("/all", (ctx) => ctx.text(ctx.req.method));
  const call = caller(app);
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
    assertEquals(await summary(await call("/x", { method })), [200, method.toLowerCase()]);
    assertEquals(await summary(await call("/all", { method })), [200, method]);
  }
  assertEquals(await summary(await call("/all", { method: "OPTIONS" })), [200, "OPTIONS"]);
});

Deno.test("HEAD responds like GET without the body, with a known length", async () => {
  const call = caller(
    new App().get("/x", (ctx) => ctx.text("héllo")).get("/s", (ctx) => ctx.stream(["a", "b"])),
  );
  const response = await call("/x", { method: "HEAD" });
  assertStrictEquals(response.status, 200);
  assertStrictEquals(response.headers.get("content-length"), "6");
  assertStrictEquals(response.body, null);
  const stream = await call("/s", { method: "HEAD" });
  assertStrictEquals(stream.headers.get("content-length"), null);
  assertStrictEquals(stream.body, null);
});

Deno.test("a missing method gives 405 with Allow, and OPTIONS lists the methods", async () => {
  const call = caller(
    new App().get("/x", (ctx) => ctx.text("x")).post("/x", (ctx) => ctx.text("y")),
  );
  const refused = await call("/x", { method: "DELETE" });
  assertEquals(await summary(refused.clone()), [405, "Method Not Allowed"]);
  assertStrictEquals(refused.headers.get("allow"), "GET, HEAD, POST, OPTIONS");
  const options = await call("/x", { method: "OPTIONS" });
  assertStrictEquals(options.status, 204);
  assertStrictEquals(options.headers.get("allow"), "GET, HEAD, POST, OPTIONS");
  assertStrictEquals((await call("/x", { method: "PROPFIND" })).status, 405);
});

Deno.test("exact paths take precedence over patterns, which are tried in order", async () => {
  const call = caller(
    new App()
      .get("/:any", (ctx) => ctx.text(`any ${ctx.params.any}`))
      .get("/a/:first", (ctx) => ctx.text("first"))
      .get("/a/:second", (ctx) => ctx.text("second"))
      .get("/exact", (ctx) => ctx.text("exact")),
  );
  assertEquals(await summary(await call("/exact")), [200, "exact"]);
  assertEquals(await summary(await call("/exact/")), [200, "exact"]);
  assertEquals(await summary(await call("//exact")), [200, "exact"]);
  assertEquals(await summary(await call("/other")), [200, "any other"]);
  assertEquals(await summary(await call("/a/1")), [200, "first"]);
  assertStrictEquals((await call("/a/1/")).status, 404);
});

Deno.test("params are decoded, and an invalid escape gives 400 inside the app", async () => {
  const seen: string[] = [];
  const call = caller(
    new App()
      .use(async (ctx) => {
        seen.push(ctx.url.pathname);
        return await ctx.next();
      })
      .get("/u/:name", (ctx) => ctx.json(ctx.params)),
  );
  assertStrictEquals(await (await call("/u/a%2Fb%20c%3F")).text(), '{"name":"a/b c?"}');
  assertEquals(await summary(await call("/u/%GG")), [400, "Malformed URL"]);
  assertEquals(seen, ["/u/a%2Fb%20c%3F", "/u/%GG"]);
});

Deno.test("middlewares run outermost first and see the response on the way back", async () => {
  const log: string[] = [];
  const step = (name: string) => async (ctx: { next(): Promise<Response> }) => {
    log.push(`+${name}`);
    const response = await ctx.next();
    log.push(`-${name}`);
    return response;
  };
  const call = caller(
    new App()
      .use("/a/b", step("b"))
      .use(step("root1"), step("root2"))
      .use("/a", step("a"))
      .get("/a/b/c", step("own"), (ctx) => ctx.text("end"))
      .get("/other", (ctx) => ctx.text("other"))
      .use(step("late")),
  );
  await call("/a/b/c");
  assertEquals(log.splice(0), [
    ...["+root1", "+root2", "+a", "+b", "+own"],
    ...["-own", "-b", "-a", "-root2", "-root1"],
  ]);
  await call("/other");
  assertEquals(log, ["+root1", "+root2", "-root2", "-root1"]);
});

Deno.test("a lazy middleware is loaded when it is first needed", async () => {
  let loaded = 0;
  const call = caller(
    new App<{ by: string }>()
      .use(async () => {
        loaded++;
        await Promise.resolve();
        return (ctx) => {
          ctx.state.by = "lazy";
          return ctx.next();
        };
      })
      .get("/", (ctx) => ctx.text(ctx.state.by)),
  );
  assertStrictEquals(loaded, 0);
  assertEquals(await summary(await call("/")), [200, "lazy"]);
});

Deno.test("a guard on a path covers every route that can serve it", async () => {
  const guard = () => {
    throw new HttpError(403);
  };
  const rows: [string, string, string][] = [
    ["/sec", "/sec", "/sec"],
    ["/sec", "/sec/:id", "/sec/1"],
    ["/sec/*", "/sec/:rest*", "/sec/a/b"],
    ["/sec", "/:page", "/sec"],
    ["/sec", "/:page", "/%73ec"],
    ["/sec", "/:rest*", "/sec/deep"],
    ["/:tenant/admin", "/:t/admin", "/acme/admin"],
    ["/:tenant/admin", "/acme/:page", "/acme/admin"],
    ["/sec", "/sec/", "/sec/"],
    ["/sec", "*", "/sec/x"],
  ];
  for (const [path, route, url] of rows) {
    const call = caller(new App().use(path, guard).get(route, (ctx) => ctx.text("open")));
    assertStrictEquals((await call(url)).status, 403, `use(${path}) on ${route} at ${url}`);
  }
  const call = caller(new App().use("/sec", guard).get("/:page", (ctx) => ctx.text("open")));
  assertStrictEquals((await call("/secret")).status, 200);
});

Deno.test("a request without a route runs only the root's middlewares", async () => {
  const seen: string[] = [];
  const note = (name: string) => (ctx: { next(): Promise<Response> }) => {
    seen.push(name);
    return ctx.next();
  };
  const call = caller(
    new App().use(note("root")).use("/a", note("a")).get("/b", (c) => c.text("")),
  );
  assertEquals(await summary(await call("/a/x")), [404, "Not Found"]);
  assertEquals(seen, ["root"]);
});

Deno.test("errors become their status without exposing internal details", async () => {
  const call = caller(
    new App()
      .get("/teapot", () => {
        throw new HttpError(418);
      })
      .get("/told", () => {
        throw new HttpError(409, "Already there");
      })
      .get("/bug", () => {
        throw new Error("secret");
      })
      .get("/nothing", () => undefined as never),
  );
  assertEquals(await summary(await call("/teapot")), [418, "I'm a teapot"]);
  assertEquals(await summary(await call("/told")), [409, "Already there"]);
  assertEquals(await summary(await call("/bug")), [500, "Internal server error"]);
  assertEquals(await summary(await call("/nothing")), [500, "Internal server error"]);
});

Deno.test("onError renders errors thrown below its path, the nearest first", async () => {
  const boom = () => {
    throw new HttpError(422, "boom");
  };
  const call = caller(
    new App()
      .onError("*", (ctx) => ctx.text(`root ${(ctx.error as Error).message}`, { status: 500 }))
      .onError("/a", (ctx) => ctx.text(`a ${(ctx.error as Error).message}`, { status: 422 }))
      .get("/a/x", boom)
      .get("/b", boom),
  );
  assertEquals(await summary(await call("/a/x")), [422, "a boom"]);
  assertEquals(await summary(await call("/b")), [500, "root boom"]);
  assertStrictEquals((await call("/none")).status, 500);
});

Deno.test("notFound handles every 404, with the error available, middlewares or not", async () => {
  const app = () =>
    new App()
      .notFound((ctx) => ctx.text(`${(ctx.error as HttpError).status} here`, { status: 404 }))
      .get("/thrown", () => {
        throw new HttpError(404);
      });
  assertEquals(await summary(await caller(app())("/none")), [404, "404 here"]);
  assertEquals(await summary(await caller(app())("/thrown")), [404, "404 here"]);
  const wrapped = new App().use((ctx) => ctx.next()).notFound((ctx) =>
    ctx.text(`${ctx.error instanceof HttpError}`, { status: 404 })
  );
  assertEquals(await summary(await caller(wrapped)("/none")), [404, "true"]);
});

Deno.test("a middleware may catch an error and answer itself", async () => {
  const call = caller(
    new App()
      .use(async (ctx) => {
        try {
          return await ctx.next();
        } catch {
          return ctx.text("caught", { status: 503 });
        }
      })
      .get("/", () => {
        throw new Error("inside");
      }),
  );
  assertEquals(await summary(await call("/")), [503, "caught"]);
});

Deno.test("next() may be called again to retry", async () => {
  let tries = 0;
  const call = caller(
    new App()
      .use(async (ctx) => {
        try {
          return await ctx.next();
        } catch {
          return await ctx.next();
        }
      })
      .get("/", (ctx) => {
        if (++tries === 1) throw new Error("once");
        return ctx.text(`try ${tries}`);
      }),
  );
  assertEquals(await summary(await call("/")), [200, "try 2"]);
});

Deno.test("redirects stay on this site for paths, and go anywhere for URLs", async () => {
  const rows: [string, string][] = [
    ["/a", "/a"],
    ["//evil.example//x?y=//z", "/evil.example/x?y=//z"],
    ["/\\evil.example", "/evil.example"],
    ["https://other.example//x", "https://other.example//x"],
    ["/a?next=//b#c//d", "/a?next=//b#c//d"],
  ];
  for (const [target, location] of rows) {
    const response = await caller(new App().get("/", (ctx) => ctx.redirect(target)))("/");
    assertStrictEquals(response.status, 302);
    assertStrictEquals(response.headers.get("location"), location);
  }
  const seeOther = await caller(new App().get("/", (ctx) => ctx.redirect("/x", 303)))("/");
  assertStrictEquals(seeOther.status, 303);
});

Deno.test("text, html, json and stream set their types and accept an init", async () => {
  const call = caller(
    new App()
      .get("/text", (ctx) => ctx.text("t", { status: 201, headers: { "x-a": "1" } }))
      .get("/html", (ctx) => ctx.html("<p>"))
      .get(
        "/json",
        (ctx) => ctx.json({ a: 1 }, { headers: { "content-type": "application/x+json" } }),
      )
      .get("/stream", (ctx) =>
        ctx.stream(async function* () {
          yield "é";
          await Promise.resolve();
          yield new Uint8Array([33]);
        })),
  );
  const text = await call("/text");
  assertStrictEquals(text.status, 201);
  assertStrictEquals(text.headers.get("content-type"), "text/plain;charset=UTF-8");
  assertStrictEquals(text.headers.get("x-a"), "1");
  assertStrictEquals((await call("/html")).headers.get("content-type"), "text/html; charset=utf-8");
  assertStrictEquals((await call("/json")).headers.get("content-type"), "application/x+json");
  assertEquals(await summary(await call("/stream")), [200, "é!"]);
});

Deno.test("a stream passes through unchanged, and a disconnected reader ends its source", async () => {
  let cancelled: unknown = null;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array([1])),
    cancel: (reason) => void (cancelled = reason),
  });
  const response = new Response(body);
  const call = caller(new App().use((ctx) => ctx.next()).get("/", () => response));
  const got = await call("/");
  assertStrictEquals(got, response);
  await got.body?.cancel("gone");
  assertStrictEquals(cancelled, "gone");
  let closed = false;
  const iterated = await caller(
    new App().get("/", (ctx) =>
      ctx.stream((function* () {
        try {
          while (true) yield "x";
        } finally {
          closed = true;
        }
      })())),
  )("/");
  await iterated.body?.cancel();
  assertStrictEquals(closed, true);
});

Deno.test("the context knows url, route, params, info, state, config", async () => {
  const info: Deno.ServeHandlerInfo = {
    remoteAddr: { transport: "tcp", hostname: "10.0.0.1", port: 5 },
    completed: Promise.resolve(),
  };
  const app = new App<{ n: number }>({ mode: "development" }).get("/t/:id", (ctx) => {
    ctx.state.n = 1;
    return ctx.json([
      ctx.url.pathname,
      ctx.route,
      ctx.params,
      ctx.info.remoteAddr,
      ctx.state,
      ctx.config.mode,
      ctx.isPartial,
      ctx.error,
    ]);
  });
  const response = await app.handler()(new Request("http://localhost/t/1"), info);
  assertEquals(await response.json(), [
    "/t/1",
    "/t/:id",
    { id: "1" },
    info.remoteAddr,
    { n: 1 },
    "development",
    false,
    null,
  ]);
});

Deno.test("a base path is part of every route, and nothing exists outside it", async () => {
  const call = caller(
    new App({ basePath: "/app/" })
      .get("/", (ctx) => ctx.text("home"))
      .get("/x/:id", (ctx) => ctx.text(`${ctx.url.pathname} ${ctx.route}`)),
  );
  assertEquals(await summary(await call("/app")), [200, "home"]);
  assertEquals(await summary(await call("/app/x/1")), [200, "/app/x/1 /app/x/:id"]);
  assertStrictEquals((await call("/x/1")).status, 404);
});

Deno.test("behind a trusted proxy the URL is the one that the user sees", async () => {
  const headers = { "x-forwarded-proto": "https, http", "x-forwarded-host": "tasks.example" };
  const app = (trustProxy: boolean) =>
    caller(new App({ trustProxy }).get("/", (ctx) => ctx.text(ctx.url.href)));
  assertEquals(await summary(await app(true)("/?q", { headers })), [
    200,
    "https://tasks.example/?q",
  ]);
  assertEquals(await summary(await app(false)("/?q", { headers })), [
    200,
    "http://localhost/?q",
  ]);
});

Deno.test("trailing slashes are removed or added by redirect, keeping the query", async () => {
  const app = (mode: "always" | "never") =>
    caller(
      new App().use(trailingSlashes(mode)).get("/a", (ctx) => ctx.text("a"))
        .get("/", (ctx) => ctx.text("home")),
    );
  const rows = [["never", "/a/?q=1", "/a?q=1"], ["always", "/a?q=1", "/a/?q=1"]] as const;
  for (const [mode, from, to] of rows) {
    const response = await app(mode)(from);
    assertStrictEquals(response.status, 302);
    assertStrictEquals(response.headers.get("location"), to);
    assertStrictEquals((await app(mode)(to)).status, 200);
    assertStrictEquals((await app(mode)("/")).status, 200);
  }
});

Deno.test("handlers with more than one parameter are rejected on registration", () => {
  const old = { handler: { GET: ((_req: unknown, _ctx: unknown) => new Response()) as never } };
  assertMatch(String(assertThrows(() => new App().route("/", old))), /only have one argument/);
});

Deno.test("listen serves on the given port until stopped", async () => {
  const stop = new AbortController();
  const listening = Promise.withResolvers<number>();
  const served = new App().get("/", (ctx) => ctx.text("up")).listen({
    port: 0,
    hostname: "127.0.0.1",
    signal: stop.signal,
    onListen: ({ port }) => listening.resolve(port),
  });
  const response = await fetch(`http://127.0.0.1:${await listening.promise}/`);
  assertEquals(await summary(response), [200, "up"]);
  stop.abort();
  await served;
});

Deno.test("an invalid Host is a 400 inside the middlewares, for any path", async () => {
  const handler = new App()
    .use(async (ctx) => {
      try {
        return await ctx.next();
      } catch (error) {
        assert(error instanceof HttpError);
        return new Response("seen", { status: error.status });
      }
    })
    .get("/", (ctx) => ctx.text("home"))
    .handler();
  const quiet = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const server = Deno.serve(quiet, handler);
  try {
    const connection = await Deno.connect({ port: server.addr.port, hostname: "127.0.0.1" });
    const request = "GET / HTTP/1.1\r\nHost: a b/c?d#e@f\r\nConnection: close\r\n\r\n";
    await connection.write(new TextEncoder().encode(request));
    const answer = await new Response(connection.readable).text();
    assertMatch(answer, /^HTTP\/1\.1 400 /);
    assertMatch(answer, /seen$/);
  } finally {
    await server.shutdown();
  }
});
