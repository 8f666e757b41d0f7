/**
 * A build on disk: `_fresh/` with the files to serve and two modules that know everything about them.
 */
import type { Snapshot } from "./snapshot.ts";
import type { BuiltFile } from "./statics.ts";
import { dirname, join, specifierFrom } from "./path.ts";

/** Where the modules of a snapshot are. */
export interface Sources {
  /** Files by the island's or route's place in the snapshot. */
  islands: readonly string[];
  routes: readonly string[];
  serverEntry: string;
}

/** Writes a build beside the old one, then takes its place: a build that fails leaves the old one whole. */
export async function writeBuild(
  outDir: string,
  snapshot: Snapshot,
  files: readonly BuiltFile[],
  sources: Sources,
): Promise<void> {
  await checkReplaceable(outDir);
  const fresh = `${outDir}.new`;
  await Deno.remove(fresh, { recursive: true }).catch(() => {});
  for (const file of files) {
    for (
      const [kind, content] of [["static", file.plain], ["br", file.br], [
        "gzip",
        file.gzip,
      ]] as const
    ) {
      if (!content) continue;
      const path = join(fresh, kind, file.path);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeFile(path, content);
    }
  }
  await Deno.mkdir(fresh, { recursive: true });
  await Deno.writeTextFile(
    join(fresh, "snapshot.js"),
    snapshotModule(outDir, snapshot, files, sources),
  );
  await Deno.writeTextFile(join(fresh, "server.js"), serverModule(outDir, sources.serverEntry));
  await Deno.remove(outDir, { recursive: true }).catch(() => {});
  await Deno.rename(fresh, outDir);
}

/** Only what looks like a build is thrown away. */
async function checkReplaceable(outDir: string): Promise<void> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(outDir)) names.push(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (names.length > 0 && !names.includes("snapshot.js")) {
    throw new Error(
      `${outDir} is not empty and holds no build: choose another outDir or remove it`,
    );
  }
}

function snapshotModule(
  outDir: string,
  snapshot: Snapshot,
  files: readonly BuiltFile[],
  sources: Sources,
): string {
  const load = (file: string) => `() => import(${JSON.stringify(specifierFrom(outDir, file))})`;
  const islands = snapshot.islands.map(({ name, exports, chunk }, index) =>
    `    { name: ${JSON.stringify(name)}, exports: ${JSON.stringify(exports)}, ` +
    `chunk: ${JSON.stringify(chunk)}, load: ${load(sources.islands[index]!)} },\n`
  );
  const routes = snapshot.routes.map(({ path, eager }, index) =>
    `    { path: ${JSON.stringify(path)}, eager: ${eager}, load: ${
      load(sources.routes[index]!)
    } },\n`
  );
  const entries = files.map(({ path, type, hash, immutable, plain, br, gzip }) =>
    `  ${
      JSON.stringify({
        path,
        type,
        hash,
        immutable,
        size: plain.byteLength,
        br: br?.byteLength,
        gzip: gzip?.byteLength,
      })
    },\n`
  );
  return `// Made by the build; changes are lost with the next one.
import { fileURLToPath } from "node:url";

export const snapshot = {
  root: fileURLToPath(new URL(${JSON.stringify(rootFrom(outDir, snapshot.root))}, import.meta.url)),
  boot: ${JSON.stringify(snapshot.boot)},
  islands: [
${islands.join("")}  ],
  routes: [
${routes.join("")}  ],
};

export const files = [
${entries.join("")}];
`;
}

function rootFrom(outDir: string, root: string): string {
  const specifier = specifierFrom(outDir, root);
  return specifier.endsWith("/") ? specifier : `${specifier}/`;
}

function serverModule(outDir: string, serverEntry: string): string {
  const attach = specifierFrom(outDir, new URL("./snapshot.ts", import.meta.url).href);
  return `// Made by the build; changes are lost with the next one.
import { app } from ${JSON.stringify(specifierFrom(outDir, serverEntry))};
import { attachDisk } from ${JSON.stringify(attach)};
import { files, snapshot } from "./snapshot.js";

attachDisk(app, snapshot, files, new URL("./", import.meta.url));

const handler = app.handler();

export default { fetch: (request, info) => handler(request, info) };
`;
}
