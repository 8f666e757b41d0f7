/**
 * `Builder`: makes a build of a project, on disk or in memory.
 */
import type { App } from "../app.ts";
import type { ListenOptions } from "../types.ts";
import { serveDevelopment } from "../dev/serve.ts";
import { readRouteFile } from "../routing/files.ts";
import { bundleIslands } from "./bundle.ts";
import { minifyModules } from "./minify.ts";
import { fromFileUrl, join, resolve, stem, toFileUrl } from "./path.ts";
import { type BuildConfig, filesBelow, islandFiles, readDenoConfig } from "./project.ts";
import { attachDisk, attachMemory, islandExports, type Snapshot } from "./snapshot.ts";
import { buildStatics, type BuiltFile, readStatics, scriptFiles } from "./statics.ts";
import { writeBuild } from "./write.ts";

/** What `new Builder()` takes; paths are relative to `root`. */
export interface BuildOptions {
  /**
   * The oldest JavaScript that browsers are expected to know, such as `es2022`. Deno's bundler emits
   * the syntax it is given, so this is a promise of the sources, not a translation.
   */
  target?: string | string[];
  /** The project's directory, a path or file URL. Default: the current one. */
  root?: string;
  /** Default: `_fresh`. */
  outDir?: string;
  /** One or several; of files with the same name the first directory's counts. Default: `static`. */
  staticDir?: string | string[];
  /** Default: `islands`. */
  islandDir?: string;
  /** Default: `routes`. */
  routeDir?: string;
  /** The module that exports `app`. Default: `main.ts`. */
  serverEntry?: string;
  /** Files whose path matches are left out. */
  ignore?: RegExp[];
}

/** The options of a build with every default filled in. */
export type ResolvedBuildConfig = BuildConfig;

/** Everything a build made, before it is written or attached. */
export interface Build {
  snapshot: Snapshot;
  files: BuiltFile[];
  islandSources: string[];
  routeSources: string[];
}

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
    const root = resolve(Deno.cwd(), given.startsWith("file:") ? fromFileUrl(given) : given);
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
   * Builds, to `outDir` unless told `memory`. Returns what attaches the build to an app, for tests and
   * for servers that do not start from `_fresh/server.js`. Throws where islands cannot be bundled.
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
    await writeBuild(outDir, build.snapshot, build.files, {
      islands: build.islandSources,
      routes: build.routeSources,
      serverEntry,
    });
    const entries = build.files.map(({ plain, br, gzip, ...file }) => ({
      ...file,
      size: plain.byteLength,
      br: br?.byteLength,
      gzip: gzip?.byteLength,
    }));
    return (app) => attachDisk(app, build.snapshot, entries, toFileUrl(`${outDir}/`));
  }

  /**
   * The development server: builds in memory, serves, rebuilds and reloads pages when files change.
   * Run it with `deno run -A --watch`, so that changed modules are loaded anew.
   */
  listen(
    importApp: () => Promise<object>,
    options: ListenOptions = {},
  ): Promise<void> {
    return serveDevelopment(this.config, importApp, options);
  }
}

/** Makes a build of a project without writing it anywhere. */
export async function makeBuild(
  config: BuildConfig,
  mode: "development" | "production",
): Promise<Build> {
  const denoConfig = await readDenoConfig(config.root);
  checkJsx(denoConfig.compilerOptions);
  const islandSources = await islandFiles(config);
  const modules = await Promise.all(islandSources.map(async (file) => {
    const load = () => import(toFileUrl(file).href);
    return { file, load, exports: islandExports(await load()).map(([name]) => name) };
  }));
  const used = modules.filter(({ exports }) => exports.length > 0);
  const bundle = used.length === 0 ? null : await bundleIslands(used, denoConfig, mode);
  const routeSources: string[] = [];
  const routes = [];
  for (const path of await filesBelow(config.routeDir, config.ignore)) {
    if (readRouteFile(path) === null) continue;
    const file = join(config.routeDir, path);
    const eager = (await Deno.readTextFile(file)).includes("routeOverride");
    routes.push({ path, eager, load: () => import(toFileUrl(file).href) });
    routeSources.push(file);
  }
  const compress = mode === "production";
  const statics = await readStatics(config.staticDirs, config.ignore);
  const files = [
    ...await buildStatics(compress ? await minifyModules(statics) : statics, compress),
    ...await scriptFiles(bundle?.scripts ?? new Map(), compress),
  ];
  return {
    files,
    islandSources: used.map(({ file }) => file),
    routeSources,
    snapshot: {
      root: config.root,
      boot: bundle?.boot ?? null,
      islands: used.map(({ file, exports, load }, index) => ({
        name: stem(file),
        exports,
        load,
        chunk: bundle!.islands[index]!,
      })),
      routes,
    },
  };
}

/** Elements that must stay visible while a page is rendered: the framework changes or looks for them. */
const VISIBLE = [
  "a",
  "img",
  "source",
  "body",
  "html",
  "head",
  "title",
  "meta",
  "script",
  "link",
  "style",
  "base",
  "noscript",
  "template",
];

function checkJsx({ jsx, jsxPrecompileSkipElements }: Record<string, unknown>): void {
  if (jsx !== "precompile") return;
  const given: unknown[] = Array.isArray(jsxPrecompileSkipElements)
    ? jsxPrecompileSkipElements
    : [];
  const missing = VISIBLE.filter((name) => !given.includes(name));
  if (missing.length === 0) return;
  throw new Error(
    `deno.json: compilerOptions.jsxPrecompileSkipElements lacks ${missing.join(", ")}`,
  );
}
