/**
 * What a build gives to an app: islands, static files, file routes and the chunks to boot with.
 */
import type { StaticFiles } from "./files/table.ts";
import type { IslandTable } from "./render/state.ts";
import type { FileModule } from "./routing/fs.ts";

/** A script of the build and every chunk it imports, itself included. */
export interface Chunk {
  url: string;
  chunks: readonly string[];
}

/** The parts of a build that requests need. */
export interface Attached {
  /** The islands; null where there are none. They are loaded before the first page is rendered. */
  islands: IslandTable | null;
  /** Loads the islands' modules, once. */
  loadIslands: (() => Promise<IslandTable>) | null;
  boot: { plain: Chunk; signals: Chunk } | null;
  files: StaticFiles;
  routes: readonly FileModule[];
  /** Development: a script that reloads the page after a build. */
  devScript: string | null;
}

/** An app without a build: no islands, no static files, no file routes. */
export const UNBUILT: Attached = {
  islands: null,
  loadIslands: null,
  boot: null,
  files: { get: () => null, urlOf: () => null },
  routes: [],
  devScript: null,
};
