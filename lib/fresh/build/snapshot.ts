/**
 * The description of a build, and how it is attached to an app.
 */
import type { ComponentType } from "preact";
import { type App, attach } from "../app.ts";
import type { BootChunks, Chunk, Development, FileModule, Island } from "../attached.ts";
import { assetUrls } from "../client/boot.ts";
import { diskBodies, memoryBody } from "../files/bodies.ts";
import { type StaticBody, type StaticFile, tableOf } from "../files/table.ts";
import type { BuiltFile } from "./statics.ts";

/** A static file of a build on disk. Sizes are in bytes. */
export interface FileEntry {
  path: string;
  type: string;
  hash: string;
  immutable: boolean;
  size: number;
  br?: number;
  gzip?: number;
}

/** The islands of one module. */
export interface IslandEntry {
  /** The file's name, for messages. */
  name: string;
  exports: readonly string[];
  chunk: Chunk;
  load: () => Promise<unknown>;
}

/** A file of `routes/`, and the islands that it can render, by their indexes. */
export interface RouteEntry extends FileModule {
  islands: readonly number[];
}

/** The description of a build. */
export interface Snapshot {
  root: string;
  boot: BootChunks | null;
  islands: readonly IslandEntry[];
  routes: readonly RouteEntry[];
}

/** Attaches a build whose files are in memory. */
export function attachMemory<State>(
  app: App<State>,
  snapshot: Snapshot,
  files: readonly BuiltFile[],
  dev: Development | null = null,
): void {
  const table = new Map<string, StaticFile>();
  for (const { path, type, hash, immutable, plain, br, gzip } of files) {
    table.set(path, {
      type,
      hash,
      immutable,
      plain: memoryBody(`"${hash}"`, plain),
      ...(br ? { br: memoryBody(`"${hash}-br"`, br) } : {}),
      ...(gzip ? { gzip: memoryBody(`"${hash}-gzip"`, gzip) } : {}),
    });
  }
  attachFiles(app, snapshot, table, dev);
}

/** Attaches a build whose files are below `outDir`. */
export function attachDisk<State>(
  app: App<State>,
  snapshot: Snapshot,
  files: readonly FileEntry[],
  outDir: URL,
): void {
  const bodies = diskBodies();
  const table = new Map<string, StaticFile>();
  for (const { path, type, hash, immutable, size, br, gzip } of files) {
    const body = (kind: string, etag: string, length: number): StaticBody =>
      bodies(
        etag,
        new URL(kind + path.split("/").map(encodeURIComponent).join("/"), outDir),
        length,
      );
    table.set(path, {
      type,
      hash,
      immutable,
      plain: body("static", `"${hash}"`, size),
      ...(br === undefined ? {} : { br: body("br", `"${hash}-br"`, br) }),
      ...(gzip === undefined ? {} : { gzip: body("gzip", `"${hash}-gzip"`, gzip) }),
    });
  }
  attachFiles(app, snapshot, table, null);
}

function attachFiles<State>(
  app: App<State>,
  snapshot: Snapshot,
  files: ReadonlyMap<string, StaticFile>,
  dev: Development | null,
): void {
  app.config.root = snapshot.root;
  const table = tableOf(files);
  // Outside of a render (handlers, async components), the last attached build answers.
  assetUrls.of = (path) => {
    const url = table.urlOf(path);
    return url === null ? path : app.config.basePath + url;
  };
  const islands = new Map<ComponentType<never>, Island>();
  const loadIslands = (entries: readonly IslandEntry[]) =>
    Promise.all(entries.map((entry) => loadIsland(entry, islands)));
  attach(app, {
    islands,
    loadIslands: () => loadIslands(snapshot.islands),
    boot: snapshot.boot,
    prepared: new Map(),
    files: table,
    routes: snapshot.routes.map(({ islands, load, ...route }) => ({
      ...route,
      load: async () => {
        const entries = snapshot.islands.filter((_, index) => islands.includes(index));
        const [module] = await Promise.all([load(), loadIslands(entries)]);
        return module;
      },
      loadsIslands: true,
    })),
    dev,
  });
}

/** Loads an island's module: rendering recognizes islands by their functions. */
async function loadIsland(
  { name: file, exports, chunk, load }: IslandEntry,
  table: Map<ComponentType<never>, Island>,
): Promise<void> {
  for (const [exportName, fn] of islandExports(await load())) {
    if (!exports.includes(exportName)) continue;
    const name = exportName === "default" ? file : `${file}.${exportName}`;
    table.set(fn, { name, exportName, fn, url: chunk.url, chunks: chunk.chunks });
  }
}

/** Lists the islands of a module: the functions it exports. */
export function islandExports(module: unknown): [string, Island["fn"]][] {
  if (typeof module !== "object" || module === null) return [];
  return Object.entries(module).filter(([, value]) => typeof value === "function");
}
