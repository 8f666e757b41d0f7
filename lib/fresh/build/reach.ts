/**
 * Finds the modules that a module can reach by imports, so that a page loads the islands that it can
 * render and no others.
 */
import { lookUp, QUOTED } from "./faces.ts";
import { fromFileUrl } from "./path.ts";
import type { DenoConfig } from "./project.ts";

/**
 * Returns a function that tells which of `targets` a module reaches, by their indexes. All URLs are of
 * files. Every quoted text counts as an import if there is such a file: a target too many costs a little
 * time, a target too few would be an island that does not respond.
 */
export function reaching(
  targets: readonly string[],
  imports: DenoConfig["imports"],
): (entry: string) => Promise<number[]> {
  const read = new Map<string, Promise<readonly string[]>>();
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
    return targets.flatMap((target, index) => visited.has(target) ? [index] : []);
  };
}

async function filesNamedIn(url: string, imports: DenoConfig["imports"]): Promise<string[]> {
  const text = await Deno.readTextFile(fromFileUrl(url)).catch(() => "");
  const named = text.matchAll(QUOTED).map(([specifier]) =>
    /^\.{0,2}\//.test(specifier) ? URL.parse(specifier, url)?.href : lookUp(specifier, imports)
  );
  return [...new Set(named)].filter((target): target is string =>
    target !== undefined && MODULE.test(target)
  );
}

const MODULE = /^file:.*\.[mc]?[jt]sx?$/;
