/**
 * The input and the results of one render.
 */
import type { ComponentChildren } from "preact";
import type { Island, IslandTable } from "../attached.ts";

/** An island that a page uses, in document order. */
export interface PlacedIsland {
  island: Island;
  props: Record<string, unknown>;
}

/** Children to render later, and the contexts around them. */
export interface Part {
  children: ComponentChildren;
  context: unknown;
}

/** One render of one page. */
export interface RenderState {
  readonly pathname: string;
  readonly search: string;
  readonly islands: IslandTable;
  /** The CSP nonce for scripts and styles, or null. */
  readonly nonce: string | null;
  /** Returns the URL of a static file, with its hash if the file is known. */
  readonly asset: (path: string) => string;
  readonly placed: PlacedIsland[];
  /** The paths that islands passed to `asset()`, and the results. The browser returns the same. */
  readonly asked: Map<string, string>;
  /** Whether rendering is inside an island. Islands in there hydrate as a part of it. */
  inIsland: boolean;
  /** Whether rendering is inside `<body>`. */
  inBody: boolean;
  sawHtml: boolean;
  sawHead: boolean;
  /** The children of `<body>`, if the page has one. */
  body: Part | null;
  /** The children of each `<Head>`, in document order. */
  readonly heads: Part[];
  /** The identities of the tags in those. */
  readonly headTags: Set<string>;
}
