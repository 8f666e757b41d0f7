/**
 * The development server: builds in memory, serves, rebuilds when files change.
 *
 * `deno run --watch` restarts the process when a loaded module changes, and `--watch-hmr` only if it cannot
 * replace the functions that changed. This server watches the rest: static files, and new and removed routes
 * and islands.
 */
import { pathToFileURL } from "node:url";
import { App, listen } from "../app.ts";
import { makeBuild } from "../build/build.ts";
import { type Bundle, CLIENT_MODULES } from "../build/bundle.ts";
import { type BuildConfig, filesBelow, islandFiles, readDenoConfig } from "../build/project.ts";
import { reaching } from "../build/reach.ts";
import { attachMemory } from "../build/snapshot.ts";
import { logError } from "../routing/errors.ts";
import type { ListenOptions } from "../types.ts";
import { errorData, errorPage } from "./error_page.ts";
import { ReloadChannel } from "./reload.ts";

type Handler = (request: Request, info: Deno.ServeHandlerInfo) => Promise<Response>;

/** Builds in memory and serves. Resolves when the server ends. Pages show why a build failed. */
export async function serveDevelopment(
  config: BuildConfig,
  importApp: () => Promise<object>,
  options: ListenOptions,
): Promise<void> {
  const channel = new ReloadChannel();
  const dev = {
    get script() {
      return channel.script;
    },
    errorData: (error: unknown) => errorData(error, config.root),
    errorPage: (error: unknown, basePath: string, nonce: string | null) =>
      errorPage(error, { root: config.root, script: basePath + channel.script, nonce }),
  };
  let basePath = "";
  /** The scripts of the islands, until one of their sources changes. */
  let bundle: Bundle | null = null;
  const make = async (): Promise<Handler> => {
    try {
      const [build, module] = await Promise.all([
        makeBuild(config, "development", bundle),
        importApp(),
      ]);
      bundle = build.bundle;
      const app = appOf(module, config);
      app.config.mode = "development";
      basePath = app.config.basePath;
      attachMemory(app, build.snapshot, build.files, dev);
      return app.handler();
    } catch (error) {
      logError(error);
      return () => dev.errorPage(error, basePath, null);
    }
  };
  let handler = make();
  const watcher = watch(config, (isModule) => {
    if (isModule) bundle = null;
    handler = make();
    handler.then(() => channel.announce());
  });
  const replaced = async (url: string) => {
    if (await isOfIslands(url, config)) {
      bundle = null;
      handler = make();
      await handler;
    }
    channel.announce({ isRestarting: false });
  };
  const onReplaced = (event: Event) => {
    if (event instanceof CustomEvent) replaced(event.detail.path).catch(logError);
  };
  addEventListener("hmr", onReplaced);
  try {
    await handler;
    await listen(
      async (request, info) =>
        channel.answer(request, basePath) ?? await (await handler)(request, info),
      basePath,
      options,
    );
  } finally {
    removeEventListener("hmr", onReplaced);
    watcher.close();
    channel.close();
  }
}

function appOf(module: object, config: BuildConfig): App<unknown> {
  if ("app" in module && module.app instanceof App) return module.app;
  throw new Error(`${config.serverEntry} exports no app: export const app = new App()`);
}

/** Whether a module is part of a page's scripts. */
async function isOfIslands(url: string, config: BuildConfig): Promise<boolean> {
  const { imports } = await readDenoConfig(config.root);
  const reach = reaching([url], imports);
  const islands = (await islandFiles(config)).map((file) => pathToFileURL(file).href);
  const reached = await Promise.all([...CLIENT_MODULES, ...islands].map(reach));
  return reached.some(({ length }) => length > 0);
}

/** Time for an editor to finish writing (ms). */
const SETTLE_MS = 50;

/**
 * Calls `changed` when a static file changes, or a route or island is added or removed. `--watch` handles
 * changed modules: this process has loaded the old ones.
 */
function watch(config: BuildConfig, changed: (isModule: boolean) => void): { close(): void } {
  const modules = [config.islandDir, config.routeDir];
  const dirs = [...config.staticDirs, ...modules].filter(isDirectory);
  if (dirs.length === 0) return { close: () => {} };
  const watcher = Deno.watchFs(dirs);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let statics = false;
  const names = async () =>
    JSON.stringify(await Promise.all(modules.map((dir) => filesBelow(dir, config.ignore))));
  const settled = async () => {
    const now = await names();
    const isModule = now !== known;
    if (!statics && !isModule) return;
    known = now;
    statics = false;
    changed(isModule);
  };
  let known = "";
  const follow = async () => {
    known = await names();
    for await (const event of watcher) {
      if (event.kind === "access" || event.kind === "other") continue;
      statics ||= event.paths.some((path) => config.staticDirs.some((dir) => path.startsWith(dir)));
      clearTimeout(timer);
      timer = setTimeout(() => settled().catch(logError), SETTLE_MS);
    }
  };
  follow().catch(logError);
  return {
    close: () => {
      clearTimeout(timer);
      watcher.close();
    },
  };
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
