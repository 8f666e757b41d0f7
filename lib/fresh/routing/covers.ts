/**
 * Decides which middlewares apply to a route. `use("/sec", guard)` covers `/sec` and everything below,
 * whatever the route's pattern looks like. Where only the request can tell (`/:page` matches `/sec`
 * too), each request is checked, so no covered path is skipped.
 */
import { parsePattern, type Segment, segmentsOf } from "./pattern.ts";

/** A path that a middleware, layout or error page is registered for. */
export interface Prefix {
  source: string;
  segments: readonly Segment[];
  /** The number of segments. Outer middlewares run first. */
  depth: number;
}

/** Makes the prefix of `path`. `*` and `/` are the root. */
export function prefixOf(path: string): Prefix {
  const segments = parsePattern(path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path);
  const last = segments.at(-1);
  // `/a/*` is `/a` and everything below.
  const kept = last?.kind === "star" || last?.kind === "rest" ? segments.slice(0, -1) : segments;
  return { source: path, segments: kept, depth: kept.length };
}

/** Whether the paths that `route` matches are at or below `prefix`. `maybe` depends on the request. */
export function covers(prefix: Prefix, route: string): "always" | "never" | "maybe" {
  const theirs = route === "*" ? parsePattern("/*") : parsePattern(route);
  for (const [index, own] of prefix.segments.entries()) {
    const their = theirs[index];
    if (their === undefined) return own.kind === "optional" ? "always" : "never";
    if (own.kind === "literal") {
      if (their.kind !== "literal") return "maybe";
      if (decoded(their.text) !== decoded(own.text)) return "never";
      continue;
    }
    if (sameSegment(own, their)) {
      if (own.kind === "one" || own.kind === "complex") continue;
      return "maybe";
    }
    if (own.kind !== "one" || (their.kind !== "literal" && their.kind !== "one")) return "maybe";
  }
  return "always";
}

function sameSegment(a: Segment, b: Segment): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Whether a request's path is at or below `prefix`. */
export function isBelow(prefix: Prefix, pathname: string): boolean {
  if (prefix.segments.some(({ kind }) => kind !== "literal" && kind !== "one")) {
    const base = prefix.source.replace(/\/\*?$/, "");
    return new URLPattern({ pathname: `${base}{/*}?` }).test({ pathname });
  }
  const path = segmentsOf(pathname);
  return prefix.segments.every((own, index) => {
    const segment = path[index];
    if (!segment) return false;
    // Compare decoded, as the handler sees it: `/%73ec` is `/sec`.
    return own.kind !== "literal" || decoded(segment) === decoded(own.text);
  });
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
