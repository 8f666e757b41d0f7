/** The kit's site, built in memory by the `fresh/dev` in use. */
import { Builder } from "fresh/dev";
import { app } from "./site/main.ts";

export const ORIGIN = "http://localhost:8000";

type Handler = (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

async function make(): Promise<Handler> {
  const root = new URL("./site", import.meta.url).pathname;
  const attach = await new Builder({ root }).build({ mode: "production", snapshot: "memory" });
  attach(app);
  return app.handler();
}

let made: Promise<Handler> | undefined;

/** The site's handler; it is built once. */
export const siteHandler = (): Promise<Handler> => made ??= make();

/** What the site answers. */
export async function ask(path: string, init?: RequestInit): Promise<Response> {
  return await (await siteHandler())(new Request(ORIGIN + path, init));
}

/** The page's part inside its layouts, without what a framework marks in it. */
export function inside(html: string): string {
  const [, main = ""] = /<main[^>]*>([\s\S]*)<\/main>/.exec(html) ?? [];
  return main.replace(/<!--[^>]*-->/g, "");
}
