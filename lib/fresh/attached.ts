/**
 * The parts of a build that an app answers requests with: islands, static files, file routes and
 * boot scripts.
 */
import type { ComponentType, FunctionComponent } from "preact";
import type { StaticFiles } from "./files/table.ts";

/** A script of the build and every chunk it imports, itself included. */
export interface Chunk {
  url: string;
  chunks: readonly string[];
}

/** The scripts that hydrate a page's islands, by the kinds of values in their props. */
export interface BootChunks {
  /** Plain JSON. */
  plain: Chunk;
  /** Dates, maps and other types too. */
  types: Chunk;
  /** Signals too. */
  signals: Chunk;
}

/** The boot data that pages with the same islands share. */
export interface PreparedBoot {
  /** URL of the boot script. */
  script: string;
  /** The chunks to preload, each once. */
  preloads: readonly string[];
  /** The islands' chunks in the order that the page's data refers to. */
  chunks: readonly string[];
  /** `chunks` with the base path, as JSON. */
  chunksJson: string;
}

/** An island as the build knows it. */
export interface Island extends Chunk {
  /** The name to use in messages. */
  name: string;
  /** The export of its module. */
  exportName: string;
  fn: FunctionComponent<never>;
}

/** The islands of a build, by the function that renders them. */
export type IslandTable = ReadonlyMap<ComponentType<never>, Island>;

/** A file of `routes/` and how to load it. */
export interface FileModule {
  path: string;
  load: () => Promise<unknown>;
  /** Whether its text mentions `routeOverride`; its pattern is then known only once it is loaded. */
  eager: boolean;
  /** Whether `load` also loads the islands that the file can render. */
  loadsIslands?: boolean;
}

/** Additions to responses in development. */
export interface Development {
  /** URL of the script that reloads the page after a build and shows errors. */
  script: string;
  /** Makes a readable page about an error. */
  errorPage: (error: unknown, basePath: string, nonce: string | null) => Promise<Response>;
  /** Makes the data of the error dialog on the app's own error pages. */
  errorData: (error: unknown) => unknown;
}

/** The parts of a build that requests need. */
export interface Attached {
  /** The islands that are loaded. */
  islands: IslandTable;
  /** Loads all islands, for a page whose islands the build does not know. */
  loadIslands: () => Promise<unknown>;
  boot: BootChunks | null;
  /** Prepared boot data by the islands' chunks; one entry per combination of islands. */
  prepared: Map<string, PreparedBoot>;
  files: StaticFiles;
  routes: readonly FileModule[];
  dev: Development | null;
}

/** An app without a build: no islands, no static files, no file routes. */
export const UNBUILT: Attached = {
  islands: new Map(),
  loadIslands: () => Promise.resolve(),
  boot: null,
  prepared: new Map(),
  files: { get: () => null, urlOf: () => null },
  routes: [],
  dev: null,
};
