/** An app whose file routes are written in the test instead of on disk. */
import { App, type FreshConfig } from "fresh";
import { attach } from "../../../../lib/fresh/app.ts";
import { UNBUILT } from "../../../../lib/fresh/attached.ts";

/** Modules by their path below `routes/`. */
export type Modules = Record<string, Record<string, unknown>>;

/** Gives an app the file routes of `modules`. */
export function withRoutes<State>(app: App<State>, modules: Modules): App<State> {
  attach(app, {
    ...UNBUILT,
    routes: Object.entries(modules).map(([path, module]) => ({
      path,
      eager: JSON.stringify(module.config ?? {}).includes("routeOverride"),
      load: () => Promise.resolve(module),
    })),
  });
  return app;
}

/** A handler of nothing but file routes. */
export function routesHandler(modules: Modules, config?: FreshConfig) {
  return caller(withRoutes(new App(config).fsRoutes(), modules));
}

/** Calls an app by path, as a browser on `http://localhost` would. */
export function caller<State>(app: App<State>) {
  const handler = app.handler();
  return (path: string, init?: RequestInit) =>
    handler(new Request(`http://localhost${path}`, init));
}

/** Status and text of a response, to compare at once. */
export async function summary(response: Response): Promise<[number, string]> {
  return [response.status, await response.text()];
}
