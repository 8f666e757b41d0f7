/**
 * Finds the modules that a module can reach by imports, so that a page loads the islands that it can
 * render and no others.
 */
import { fileURLToPath } from "node:url";
import { lookUp, QUOTED } from "./faces.ts";
import type { DenoConfig } from "./project.ts";

/**
 * Returns a function that finds the `targets` that a module reaches, by their indexes. All URLs are of files.
 * Every quoted text counts as an import if there is such a file: a target too many costs a little time, but an
 * island with a target too few would not respond.
 */
export function reaching(
  targets: readonly string[],
  imports: DenoConfig["imports"],
): (entry: string) => Promise<number[]> {
  const read = new Map<string, Promise<readonly string[]>>();
  const passedOn = new Map<string, Promise<readonly string[]>>();
  const importsOf = (url: string) => {
    const known = read.get(url) ?? filesNamedIn(url, imports);
    read.set(url, known);
    return known;
  };
  return async (entry) => {
    const visited = new Set<string>();
    const visit = async (url: string): Promise<void> => {
      if (visited.has(url)) return;
      visited.add(url);
      await Promise.all((await importsOf(url)).map(visit));
    };
    await visit(entry);
    const found = await Promise.all(
      targets.map(async (target) =>
        [target, ...await sourcesOf(target)].some((url) => visited.has(url))
      ),
    );
    return [...found.keys()].filter((index) => found[index]);
  };
  /** The modules whose exports a target re-exports: importing one of them gives a page the same island. */
  function sourcesOf(target: string): Promise<readonly string[]> {
    const known = passedOn.get(target) ?? sourcesPassedOn(target, imports);
    passedOn.set(target, known);
    return known;
  }
}

async function sourcesPassedOn(
  url: string,
  imports: DenoConfig["imports"],
  visited = new Set<string>(),
): Promise<string[]> {
  visited.add(url);
  const text = await Deno.readTextFile(fileURLToPath(url)).catch(() => "");
  const exported = new Set(
    text.matchAll(/\bexport\s+(?:default\s+([\w$]+)|\{([^}]*)\}(?!\s*from\b))/g)
      .flatMap(([, name = "", names = ""]) => `${name} ${names}`.match(/[\w$]+/g) ?? []),
  );
  const statements = text.matchAll(
    /\b(import|export)\s+([\w$\s{},*]*?)\s*from\s*["']([^"']+)["']/g,
  );
  const sources = statements.filter(([, keyword, names = ""]) =>
    keyword === "export" || names.match(/[\w$]+/g)?.some((name) => exported.has(name))
  ).flatMap(([, , , specifier = ""]) => filesNamedBy(specifier, url, imports));
  const all: string[] = [];
  for (const source of sources) {
    if (visited.has(source)) continue;
    all.push(source, ...await sourcesPassedOn(source, imports, visited));
  }
  return all;
}

async function filesNamedIn(url: string, imports: DenoConfig["imports"]): Promise<string[]> {
  const text = await Deno.readTextFile(fileURLToPath(url)).catch(() => "");
  const named = text.matchAll(QUOTED).flatMap(([specifier]) =>
    filesNamedBy(specifier, url, imports)
  );
  return [...new Set(named)];
}

/** The URL of the file that a specifier names, if it names one. */
function filesNamedBy(
  specifier: string,
  from: string,
  imports: DenoConfig["imports"],
): string[] {
  const url = /^(?:\.{0,2}\/|file:)/.test(specifier)
    ? URL.parse(specifier, from)?.href
    : lookUp(specifier, imports);
  return url !== undefined && MODULE.test(url) ? [url] : [];
}

const MODULE = /^file:.*\.[mc]?[jt]sx?$/;
