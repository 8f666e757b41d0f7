/**
 * What one render knows and gathers.
 */
import type { ComponentType } from "preact";
import type { Island } from "../types.ts";
import type { Part } from "./apart.ts";

/** The islands of a build, by the function that renders them. */
export type IslandTable = ReadonlyMap<ComponentType<never>, Island>;

/** An island that a page uses, in document order. */
export interface PlacedIsland {
  island: Island;
  props: Record<string, unknown>;
}

/** One render of one page. */
export interface RenderState {
  readonly pathname: string;
  readonly search: string;
  /** Null where the build has no island. */
  readonly islands: IslandTable | null;
  /** The CSP nonce for scripts and styles, or null where nothing asked for one. */
  readonly nonce: string | null;
  /** The URL of a static file, hashed where it is known. */
  readonly asset: (path: string) => string;
  readonly placed: PlacedIsland[];
  /** What `asset()` was asked inside islands: in the browser it gives the same answers. */
  readonly asked: Map<string, string>;
  /** Rendering is inside an island: what it renders is its own, and hydrates with it. */
  inIsland: boolean;
  /** Rendering is inside `<body>`. */
  inBody: boolean;
  sawHtml: boolean;
  sawHead: boolean;
  /** The inside of `<body>`, if there is one. */
  body: Part | null;
  /** What the `<Head>`s hold, in document order. */
  readonly heads: Part[];
  /** The identities of the tags without a key among them. */
  readonly headTags: Set<string>;
}
