/**
 * Reads the file names of `routes/`: pattern, kind and order.
 */

/** The kind of a file of `routes/`. */
export type FileKind = "route" | "app" | "layout" | "middleware" | "error" | "notFound";

const SPECIAL: Readonly<Record<string, FileKind>> = {
  _app: "app",
  _layout: "layout",
  _middleware: "middleware",
  _error: "error",
  _500: "error",
  _404: "notFound",
};

/** A file of `routes/`, as its name describes it. */
export interface RouteFile {
  /** Relative to `routes/`, with forward slashes. */
  path: string;
  kind: FileKind;
  /** The directory, including groups: the scope of layouts and middlewares. `""` is the root. */
  dir: string;
  /** For routes: the file's pattern. For others: the pattern of their directory. */
  pattern: string;
}

/** Reads a file's name; null for files that are not routed. Throws if a name is not a valid pattern. */
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
    // Everything else is literal, even characters with a meaning in patterns.
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
    `routes/${path}: ${
      JSON.stringify(name)
    } is not a valid parameter name; use letters, digits and _`,
  );
}

/** Orders files so that the most specific route is tried first: literals, `[x]`, `[[x]]`, `[...x]`. */
export function compareRouteFiles(a: RouteFile, b: RouteFile): number {
  if (a.kind !== b.kind) return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind);
  const left = rankedParts(a), right = rankedParts(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [one, other] = [left[i], right[i]];
    if (one === undefined || other === undefined) {
      // A path that ends here comes before longer ones.
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
