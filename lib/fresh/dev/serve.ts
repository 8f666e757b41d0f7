/**
 * The development server: builds in memory, serves, rebuilds when files change.
 *
 * `deno run --watch` restarts the process when a loaded module changes. This server watches the rest:
 * static files, and new and removed routes and islands.
 */
import { App, listen } from "../app.ts";
import { makeBuild } from "../build/build.ts";
import { type BuildConfig, filesBelow } from "../build/project.ts";
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
  const make = async (): Promise<Handler> => {
    try {
      const build = await makeBuild(config, "development");
      const app = appOf(await importApp(), config);
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
  const watcher = watch(config, () => {
    handler = make();
    handler.then(() => channel.announce());
  });
  try {
    await handler;
    await listen(
      async (request, info) =>
        channel.answer(request, basePath) ?? await (await handler)(request, info),
      basePath,
      options,
    );
  } finally {
    watcher.close();
    channel.close();
  }
}

function appOf(module: object, config: BuildConfig): App<unknown> {
  if ("app" in module && module.app instanceof App) return module.app;
  throw new Error(`${config.serverEntry} exports no app: export const app = new App()`);
}

/** Time for an editor to finish writing (ms). */
const SETTLE_MS = 50;

/**
 * Calls `changed` when a static file changes, or a route or island is added or removed. `--watch` handles
 * changed modules: this process has loaded the old ones.
 */
function watch(config: BuildConfig, changed: () => void): { close(): void } {
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
    if (!statics && now === known) return;
    known = now;
    statics = false;
    changed();
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
