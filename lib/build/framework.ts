/**
 * Where Fresh and the standard library come from: npm alone, with `lib/fresh` and `lib/std` in their
 * place, or JSR. What decides is the import map of `deno.json`, and `deno task fresh` changes it there:
 * Deno, Fresh's builder, tests that start processes and `deno deploy` all find that file by themselves,
 * while a flag would have to be handed to each of them.
 */
import { join } from "node:path";

/** The two places that the names can resolve to. */
export type Source = "npm" | "jsr";

/** The versions on JSR that the app was tried with. */
const VERSIONS = {
  "@fresh/core": "2.3.3",
  "@std/assert": "1.0.19",
  "@std/http": "1.1.3",
  "@std/jsonc": "1.0.2",
  "@std/testing": "1.0.20",
} as const;

/** Name → what it is in the project, and its package and path on JSR. */
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

/** What is left alone: without lib/fresh under its name, its own tests make no sense. */
const EXCLUDED: Readonly<Record<Source, string>> = {
  npm: '"exclude": ["_fresh", "data"]',
  jsr: '"exclude": ["_fresh", "data", "lib/fresh", "tests/lib/fresh"]',
};

const COMMENT = "deno.json with what JSR has from JSR, at the versions that it was tried with: " +
  Object.entries(VERSIONS).map(([name, version]) => `${name} ${version}`).join(", ") +
  ". Made by: deno task fresh sync";

/** What a name resolves to. */
export function targetOf(name: string, source: Source): string | undefined {
  const known = NAMES[name];
  if (known === undefined) return undefined;
  const [local, jsr, path] = known;
  return source === "npm" ? local : `jsr:${jsr}@^${VERSIONS[jsr]}${path}`;
}

/** A name's line in the import map of deno.json. */
const entryOf = (name: string, source: Source) =>
  `${JSON.stringify(name)}: ${JSON.stringify(targetOf(name, source))}`;

/** Returns which of the two a configuration resolves to. @throws if it is neither. */
export function sourceOf(config: string): Source {
  for (const source of ["npm", "jsr"] as const) {
    if (Object.keys(NAMES).every((name) => config.includes(entryOf(name, source)))) return source;
  }
  throw new Error(
    "deno.json resolves fresh and @std/* neither to lib/ nor to JSR as its table says",
  );
}

/** The same configuration, resolving to `source`. Everything else stays as written. */
export function resolvedTo(config: string, source: Source): string {
  const from = sourceOf(config);
  return Object.keys(NAMES).reduce(
    (text, name) => text.replace(entryOf(name, from), entryOf(name, source)),
    config.replace(EXCLUDED[from], EXCLUDED[source]),
  );
}

/** `deno.jsr.json`, to read and to compare with: its comment names the versions. */
export function jsrConfig(config: string): string {
  return resolvedTo(config, "jsr").replace("{\n", `{\n  "//": ${JSON.stringify(COMMENT)},\n`);
}

/**
 * Makes a checkout resolve to `source`. Each has its own lock file, which waits aside as
 * `deno.npm.lock` or `deno.jsr.lock` while the other is in force. Returns whether anything changed.
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
