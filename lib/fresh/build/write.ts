/**
 * Writes a build to disk: `_fresh/` holds the files to serve, and two modules that describe them.
 */
import { dirname, isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Build } from "./build.ts";
import { readRouteFile } from "../routing/files.ts";
import type { FileEntry } from "./snapshot.ts";
import type { BuiltFile } from "./statics.ts";

/** The module that attaches a build. */
const ATTACH = new URL("./snapshot.ts", import.meta.url).href;

/** Writes a build beside the old one, then replaces it, so that a failure keeps the old one. */
export async function writeBuild(
  outDir: string,
  build: Build,
  serverEntry: string,
): Promise<void> {
  await checkReplaceable(outDir);
  const fresh = `${outDir}.new`;
  await Deno.remove(fresh, { recursive: true }).catch(() => {});
  for (const { path: name, plain, br, gzip } of build.files) {
    for (const [kind, content] of Object.entries({ static: plain, br, gzip })) {
      if (!content) continue;
      const path = join(fresh, kind, name);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeFile(path, content);
    }
  }
  await Deno.mkdir(fresh, { recursive: true });
  await Deno.writeTextFile(join(fresh, "snapshot.js"), snapshotModule(outDir, build));
  await Deno.writeTextFile(join(fresh, "server.js"), serverModule(outDir, serverEntry));
  await Deno.remove(outDir, { recursive: true }).catch(() => {});
  await Deno.rename(fresh, outDir);
}

/** Throws if the directory contains anything but a build. */
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

/** Describes a file of a build on disk. */
export function fileEntry({ plain, br, gzip, ...file }: BuiltFile): FileEntry {
  return { ...file, size: plain.byteLength, br: br?.byteLength, gzip: gzip?.byteLength };
}

function snapshotModule(
  outDir: string,
  { snapshot, files, islandSources, routeSources }: Build,
): string {
  const root = rootFrom(outDir, snapshot.root);
  // Usually the folder is in the project. The start of a server is then spared the time to load `node:url`.
  const above = /^(?:\.\.\/)+$/.test(root)
    ? `import.meta.dirname.replace(/(?:[\\\\/][^\\\\/]+){${root.length / 3}}$/, "") + "/"`
    : null;
  const load = (file: string) => `() => import(${JSON.stringify(specifierFrom(outDir, file))})`;
  const islands = snapshot.islands.map(({ name, exports, chunk }, index) =>
    `    { name: ${JSON.stringify(name)}, exports: ${JSON.stringify(exports)}, ` +
    `chunk: ${JSON.stringify(chunk)}, load: ${load(islandSources[index]!)} },\n`
  );
  // The first request needs every file but the routes (routing/fs.ts), so they need not be found one by one.
  const needed: string[] = [];
  const routes = snapshot.routes.map(({ path, eager, islands }, index) => {
    const source = routeSources[index]!;
    const isRoute = readRouteFile(path)?.kind === "route";
    if (!isRoute) {
      const specifier = JSON.stringify(specifierFrom(outDir, source));
      needed.push(`import * as file${index} from ${specifier};\n`);
    }
    return `    { path: ${JSON.stringify(path)}, eager: ${eager}, ` +
      `islands: ${JSON.stringify(islands)}, ` +
      `load: ${isRoute ? load(source) : `() => Promise.resolve(file${index})`} },\n`;
  });
  const entries = files.map((file) => `  ${JSON.stringify(fileEntry(file))},\n`);
  return `// Generated. The next build overwrites changes.
${above === null ? 'import { fileURLToPath } from "node:url";\n' : ""}import { attachDisk } from ${
    JSON.stringify(specifierFrom(outDir, ATTACH))
  };
${needed.join("")}
export const snapshot = {
  root: ${above ?? `fileURLToPath(new URL(${JSON.stringify(root)}, import.meta.url))`},
  boot: ${JSON.stringify(snapshot.boot)},
  islands: [
${islands.join("")}  ],
  routes: [
${routes.join("")}  ],
};

export const files = [
${entries.join("")}];

export const attach = (app) => attachDisk(app, snapshot, files, new URL("./", import.meta.url));
`;
}

function rootFrom(outDir: string, root: string): string {
  const specifier = specifierFrom(outDir, root);
  return specifier.endsWith("/") ? specifier : `${specifier}/`;
}

function serverModule(outDir: string, serverEntry: string): string {
  return `// Generated. The next build overwrites changes.
import { app } from ${JSON.stringify(specifierFrom(outDir, serverEntry))};
import { attach } from "./snapshot.js";

attach(app);

const handler = app.handler();

export default { fetch: (request, info) => handler(request, info) };
`;
}

/** Returns the specifier that imports `target` from a module in `dir`: a relative path for files. */
function specifierFrom(dir: string, target: string): string {
  const file = target.startsWith("file:") ? fileURLToPath(target) : target;
  if (/^[a-z]+:/.test(file) && !isAbsolute(file)) return file;
  const path = relative(dir, file).replaceAll("\\", "/").split("/").map(encodeURIComponent)
    .join("/");
  return path.startsWith(".") ? path : `./${path}`;
}
