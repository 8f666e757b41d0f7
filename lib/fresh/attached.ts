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

/** The scripts that wake a page's islands, by what its props hold. */
export interface BootChunks {
  /** What JSON can write. */
  plain: Chunk;
  /** Dates, maps and the like. */
  types: Chunk;
  /** Those, and signals. */
  signals: Chunk;
}

/** What pages with the same islands have in common. */
export interface PreparedBoot {
  /** URL of the boot script. */
  script: string;
  /** The chunks to announce, each once. */
  preloads: readonly string[];
  /** The islands' chunks in the order that the page's data refers to. */
  chunks: readonly string[];
  /** The same as JSON. */
  chunksJson: string;
}

/** The parts of a build that requests need. */
export interface Attached {
  /** The islands; null where there are none. They are loaded before the first page is rendered. */
  islands: IslandTable | null;
  /** Loads the islands' modules, once. */
  loadIslands: (() => Promise<IslandTable>) | null;
  boot: BootChunks | null;
  /** By the islands' chunks: there are as many as kinds of pages. */
  prepared: Map<string, PreparedBoot>;
  files: StaticFiles;
  routes: readonly FileModule[];
  dev: Development | null;
}

/** What only development adds to responses. */
export interface Development {
  /** URL of the script that reloads the page after a build and shows errors. */
  script: string;
  /** A readable page about an error. */
  errorPage: (error: unknown, basePath: string, nonce: string | null) => Promise<Response>;
  /** The same as data, for pages that show an error in their own way. */
  errorData: (error: unknown) => unknown;
}

/** An app without a build: no islands, no static files, no file routes. */
export const UNBUILT: Attached = {
  islands: null,
  loadIslands: null,
  boot: null,
  prepared: new Map(),
  files: { get: () => null, urlOf: () => null },
  routes: [],
  dev: null,
};
