/**
 * The parts of a chain: middlewares, error boundaries, layouts and the app wrapper, each with the
 * place it holds for.
 */
import type { Layout, Wrappers } from "../run.ts";
import type { Middleware, PageComponent } from "../types.ts";
import { covers, isBelow, type Prefix, prefixOf } from "./covers.ts";
import { segmentsOf } from "./pattern.ts";

/** Where a file is: which mounting of `routes/`, and its directory there, groups included. */
export interface Place {
  mount: number;
  dir: string;
}

/** How deep something is: by path, then by directory (groups add one). */
export interface Level {
  depth: number;
  dirs: number;
}

/** Something that applies to a path and what is below it. */
export interface Part<State> extends Level {
  prefix: Prefix;
  /** For parts from files. */
  place: Place | null;
  /** Within a level: boundaries before middlewares. */
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

/** The levels below the root that a route is in: its directories or, without a file, its path. */
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

/** Whether a part applies to a route, given by its pattern and, for file routes, its place. */
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
  // A group has no path of its own: it holds for its files only.
  return part.place.dir.split("/").some(isGroup) ? "never" : covers(part.prefix, route);
}

/** Whether a part belongs to the app's root, where requests without a route pass. */
export function isAtRoot<State>(part: Part<State>, basePath: string): boolean {
  return part.depth <= prefixOf(basePath || "/").depth && part.dirs === part.depth;
}

/** What a part does in a chain; one that applies to some requests only looks at the path first. */
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

/** What pages are wrapped in, given all parts of their chain. */
export function wrappersOf<State>(parts: readonly Part<State>[]): Wrappers<State> {
  return {
    app: parts.findLast((part) => part.app)?.app ?? null,
    layouts: parts.filter((part) => part.layout)
      .toSorted((a, b) => a.depth - b.depth || a.dirs - b.dirs)
      .map((part) => part.layout!),
  };
}

/** What is rendered at a part's own level is wrapped in: its layouts and those further out. */
export function wrappersAt<State>(parts: readonly Part<State>[], at: Level): Wrappers<State> {
  return wrappersOf(
    parts.filter((part) =>
      part.depth < at.depth || (part.depth === at.depth && part.dirs <= at.dirs)
    ),
  );
}
