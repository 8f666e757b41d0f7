/**
 * `deno task sse:pack [folder]`: packs lib/sse for npm, as a tarball. Deno makes the modules, the declarations
 * and `exports` from `lib/sse/deno.json`. This module adds the rest.
 */
import { join } from "node:path";

const SOURCE = join(import.meta.dirname!, "..", "sse");

/** The members of `package.json` that `deno pack` omits. */
const MANIFEST = {
  description: "Server-Sent Events: parser, encoder, reconnecting client, streams of LLM APIs",
  keywords: [
    "sse",
    "server-sent-events",
    "eventsource",
    "event-stream",
    "streaming",
    "llm",
    "fetch",
  ],
  sideEffects: false,
  engines: { node: ">=20" },
};

/** `await using` needs it, and TypeScript's `lib` has it only from ES2026 on. */
const DISPOSABLE = '/// <reference lib="esnext.disposable" />\n';

interface Packed {
  readonly tarball: string;
  /** The folder with the unpacked content. */
  readonly folder: string;
}

/** Writes the tarball to a folder, and its content to `package/` in that folder. */
export async function packSSE(into: string): Promise<Packed> {
  const made = join(into, "made.tgz");
  await run(SOURCE, Deno.execPath(), [
    "pack",
    ...["--allow-dirty", "--no-source-maps", "--output", made],
  ]);
  await run(into, "tar", ["-xzf", made]);
  await Deno.remove(made);
  const folder = join(into, "package");
  const path = join(folder, "package.json");
  const { name, version, ...rest } = JSON.parse(await Deno.readTextFile(path));
  const manifest = { name, version, ...MANIFEST, ...rest };
  await Deno.writeTextFile(path, JSON.stringify(manifest, null, 2) + "\n");
  await Deno.copyFile(join(SOURCE, "CHANGELOG.md"), join(folder, "CHANGELOG.md"));
  for await (const file of files(folder)) {
    if (!/\.(md|js|d\.ts)$/.test(file)) continue;
    const text = await Deno.readTextFile(file);
    // Examples import the library as its users do.
    const named = text
      .replace(
        /from "\.\/(?:entries\/|)(mod|tokens)\.ts"/g,
        (_, entry) => `from "${name}${entry === "mod" ? "" : `/${entry}`}"`,
      )
      .replaceAll('from "./providers/mod.ts"', `from "${name}/providers"`);
    await Deno.writeTextFile(file, file.endsWith("/leave.d.ts") ? DISPOSABLE + named : named);
  }
  const tarball = join(into, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  await run(into, "tar", ["-czf", tarball, "package"]);
  return { tarball, folder };
}

async function run(cwd: string, command: string, args: readonly string[]): Promise<void> {
  const env = { NO_COLOR: "1" };
  const { success, stderr } = await new Deno.Command(command, { cwd, args: [...args], env })
    .output();
  if (!success) throw new Error(`${command} failed:\n${new TextDecoder().decode(stderr)}`);
}

async function* files(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* files(join(folder, name));
    else yield join(folder, name);
  }
}

if (import.meta.main) {
  const into = Deno.args[0] ?? Deno.cwd();
  const folder = await Deno.makeTempDir();
  try {
    const { tarball } = await packSSE(folder);
    const target = join(into, tarball.slice(folder.length + 1));
    await Deno.mkdir(into, { recursive: true });
    await Deno.copyFile(tarball, target);
    await Deno.stdout.write(new TextEncoder().encode(target + "\n"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
