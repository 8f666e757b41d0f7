/**
 * File names of `routes/` and what they mean: their pattern, their kind, their order.
 */

/** What a file of `routes/` is. */
export type FileKind = "route" | "app" | "layout" | "middleware" | "error" | "notFound";

const SPECIAL: Readonly<Record<string, FileKind>> = {
  _app: "app",
  _layout: "layout",
  _middleware: "middleware",
  _error: "error",
  _500: "error",
  _404: "notFound",
};

/** A file of `routes/`, read by its name. */
export interface RouteFile {
  /** Relative to `routes/`, with forward slashes. */
  path: string;
  kind: FileKind;
  /** The directory, group directories included: what scopes layouts and middlewares. `""` is the root. */
  dir: string;
  /** For routes: the file's pattern. For others: the pattern of their directory. */
  pattern: string;
}

/** Reads a file's name; null for files that are no part of the routing. Throws for names that make no pattern. */
export function readRouteFile(path: string): RouteFile | null {
  if (!/\.(tsx|jsx|ts|js)$/.test(path) || /[._]test\.\w+$/.test(path) || path.endsWith(".d.ts")) {
    return null;
  }
  const parts = path.replace(/\.\w+$/, "").split("/");
  const name = parts.pop() ?? "";
  if (parts.some((part) => /^\(_.*\)$/.test(part))) return null;
  const dir = parts.join("/");
  const kind = SPECIAL[name];
  if (kind === undefined && name.startsWith("_")) return null;
  if (kind !== undefined) return { path, kind, dir, pattern: patternOf(parts, path) };
  const named = name === "index" ? parts : [...parts, name];
  return { path, kind: "route", dir, pattern: patternOf(named, path) };
}

function patternOf(parts: readonly string[], path: string): string {
  const pattern = parts.filter((part) => !/^\(.*\)$/.test(part)).map((part) => {
    const optional = /^\[\[([^[\]]+)\]\]$/.exec(part);
    if (optional) return `{/:${checkName(optional[1]!, path)}}?`;
    const rest = /^\[\.\.\.([^[\]]+)\]$/.exec(part);
    if (rest) return `/:${checkName(rest[1]!, path)}*`;
    if (part.includes("][")) {
      throw new Error(`routes/${path}: two parameters need something between them`);
    }
    // What is no parameter is literal, whatever it means in a pattern.
    return "/" +
      part.split(/(\[[^\]]*\])/).map((piece) =>
        piece.startsWith("[")
          ? `:${checkName(piece.slice(1, -1), path)}`
          : piece.replaceAll(/[:*?+(){}\\]/g, "\\$&")
      ).join("");
  }).join("");
  return pattern === "" ? "/" : pattern;
}

function checkName(name: string, path: string): string {
  if (/^[A-Za-z_$][\w$]*$/.test(name)) return name;
  throw new Error(
    `routes/${path}: ${JSON.stringify(name)} is no name for a parameter; use letters, digits and _`,
  );
}

/** Orders files so that the more specific route is tried first: literals, `[x]`, `[[x]]`, `[...x]`. */
export function compareRouteFiles(a: RouteFile, b: RouteFile): number {
  if (a.kind !== b.kind) return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind);
  const left = rankedParts(a), right = rankedParts(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [one, other] = [left[i], right[i]];
    if (one === undefined || other === undefined) {
      // A path that ends here comes before one that goes on, unless what follows may be empty anyway.
      return one === undefined ? -1 : 1;
    }
    if (one.rank !== other.rank) return one.rank - other.rank;
    if (one.text !== other.text) return one.text < other.text ? -1 : 1;
  }
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

const ORDER: readonly FileKind[] = ["app", "middleware", "layout", "error", "notFound", "route"];

function rankedParts({ path, kind, dir }: RouteFile): { rank: number; text: string }[] {
  const whole = kind === "route" ? path.replace(/\.\w+$/, "").replace(/(^|\/)index$/, "") : dir;
  return whole.split("/").filter((part) => part !== "" && !/^\(.*\)$/.test(part)).map((text) => ({
    text,
    rank: text.startsWith("[...") ? 3 : text.startsWith("[[") ? 2 : text.includes("[") ? 1 : 0,
  }));
}
