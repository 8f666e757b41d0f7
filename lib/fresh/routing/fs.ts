/**
 * Loads and checks the modules of `routes/`.
 */
import type { FileModule } from "../attached.ts";
import type { Layout } from "../run.ts";
import type { Middleware, PageComponent, Route, RouteHandler } from "../types.ts";
import { compareRouteFiles, readRouteFile, type RouteFile } from "./files.ts";

/** The modules of `routes/`, with everything but plain routes loaded. */
export interface FileRoutes<State> {
  app: PageComponent<State> | null;
  notFound: Route<State> | null;
  middlewares: { file: RouteFile; functions: Middleware<State>[] }[];
  layouts: { file: RouteFile; layout: Layout<State> }[];
  errors: { file: RouteFile; route: Route<State> }[];
  routes: { file: RouteFile; pattern: string; load: () => Promise<Route<State>> }[];
}

/** Loads the modules that the first request needs. Throws if one lacks the export that its name requires. */
export async function readFileRoutes<State>(
  modules: readonly FileModule[],
): Promise<FileRoutes<State>> {
  const files = modules.flatMap((module) => {
    const file = readRouteFile(module.path);
    return file === null ? [] : [{ module, file }];
  }).sort((a, b) => compareRouteFiles(a.file, b.file));
  const found: FileRoutes<State> = {
    app: null,
    notFound: null,
    middlewares: [],
    layouts: [],
    errors: [],
    routes: [],
  };
  // They are loaded at once, and read in their order.
  const loaded = files.map(({ module, file }) => {
    const load = () => module.load().then((loaded) => exportsOf(loaded, file));
    return { module, file, load: file.kind === "route" ? load : memoized(load) };
  });
  await Promise.all(loaded.map(({ file, load }) => file.kind === "route" ? null : load()));
  for (const { module, file, load } of loaded) {
    if (file.kind === "route") {
      const route = memoized(async () => readRoute<State>(await load(), file, module));
      const override = module.eager ? (await route()).config?.routeOverride : undefined;
      found.routes.push({ file, pattern: override ?? file.pattern, load: route });
      continue;
    }
    const exported = await load();
    switch (file.kind) {
      case "app":
        if (file.dir !== "") break;
        found.app = readComponent<State>(exported, file);
        break;
      case "notFound":
        if (file.dir === "") found.notFound = readRoute<State>(exported, file, module);
        break;
      case "error":
        found.errors.push({ file, route: readRoute<State>(exported, file, module) });
        break;
      case "layout":
        found.layouts.push({
          file,
          layout: {
            component: readComponent<State>(exported, file),
            config: exported.config as Layout<State>["config"],
          },
        });
        break;
      case "middleware":
        found.middlewares.push({ file, functions: readMiddlewares<State>(exported, file) });
    }
  }
  return found;
}

type Exports = Readonly<Record<string, unknown>>;

function exportsOf(loaded: unknown, file: RouteFile): Exports {
  if (typeof loaded === "object" && loaded !== null) return loaded as Exports;
  throw new Error(`routes/${file.path} is not a module`);
}

/** Keeps the first value that loads. A failed load is tried again. */
function memoized<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | null = null;
  return () =>
    loaded ??= load().catch((error) => {
      loaded = null;
      throw error;
    });
}

// The signature of a module's functions cannot be checked, only that they are functions.

function readComponent<State>(exported: Exports, file: RouteFile): PageComponent<State> {
  if (typeof exported.default === "function") return exported.default as PageComponent<State>;
  throw new Error(`routes/${file.path} has no default export that is a component`);
}

function readMiddlewares<State>(exported: Exports, file: RouteFile): Middleware<State>[] {
  const given = exported.default ?? exported.handlers ?? exported.handler;
  const functions = Array.isArray(given) ? given : [given];
  if (functions.every((fn) => typeof fn === "function")) return functions as Middleware<State>[];
  throw new Error(`routes/${file.path} exports no middleware: a function or an array of functions`);
}

function readRoute<State>(
  exported: Exports,
  file: RouteFile,
  { loadsIslands }: FileModule,
): Route<State> {
  const component = exported.default;
  const handler = exported.handlers ?? exported.handler;
  if (component === undefined && handler === undefined) {
    throw new Error(
      `routes/${file.path} exports neither a component (default) nor a handler`,
    );
  }
  if (component !== undefined && typeof component !== "function") {
    throw new Error(`routes/${file.path}: the default export is not a component`);
  }
  const route: Route<State> = {
    component: component as PageComponent<State> | undefined,
    handler: handler as RouteHandler<unknown, State> | undefined,
    config: exported.config as Route<State>["config"],
    css: exported.css as string[] | undefined,
    loadsIslands,
  };
  checkHandler(route.handler, `routes/${file.path}`);
  return route;
}

/** Throws for a handler with the signature of Fresh 1, which took the request first. */
export function checkHandler(handler: unknown, where: string): void {
  const functions = typeof handler === "function"
    ? [handler]
    : typeof handler === "object" && handler !== null
    ? Object.values(handler)
    : [];
  for (const fn of functions) {
    if (typeof fn !== "function") throw new Error(`${where}: a handler is not a function`);
    if (fn.length > 1) {
      throw new Error(
        `${where}: handlers must only have one argument, the context; the request is ctx.req`,
      );
    }
  }
}
