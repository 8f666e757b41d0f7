/** Dependencies are pinned, used, unique, and have suitable licences. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..");

interface Lock {
  readonly npm: Readonly<Record<string, { readonly dependencies?: readonly string[] }>>;
}

const readJson = async (name: string) => JSON.parse(await Deno.readTextFile(join(ROOT, name)));

/** The project's own sources. */
async function* sources(folder = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isDirectory) {
      if (!/^(\.|_fresh|data|node_modules)/.test(name)) yield* sources(path);
    } else if (/\.tsx?$/.test(name)) yield path;
  }
}

Deno.test("every dependency in deno.json is used, and nothing else is imported from npm", async () => {
  const { imports }: { imports: Record<string, string> } = await readJson("deno.json");
  const npm = Object.entries(imports).filter(([, to]) => to.startsWith("npm:"));
  const unused = new Set(npm.map(([name]) => name));
  const inline: string[] = [];
  for await (const path of sources()) {
    const text = await Deno.readTextFile(join(ROOT, path));
    for (const [, specifier = ""] of text.matchAll(/(?:from|import\(?)\s*"([^"]+)"/g)) {
      for (const name of unused) {
        if (specifier === name || specifier.startsWith(`${name}/`)) unused.delete(name);
      }
      if (/^(npm|jsr|https?):/.test(specifier)) inline.push(`${path}: ${specifier}`);
    }
    // What JSX compiles to.
    if (path.endsWith(".tsx")) unused.delete("preact/jsx-runtime");
  }
  assertEquals([...unused], []);
  assertEquals(inline, []);
});

Deno.test("every dependency is pinned to one version", async () => {
  const { imports }: { imports: Record<string, string> } = await readJson("deno.json");
  const versions = new Map<string, Set<string>>();
  for (const to of Object.values(imports)) {
    if (!to.startsWith("npm:")) continue;
    const [, name = "", version = ""] = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(to) ?? [];
    assertMatch(version, /^\d+\.\d+\.\d+$/, to);
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
  }
  for (const [name, found] of versions) assertStrictEquals(found.size, 1, name);
});

/** What is imported by name from the folders and files of the app, and not by tests and benchmarks alone. */
async function appImports(imports: Readonly<Record<string, string>>): Promise<string[]> {
  const found = new Set<string>();
  for await (const path of sources()) {
    if (/^(?:bench|tests|docs)\//.test(path)) continue;
    const text = await Deno.readTextFile(join(ROOT, path));
    for (const [, specifier = ""] of text.matchAll(/(?:from|import\(?)\s*"([^"]+)"/g)) {
      const to = imports[specifier];
      if (to?.startsWith("npm:")) found.add(to);
    }
  }
  return [...found];
}

Deno.test("no package of the app is locked in two versions", async () => {
  const { imports }: { imports: Record<string, string> } = await readJson("deno.json");
  const { npm }: Lock = await readJson("deno.lock");
  // `name@version`, with its peers behind an underscore; the version is left out where there is one.
  const keyOf = (wanted: string) =>
    Object.keys(npm).find((key) => key === wanted || key.startsWith(`${wanted}_`)) ??
      Object.keys(npm).find((key) => key.startsWith(`${wanted}@`));
  const open = (await appImports(imports)).map((to) =>
    /^npm:((?:@[^/]+\/)?[^/]+)/.exec(to)?.[1] ?? to
  );
  const reached = new Set<string>();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const key = keyOf(name);
    assert(key !== undefined, `${name} is not locked`);
    if (reached.has(key)) continue;
    reached.add(key);
    open.push(...npm[key]?.dependencies ?? []);
  }
  const versions = new Map<string, Set<string>>();
  for (const key of reached) {
    const [, name = "", version = ""] = /^((?:@[^/]+\/)?[^@]+)@([^_]+)/.exec(key) ?? [];
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
  }
  assert(versions.size > 10, "the app's packages were found");
  const twice = [...versions].filter(([, found]) => found.size > 1);
  assertEquals(twice, []);
});

/** Licences that permit use, modification and redistribution. */
const FREE = new Set([
  "MIT",
  "ISC",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "PSF-2.0",
]);
/** Only tests load these. */
const IN_TESTS_ONLY: Readonly<Record<string, string>> = {
  "axe-core": "MPL-2.0",
  // Of `standardwebhooks`.
  "fast-sha256": "Unlicense",
};

/** `package.json` of a locked package, from Deno's cache. */
async function manifest(cache: string, name: string, version: string) {
  for await (const registry of Deno.readDir(cache)) {
    const path = join(cache, registry.name, name, version, "package.json");
    const text = await Deno.readTextFile(path).catch(() => null);
    if (text !== null) return JSON.parse(text);
  }
  return null;
}

Deno.test("every package's licence is known and free", async (t) => {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  const { npm }: Lock = await readJson("deno.lock");
  const licences: string[] = [];
  const unknown: string[] = [];
  for (const key of Object.keys(npm)) {
    const [, name = "", version = ""] = /^((?:@[^/]+\/)?[^@]+)@([^_]+)/.exec(key) ?? [];
    const found = await manifest(npmCache, name, version);
    // Not for this system, or not loaded by anything that was run: nothing of it is shipped.
    if (found === null) continue;
    const licence = typeof found.license === "string" ? found.license : found.license?.type;
    licences.push(`${name} ${version}: ${licence}`);
    if (!FREE.has(licence) && IN_TESTS_ONLY[name] !== licence) unknown.push(`${name}: ${licence}`);
  }
  assert(licences.length > 5, "the cache was found");
  await t.step(`licences: ${licences.sort().join(", ")}`, () => assertEquals(unknown, []));
});
