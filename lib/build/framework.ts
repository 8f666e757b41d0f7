/**
 * Switches the source of Fresh and the standard library: JSR, or npm alone, with `lib/fresh` and `lib/std` in
 * their place. The import map of `deno.json` decides, and `deno task fresh` changes it. Deno, Fresh's builder,
 * tests that start processes and `deno deploy` all find that file. A flag would have to be passed to each.
 */
import { join } from "node:path";

/** The two registries that the names can resolve to. */
export type Source = "npm" | "jsr";

/** The versions on JSR that the app was tested with. */
const VERSIONS = {
  "@fresh/core": "2.3.3",
  "@std/assert": "1.0.19",
  "@std/http": "1.1.3",
  "@std/jsonc": "1.0.2",
  "@std/testing": "1.0.20",
} as const;

/** By import name: the module in the project, and the package and path on JSR. */
const NAMES: Readonly<
  Record<string, readonly [npm: string, jsr: keyof typeof VERSIONS, path: string]>
> = {
  "fresh": ["./lib/fresh/mod.ts", "@fresh/core", ""],
  "fresh/runtime": ["./lib/fresh/runtime.ts", "@fresh/core", "/runtime"],
  "fresh/dev": ["./lib/fresh/dev.ts", "@fresh/core", "/dev"],
  "@std/assert": ["./lib/std/assert.ts", "@std/assert", ""],
  "@std/http/cookie": ["./lib/std/http/cookie.ts", "@std/http", "/cookie"],
  "@std/http/etag": ["./lib/std/http/etag.ts", "@std/http", "/etag"],
  "@std/http/status": ["./lib/std/http/status.ts", "@std/http", "/status"],
  "@std/jsonc": ["./lib/std/jsonc.ts", "@std/jsonc", ""],
  "@std/testing/mock": ["./lib/std/testing/mock.ts", "@std/testing", "/mock"],
};

/** Excluded files: the tests of lib/fresh need it under the name `fresh`. */
const EXCLUDED: Readonly<Record<Source, string>> = {
  npm: '"exclude": ["_fresh", "data"]',
  jsr: '"exclude": ["_fresh", "data", "lib/fresh", "tests/lib/fresh"]',
};

const COMMENT = "deno.json with what JSR has from JSR, at the versions that it was tried with: " +
  Object.entries(VERSIONS).map(([name, version]) => `${name} ${version}`).join(", ") +
  ". Made by: deno task fresh sync";

/** The target of a name in the import map. */
export function targetOf(name: string, source: Source): string | undefined {
  const known = NAMES[name];
  if (known === undefined) return undefined;
  const [local, jsr, path] = known;
  return source === "npm" ? local : `jsr:${jsr}@^${VERSIONS[jsr]}${path}`;
}

/** A name's line in the import map of deno.json. */
const entryOf = (name: string, source: Source) =>
  `${JSON.stringify(name)}: ${JSON.stringify(targetOf(name, source))}`;

/** Returns the source that a configuration resolves to. @throws if it is neither of the two. */
export function sourceOf(config: string): Source {
  for (const source of ["npm", "jsr"] as const) {
    if (Object.keys(NAMES).every((name) => config.includes(entryOf(name, source)))) return source;
  }
  throw new Error(
    "deno.json resolves fresh and @std/* neither to lib/ nor to JSR as its table says",
  );
}

/** Changes a configuration to resolve to `source`. Everything else stays as written. */
export function resolvedTo(config: string, source: Source): string {
  const from = sourceOf(config);
  return Object.keys(NAMES).reduce(
    (text, name) => text.replace(entryOf(name, from), entryOf(name, source)),
    config.replace(EXCLUDED[from], EXCLUDED[source]),
  );
}

/** The text of `deno.jsr.json`, which is only for reference. Its comment names the versions. */
export function jsrConfig(config: string): string {
  return resolvedTo(config, "jsr").replace("{\n", `{\n  "//": ${JSON.stringify(COMMENT)},\n`);
}

/**
 * Makes a checkout resolve to `source`. Each source has its own lock file, which is named `deno.npm.lock` or
 * `deno.jsr.lock` while the other one is in use. Returns whether anything changed.
 */
export async function switchTo(root: string, source: Source): Promise<boolean> {
  const path = join(root, "deno.json");
  const config = await Deno.readTextFile(path);
  const from = sourceOf(config);
  if (from === source) return false;
  await move(join(root, "deno.lock"), join(root, `deno.${from}.lock`));
  await move(join(root, `deno.${source}.lock`), join(root, "deno.lock"));
  await Deno.writeTextFile(path, resolvedTo(config, source));
  return true;
}

async function move(from: string, to: string): Promise<void> {
  try {
    await Deno.rename(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
