/**
 * `fresh/dev`: builds a project, and serves it during development. Production does not need it.
 *
 * @module
 */
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { App } from "./app.ts";
import { makeBuild } from "./build/build.ts";
import type { BuildConfig } from "./build/project.ts";
import { attachDisk, attachMemory } from "./build/snapshot.ts";
import { fileEntry, writeBuild } from "./build/write.ts";
import { serveDevelopment } from "./dev/serve.ts";
import type { ListenOptions } from "./types.ts";

/** The options of `new Builder()`. Paths are relative to `root`. */
export interface BuildOptions {
  /**
   * The oldest JavaScript version to support, such as `es2022`. Deno's bundler does not translate syntax,
   * so this documents what the sources use.
   */
  target?: string | string[];
  /** The project's directory, a path or file URL. Default: the current one. */
  root?: string;
  /** Default: `_fresh`. */
  outDir?: string;
  /** One or several directories. Of files with the same name, the first wins. Default: `static`. */
  staticDir?: string | string[];
  /** Default: `islands`. */
  islandDir?: string;
  /** Default: `routes`. */
  routeDir?: string;
  /** The module that exports `app`. Default: `main.ts`. */
  serverEntry?: string;
  /** Leaves out files whose path matches. */
  ignore?: RegExp[];
}

/** The options of a build with every default filled in. */
export type ResolvedBuildConfig = BuildConfig;

/**
 * Builds a project: bundles its islands, hashes and compresses its static files, lists its routes.
 *
 * @example
 * ```ts
 * import { Builder } from "fresh/dev";
 * const builder = new Builder({ root: import.meta.dirname });
 * if (Deno.args.includes("build")) await builder.build();
 * else await builder.listen(() => import("./main.ts"));
 * ```
 */
export class Builder {
  /** The options with every default filled in. */
  readonly config: ResolvedBuildConfig;

  constructor(options: BuildOptions = {}) {
    const given = options.root ?? ".";
    const root = resolve(Deno.cwd(), given.startsWith("file:") ? fileURLToPath(given) : given);
    const statics = options.staticDir ?? "static";
    this.config = {
      root,
      outDir: resolve(root, options.outDir ?? "_fresh"),
      staticDirs: (Array.isArray(statics) ? statics : [statics]).map((dir) => resolve(root, dir)),
      islandDir: resolve(root, options.islandDir ?? "islands"),
      routeDir: resolve(root, options.routeDir ?? "routes"),
      serverEntry: resolve(root, options.serverEntry ?? "main.ts"),
      ignore: options.ignore ?? [],
    };
  }

  /**
   * Builds to `outDir`, or to memory. Returns a function that attaches the build to an app, for tests
   * and for servers that do not start from `_fresh/server.js`. Throws if islands cannot be bundled.
   */
  async build(
    { mode = "production", snapshot = "disk" }: {
      mode?: "development" | "production";
      snapshot?: "disk" | "memory";
    } = {},
  ): Promise<<State>(app: App<State>) => void> {
    const build = await makeBuild(this.config, mode);
    if (snapshot === "memory") {
      return (app) => {
        app.config.mode = mode;
        attachMemory(app, build.snapshot, build.files);
      };
    }
    const { outDir, serverEntry } = this.config;
    await writeBuild(outDir, build, serverEntry);
    const entries = build.files.map(fileEntry);
    return (app) => attachDisk(app, build.snapshot, entries, pathToFileURL(`${outDir}/`));
  }

  /**
   * Serves during development: builds in memory, then rebuilds and reloads pages when files change.
   * Run it with `deno run -A --watch`, which reloads changed modules.
   */
  listen(importApp: () => Promise<object>, options: ListenOptions = {}): Promise<void> {
    return serveDevelopment(this.config, importApp, options);
  }
}
