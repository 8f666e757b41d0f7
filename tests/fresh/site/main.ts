import { App, csp, staticFiles } from "fresh";
import type { State } from "./define.ts";

/** The site: what the app does with the framework, on a small scale. */
export const app = new App<State>()
  .use(async (ctx) => {
    ctx.state.steps = ["first"];
    const response = await ctx.next();
    response.headers.set("x-after", `${response.status}`);
    return response;
  })
  .use(csp({
    useNonce: true,
    csp: ["default-src 'none'", "script-src 'unsafe-inline' 'strict-dynamic'", "style-src 'self'"],
  }))
  .use(staticFiles())
  .get("/hello/:name", (ctx) => ctx.json({ hello: ctx.params.name, path: ctx.url.pathname }))
  .post("/hello/:name", async (ctx) => ctx.text(await ctx.req.text(), { status: 202 }))
  .fsRoutes();
