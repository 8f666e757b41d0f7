/**
 * Reads a project: its files and its deno.json.
 */
import { parse } from "@std/jsonc";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The options of a build, resolved. */
export interface BuildConfig {
  /** Absolute path of the project. */
  root: string;
  outDir: string;
  staticDirs: string[];
  islandDir: string;
  routeDir: string;
  serverEntry: string;
  ignore: RegExp[];
}

/** Lists every file below `dir`: relative paths, sorted. A missing directory has none. */
export async function filesBelow(dir: string, ignore: readonly RegExp[] = []): Promise<string[]> {
  const found: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for await (const entry of Deno.readDir(join(dir, below))) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (ignore.some((pattern) => pattern.test(join(dir, path)))) continue;
      const isDirectory = entry.isSymlink
        ? (await Deno.stat(join(dir, path))).isDirectory
        : entry.isDirectory;
      if (isDirectory) await walk(path);
      else found.push(path);
    }
  };
  try {
    await walk("");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) || found.length > 0) throw error;
  }
  return found.sort();
}

const MODULE = /\.(tsx|jsx|ts|js)$/;
const TEST = /[._]test\.\w+$/;

/** Lists the island modules: those below the island directory and every `(_islands)`. */
export async function islandFiles(config: BuildConfig): Promise<string[]> {
  const isModule = (path: string) =>
    MODULE.test(path) && !TEST.test(path) && !path.endsWith(".d.ts");
  const own = (await filesBelow(config.islandDir, config.ignore)).filter(isModule)
    .map((path) => join(config.islandDir, path));
  const routed = (await filesBelow(config.routeDir, config.ignore))
    .filter((path) => isModule(path) && path.split("/").slice(0, -1).includes("(_islands)"))
    .map((path) => join(config.routeDir, path));
  return [...own, ...routed];
}

/** The members of deno.json that the bundler needs. */
export interface DenoConfig {
  /** Absolute path of the file, or null if there is none. */
  path: string | null;
  imports: Record<string, string>;
  scopes: Record<string, Record<string, string>>;
  compilerOptions: Record<string, unknown>;
  lock: string | null;
}

/** Reads the nearest deno.json at or above the project's root. Makes paths in its import map URLs. */
export async function readDenoConfig(root: string): Promise<DenoConfig> {
  for (let dir = root;;) {
    const path = join(dir, "deno.json");
    const text = await Deno.readTextFile(path).catch(() => null);
    if (text !== null) return parseConfig(path, dir, text);
    const above = fileURLToPath(new URL("..", pathToFileURL(`${dir}/`)));
    if (above === dir || above === `${dir}/`) break;
    dir = above.replace(/(.)\/$/, "$1");
  }
  return { path: null, imports: {}, scopes: {}, compilerOptions: {}, lock: null };
}

async function parseConfig(path: string, dir: string, text: string): Promise<DenoConfig> {
  const parsed = parse(text);
  if (!isRecord(parsed)) throw new Error(`${path} is not an object`);
  const base = pathToFileURL(`${dir}/`);
  const scopes = isRecord(parsed.scopes) ? parsed.scopes : {};
  const lock = join(dir, "deno.lock");
  const hasLock = await Deno.stat(lock).then(() => true, () => false);
  return {
    path,
    imports: absolute(parsed.imports, base),
    scopes: Object.fromEntries(
      Object.entries(scopes).map((
        [scope, imports],
      ) => [new URL(scope, base).href, absolute(imports, base)]),
    ),
    compilerOptions: isRecord(parsed.compilerOptions) ? parsed.compilerOptions : {},
    lock: hasLock ? lock : null,
  };
}

function absolute(imports: unknown, base: URL): Record<string, string> {
  if (!isRecord(imports)) return {};
  return Object.fromEntries(
    Object.entries(imports).map(([name, target]) => {
      const text = String(target);
      return [name, /^\.{0,2}\//.test(text) ? new URL(text, base).href : text];
    }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
