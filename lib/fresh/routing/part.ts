/**
 * The parts of a chain: middlewares, error boundaries, layouts and the app wrapper, each with the
 * place it applies to.
 */
import type { Layout, Wrappers } from "../run.ts";
import type { Middleware, PageComponent } from "../types.ts";
import { covers, isBelow, type Prefix, prefixOf } from "./covers.ts";
import { segmentsOf } from "./pattern.ts";

/** The place of a file: a call of `fsRoutes()`, and the directory below `routes/`, including groups. */
export interface Place {
  mount: number;
  dir: string;
}

/** The depth of a part: by path, then by directory (a group adds one). */
export interface Level {
  depth: number;
  dirs: number;
}

/** A middleware, boundary, layout or wrapper that applies to a path and everything below it. */
export interface Part<State> extends Level {
  prefix: Prefix;
  /** Set for parts from files. */
  place: Place | null;
  /** The order within a level: boundaries before middlewares. */
  rank: number;
  middleware?: Middleware<State>;
  boundary?: Middleware<State>;
  layout?: Layout<State>;
  app?: PageComponent<State>;
}

/** Makes a part for a path. */
export function makePart<State>(
  path: string,
  place: Place | null,
  what: Pick<Part<State>, "middleware" | "boundary" | "layout" | "app">,
): Part<State> {
  const prefix = prefixOf(path);
  const groups = place === null ? 0 : place.dir.split("/").filter(isGroup).length;
  return {
    prefix,
    place,
    depth: prefix.depth,
    dirs: prefix.depth + groups,
    rank: what.boundary ? 0 : 1,
    ...what,
  };
}

const isGroup = (name: string) => name.startsWith("(") && name.endsWith(")");

/** Lists a route's levels below the root: its directories or, without a file, the parts of its path. */
export function levelsOf(route: string, place: Place | null, basePath: string): Level[] {
  const root = prefixOf(basePath || "/").depth;
  const names = place === null
    ? segmentsOf(route).slice(root)
    : place.dir.split("/").filter((name) => name !== "");
  let depth = root;
  return names.map((name, at) => {
    if (place === null || !isGroup(name)) depth++;
    return { depth, dirs: root + at + 1 };
  });
}

/** Whether a part applies to a route. File routes have a place. */
export function appliesTo<State>(
  part: Part<State>,
  route: string,
  place: Place | null,
): "always" | "never" | "maybe" {
  if (part.place === null) return covers(part.prefix, route);
  if (place !== null) {
    const { mount, dir } = part.place;
    const inside = mount === place.mount &&
      (dir === "" || place.dir === dir || place.dir.startsWith(`${dir}/`));
    return inside ? "always" : "never";
  }
  // A group has no path of its own: its parts apply to its files only.
  return part.place.dir.split("/").some(isGroup) ? "never" : covers(part.prefix, route);
}

/** Whether a part belongs to the app's root. Requests without a route run only those. */
export function isAtRoot<State>(part: Part<State>, basePath: string): boolean {
  return part.depth <= prefixOf(basePath || "/").depth && part.dirs === part.depth;
}

/** Makes a part's step. A part that applies to some requests only checks the path first. */
export function stepOf<State>(
  part: Part<State>,
  when: "always" | "maybe",
): Middleware<State> | null {
  const run = part.boundary ?? part.middleware;
  if (!run) return null;
  if (when === "always") return run;
  return (ctx) =>
    isBelow(part.prefix, ctx.url.pathname.replace(/\/{2,}/g, "/")) ? run(ctx) : ctx.next();
}

/** Selects the wrappers of a route's pages from the parts of its chain. */
export function wrappersOf<State>(parts: readonly Part<State>[]): Wrappers<State> {
  return {
    app: parts.findLast((part) => part.app)?.app ?? null,
    layouts: parts.filter((part) => part.layout)
      .toSorted((a, b) => a.depth - b.depth || a.dirs - b.dirs)
      .map((part) => part.layout!),
  };
}

/** Selects the wrappers of pages rendered at a level: its own and those further out. */
export function wrappersAt<State>(parts: readonly Part<State>[], at: Level): Wrappers<State> {
  return wrappersOf(
    parts.filter((part) =>
      part.depth < at.depth || (part.depth === at.depth && part.dirs <= at.dirs)
    ),
  );
}
