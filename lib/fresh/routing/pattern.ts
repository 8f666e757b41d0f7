/**
 * Path patterns in the syntax of URLPattern's pathname. Most routes consist of literals, `:name`,
 * `:name?`, `:name*` and a trailing `*`: comparing segments matches these about twenty times faster than
 * `URLPattern.exec`. URLPattern matches the rest of the syntax.
 */

/** A compiled pattern. */
export interface Pattern {
  readonly source: string;
  /** The only path it matches, if it has no parameter. */
  readonly literal: string | null;
  /** Returns the raw values of the parameters (`""` for a missing optional one), or null. */
  match(pathname: string, segments: readonly string[]): Record<string, string> | null;
}

/** One segment of a pattern. */
export type Segment =
  | { kind: "literal"; text: string }
  | { kind: "one" | "optional" | "rest" | "many"; name: string }
  | { kind: "star" }
  | { kind: "complex"; text: string };

/** Splits a pathname into segments. `/` has none. */
export function segmentsOf(pathname: string): string[] {
  return pathname === "/" || pathname === "" ? [] : pathname.slice(1).split("/");
}

/** Parses a pattern into segments. Only URLPattern can match those of kind `complex`. */
export function parsePattern(source: string): Segment[] {
  const plain = source.replaceAll(/\{\/(:[\w$]+)\}\?/g, "/$1?");
  if (plain === "*") return [{ kind: "star" }];
  return segmentsOf(plain).map((text, index, all): Segment => {
    const last = index === all.length - 1;
    if (text === "*" && last) return { kind: "star" };
    const named = /^:([A-Za-z_$][\w$]*)([?*+]?)$/.exec(text);
    if (named) {
      const [, name = "", modifier] = named;
      if (modifier === "") return { kind: "one", name };
      if (modifier === "?") return { kind: "optional", name };
      if (last) return { kind: modifier === "*" ? "rest" : "many", name };
      return { kind: "complex", text };
    }
    if (/[:*?+(){}\\]/.test(text)) return { kind: "complex", text };
    return { kind: "literal", text: encodeLiteral(text) };
  });
}

/** Compiles a pattern. Throws a `TypeError` if the syntax is wrong. */
export function compilePattern(source: string): Pattern {
  if (source !== "*" && !source.startsWith("/")) {
    throw new TypeError(`A route's path starts with "/": ${JSON.stringify(source)}`);
  }
  if (source === "*") {
    return { source, literal: null, match: (pathname) => ({ 0: pathname }) };
  }
  const parts = parsePattern(source);
  if (parts.some((part) => part.kind === "complex")) return bySyntax(source);
  if (parts.every((part) => part.kind === "literal")) {
    const literal = "/" + parts.map((part) => part.text).join("/");
    return { source, literal, match: (pathname) => pathname === literal ? {} : null };
  }
  return {
    source,
    literal: null,
    match: (_pathname, segments) => {
      const params: Record<string, string> = {};
      return matchFrom(parts, 0, segments, 0, params) ? params : null;
    },
  };
}

function matchFrom(
  parts: readonly Segment[],
  at: number,
  segments: readonly string[],
  from: number,
  params: Record<string, string>,
): boolean {
  const part = parts[at];
  const segment = segments[from];
  if (part === undefined) return segment === undefined;
  switch (part.kind) {
    case "literal":
      return segment === part.text && matchFrom(parts, at + 1, segments, from + 1, params);
    case "one":
      if (!segment) return false;
      params[part.name] = segment;
      return matchFrom(parts, at + 1, segments, from + 1, params);
    case "optional":
      if (segment) {
        params[part.name] = segment;
        if (matchFrom(parts, at + 1, segments, from + 1, params)) return true;
      }
      params[part.name] = "";
      return matchFrom(parts, at + 1, segments, from, params);
    case "rest":
    case "many": {
      const rest = segments.slice(from);
      if (rest.includes("") || (part.kind === "many" && rest.length === 0)) return false;
      params[part.name] = rest.join("/");
      return true;
    }
    case "star":
      // `/a/*` matches `/a/` and everything below, but not `/a`.
      if (segment === undefined && at > 0) return false;
      params[0] = segments.slice(from).join("/");
      return true;
    case "complex":
      return false;
  }
}

function bySyntax(source: string): Pattern {
  const pattern = new URLPattern({ pathname: source });
  return {
    source,
    literal: null,
    match: (pathname) => {
      const found = pattern.exec({ pathname });
      if (found === null) return null;
      return Object.fromEntries(
        Object.entries(found.pathname.groups).map(([name, value]) => [name, value ?? ""]),
      );
    },
  };
}

/** Encodes a literal as URLs do: `é` as `%C3%A9`. */
function encodeLiteral(text: string): string {
  // An app has a hundred of these, and a URL takes longer to make than all of their comparisons.
  return /^[\w.~-]*$/.test(text)
    ? text
    : new URL(`http://x/${text.replaceAll("#", "%23")}`).pathname.slice(1);
}
