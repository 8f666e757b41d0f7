/**
 * Points imports of a face to the files behind it.
 *
 * A face is a module that only re-exports. The bundler keeps every file that a face names, because
 * any of them may have side effects: a page that takes one name from a face would load the code of
 * all of them, including code that only a lazily imported module uses. npm packages can declare
 * `sideEffects: false`; a project's own files cannot.
 *
 * No source is changed. Each importing module gets a scope of the import map. In it, the face's URL
 * leads to the file that defines the names, or to a smaller face with only these names.
 */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { DenoConfig } from "./project.ts";
import { hashOf } from "./statics.ts";

interface Name {
  name: string;
  as: string;
  isType: boolean;
}

/** Where an exported name comes from. The name "*" is the whole module. */
type Origin = Name & { url: string };

interface Module {
  text: string;
  /** Origins by exported name, `export *` under "*". Null if the module is not a face. */
  face: Map<string, Origin> | null;
}

/**
 * Finds the names that modules reachable from `entries` import from faces, writes smaller faces below
 * `dir`, and returns the scopes that lead to them. A project with its own scopes keeps only those.
 */
export async function leadPastFaces(
  entries: readonly string[],
  { imports, scopes: own }: Pick<DenoConfig, "imports" | "scopes">,
  dir: string,
): Promise<DenoConfig["scopes"]> {
  if (Object.keys(own).length > 0) return own;
  const scopes: DenoConfig["scopes"] = {};
  const modules = new Map<string, Promise<Module | null>>();
  const read = (url: string) => {
    if (!modules.has(url)) modules.set(url, readModule(url));
    return modules.get(url)!;
  };
  /** Follows a name through faces. Returns null if the file that defines it is not certain. */
  const trace = async (origin: Origin, above: readonly string[] = []): Promise<Origin | null> => {
    const module = await read(origin.url);
    if (module === null || above.includes(origin.url)) return null;
    if (module.face === null || origin.isType || origin.name === "*") return origin;
    const star = origin.name === "default" ? undefined : module.face.get("*");
    const next = module.face.get(origin.name) ?? (star && { ...star, name: origin.name });
    return next ? await trace({ ...next, as: origin.as }, [...above, origin.url]) : null;
  };
  const visited = new Set<string>();
  const visit = async (url: string): Promise<void> => {
    if (visited.has(url)) return;
    visited.add(url);
    const found = importsOf((await read(url))?.text ?? "", url);
    await Promise.all([...found].map(async ([key, names]) => {
      // The bundler drops an import of types only.
      if (names?.length === 0) return;
      const target = lookUp(key, imports);
      if (names === null || !(await read(target))?.face) return await visit(target);
      const origins = await Promise.all(
        names.map((name) => trace({ name, as: name, isType: false, url: target })),
      );
      if (!origins.every((origin) => origin !== null)) return await visit(target);
      const taken = origins.filter(({ isType }) => !isType);
      // Await this before reading the scope: the module's other faces add to it meanwhile.
      const smaller = await smallerFace(taken, target, dir);
      scopes[url] = { ...scopes[url], [key]: smaller };
      await Promise.all(taken.map((origin) => visit(origin.url)));
    }));
  };
  await Promise.all(entries.map(visit));
  return scopes;
}

/** Returns the URL of a module that exports only the names taken from a face. */
async function smallerFace(taken: readonly Origin[], face: string, dir: string): Promise<string> {
  const only = taken[0]?.url;
  if (only && taken.every(({ url, name, as }) => url === only && name === as)) return only;
  const text = taken.map(({ url, name, as }) =>
    `export ${name === "*" ? `* as ${as}` : `{ ${name} as ${as} }`} from ${JSON.stringify(url)};\n`
  ).join("");
  const file = join(dir, "faces", await hashOf(text) + face.slice(face.lastIndexOf(".")));
  await Deno.mkdir(join(dir, "faces"), { recursive: true });
  await Deno.writeTextFile(file, text);
  return pathToFileURL(file).href;
}

async function readModule(url: string): Promise<Module | null> {
  if (!/^file:.*\.[mc]?[jt]sx?$/.test(url)) return null;
  const text = await Deno.readTextFile(fileURLToPath(url)).catch(() => null);
  return text === null ? null : { text, face: faceOf(text, url) };
}

function faceOf(text: string, url: string): Module["face"] {
  const face = new Map<string, Origin>();
  const rest = withoutComments(text).replaceAll(
    RE_EXPORT,
    (statement, allTypes, star, as, clause, specifier) => {
      const names = star ? [{ name: "*", as: as ?? "*", isType: false }] : namesOf(clause);
      // With two stars, it is not certain which one has a name.
      if (names === null || names.some(({ as }) => face.has(as))) return statement;
      for (const { name, as, isType } of names) {
        const origin = { name, as, isType: isType || Boolean(allTypes) };
        face.set(as, { ...origin, url: new URL(specifier, url).href });
      }
      return "";
    },
  );
  return rest.trim() === "" && face.size > 0 ? face : null;
}

/**
 * Lists the names in `import { … } from` and `export { … } from`, by the key of the specifier in an
 * import map. Null if the module quotes the specifier anywhere else.
 */
function importsOf(text: string, url: string): Map<string, string[] | null> {
  const keyOf = (specifier: string) =>
    /^\.{0,2}\//.test(specifier) ? new URL(specifier, url).href : specifier;
  const quoted = Array.from(text.matchAll(QUOTED), ([specifier]) => keyOf(specifier));
  const uses = new Map<string, number>();
  for (const key of quoted) uses.set(key, (uses.get(key) ?? 0) + 1);
  const taken = new Map<string, Set<string>>();
  for (const [, allTypes, whole, clause = "", specifier = ""] of text.matchAll(STATEMENT)) {
    const key = keyOf(specifier);
    const names = namesOf(withoutComments(clause));
    if (names === null) continue;
    uses.set(key, (uses.get(key) ?? 0) - 1);
    const values = allTypes ? [] : names.filter(({ isType }) => !isType).map(({ name }) => name);
    const before = taken.get(key) ?? [];
    taken.set(key, new Set([...before, ...values, ...(whole && !allTypes ? ["default"] : [])]));
  }
  return new Map(
    Array.from(uses, ([key, left]) => [key, left === 0 ? [...taken.get(key) ?? []].sort() : null]),
  );
}

function namesOf(clause: string): Name[] | null {
  const names = clause.split(",").filter((part) => part.trim() !== "").map((part) => {
    const [, type, name, as = name] =
      /^\s*(type\s+)?([\w$]+)(?:\s+as\s+([\w$]+))?\s*$/.exec(part) ?? [];
    return name && as ? { name, as, isType: type !== undefined } : null;
  });
  return names.every((name) => name !== null) ? names : null;
}

/** Resolves a key with an import map. */
export function lookUp(key: string, imports: DenoConfig["imports"]): string {
  const matches = Object.keys(imports)
    .filter((name) => name === key || (name.endsWith("/") && key.startsWith(name)));
  const longest = matches.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? key : imports[longest] + key.slice(longest.length);
}

const withoutComments = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");

/** Quoted text that could be a specifier. */
export const QUOTED = /(?<=["'`])[^"'`\s]+(?=["'`])/g;

/** `export { a } from "./x.ts"` and `export * from "./x.ts"`. */
const RE_EXPORT =
  /\bexport\s+(type\s+)?(?:(\*)(?:\s+as\s+([\w$]+))?|\{([^{}]*)\})\s*from\s*["'](\.{1,2}\/[^"']+)["']\s*(?:;|$)/gm;

/** `import a, { b } from "x"` and `export { b } from "x"`. */
const STATEMENT =
  /\b(?:import|export)\s+(type\s+(?!from\b))?(?:([\w$]+)\s*,?\s*)?(?:\{([^{}]*)\}\s*)?from\s*["']([^"'`\s]+)["']/g;
