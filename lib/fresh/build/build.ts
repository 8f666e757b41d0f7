/**
 * Makes a build of a project in memory: bundles its islands, reads its static files, lists its routes.
 */
import { join, parse } from "node:path";
import { pathToFileURL } from "node:url";
import { readRouteFile } from "../routing/files.ts";
import { type Bundle, bundleIslands } from "./bundle.ts";
import { minifyModules } from "./minify.ts";
import { type BuildConfig, filesBelow, islandFiles, readDenoConfig } from "./project.ts";
import { reaching } from "./reach.ts";
import { islandExports, type Snapshot } from "./snapshot.ts";
import { buildStatics, type BuiltFile, readStatics, scriptFiles } from "./statics.ts";

/** A build, before it is written or attached. */
export interface Build {
  snapshot: Snapshot;
  files: BuiltFile[];
  /** The scripts of the islands. Null if there are no islands. */
  bundle: Bundle | null;
  /** The source of each island module of the snapshot. */
  islandSources: string[];
  /** The source of each route of the snapshot. */
  routeSources: string[];
}

/**
 * Makes a build of a project. Throws if islands cannot be bundled. `known` is a bundle of the same islands, from
 * the same sources.
 */
export async function makeBuild(
  config: BuildConfig,
  mode: "development" | "production",
  known: Bundle | null = null,
): Promise<Build> {
  const denoConfig = await readDenoConfig(config.root);
  checkJsx(denoConfig.compilerOptions);
  const islandSources = await islandFiles(config);
  const modules = await Promise.all(islandSources.map(async (file) => {
    const load = () => import(pathToFileURL(file).href);
    return { file, load, exports: islandExports(await load()).map(([name]) => name) };
  }));
  const used = modules.filter(({ exports }) => exports.length > 0);
  const bundle = used.length === 0 ? null : known ?? await bundleIslands(used, denoConfig, mode);
  const islandsOf = reaching(
    used.map(({ file }) => pathToFileURL(file).href),
    denoConfig.imports,
  );
  // The server's own code may hand islands to any page.
  const always = await islandsOf(pathToFileURL(config.serverEntry).href);
  const routeSources: string[] = [];
  const routes = [];
  for (const path of await filesBelow(config.routeDir, config.ignore)) {
    if (readRouteFile(path) === null) continue;
    const file = join(config.routeDir, path);
    const eager = (await Deno.readTextFile(file)).includes("routeOverride");
    const { href } = pathToFileURL(file);
    const islands = [...new Set([...always, ...await islandsOf(href)])];
    routes.push({ path, eager, islands, load: () => import(href) });
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
    bundle,
    islandSources: used.map(({ file }) => file),
    routeSources,
    snapshot: {
      root: config.root,
      boot: bundle?.boot ?? null,
      islands: used.map(({ file, exports, load }, index) => ({
        name: parse(file).name,
        exports,
        load,
        chunk: bundle!.islands[index]!,
      })),
      routes,
    },
  };
}

/** Elements that JSX must not precompile, because Fresh may change them while it renders a page. */
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
