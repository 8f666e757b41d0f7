/** Content-Security-Policy: the header on every kind of response. */
import { assert, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { App, csp, type CSPOptions, HttpError } from "fresh";
import { caller, routesHandler, withRoutes } from "./support/routes.ts";

const NAME = "content-security-policy";

async function policy(options?: CSPOptions, name = NAME): Promise<string> {
  const response = await caller(new App().use(csp(options)).get("/", (ctx) => ctx.text("x")))("/");
  return response.headers.get(name) ?? "";
}

Deno.test("the defaults are the documented ones", async () => {
  assertStrictEquals(
    await policy(),
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
      "font-src 'self'; img-src 'self' data:; media-src 'self' data: blob:; worker-src 'self' blob:; " +
      "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; " +
      "frame-ancestors 'none'; upgrade-insecure-requests",
  );
});

Deno.test("own directives replace the default of the same name, and others are added", async () => {
  const text = await policy({ csp: ["img-src *", "require-trusted-types-for 'script'"] });
  assertMatch(text, /; img-src \*; /);
  assertNotMatch(text, /img-src 'self'/);
  assertMatch(text, /; require-trusted-types-for 'script'$/);
});

Deno.test("reporting", async () => {
  const only = await policy({ reportOnly: true }, `${NAME}-report-only`);
  assertMatch(only, /^default-src/);
  const response = await caller(
    new App().use(csp({ reportTo: "/reports" })).get("/", (ctx) => ctx.text("x")),
  )("/");
  assertMatch(response.headers.get(NAME) ?? "", /report-to csp-endpoint; report-uri \/reports$/);
  assertStrictEquals(response.headers.get("reporting-endpoints"), 'csp-endpoint="/reports"');
});

Deno.test("with nonces no response allows inline code, rendered or not", async () => {
  const app = new App()
    .use(csp({ useNonce: true, csp: ["script-src 'unsafe-inline' 'strict-dynamic'"] }))
    .get("/page", (ctx) => ctx.render(<script>1</script>))
    .get("/html", (ctx) => ctx.html("<script>alert(1)</script>"))
    .get("/json", (ctx) => ctx.json({}))
    .get("/raw", () => Response.redirect("http://localhost/"))
    .get("/thrown", () => {
      throw new HttpError(403);
    })
    .get("/bug", () => {
      throw new Error("bug");
    });
  const call = caller(app);
  const nonces = new Set<string>();
  for (const path of ["/page", "/page", "/html", "/json", "/raw", "/thrown", "/bug", "/none"]) {
    const response = await call(path);
    const text = response.headers.get(NAME) ?? "";
    assertNotMatch(text, /unsafe-inline/, path);
    const nonce = /script-src 'nonce-(\w+)' 'strict-dynamic'/.exec(text)?.[1];
    const body = await response.text();
    assertStrictEquals(nonce !== undefined && body.includes(nonce), path === "/page", path);
    if (path === "/page") nonces.add(nonce!);
  }
  assertStrictEquals(nonces.size, 2);
});

Deno.test("an error page made outside the middlewares has the policy and its nonce", async () => {
  const call = caller(withRoutes(new App().use(csp({ useNonce: true })).fsRoutes(), {
    "_error.tsx": { default: () => <script src="/x.js" /> },
  }));
  const response = await call("/none");
  assertStrictEquals(response.status, 404);
  const nonce = /'nonce-(\w+)'/.exec(response.headers.get(NAME) ?? "")?.[1];
  assert((await response.text()).includes(`nonce="${nonce}"`));
});

Deno.test("no policy is set unless requested", async () => {
  const response = await routesHandler({ "index.tsx": { default: () => <p /> } })("/");
  assertStrictEquals(response.headers.get(NAME), null);
});
