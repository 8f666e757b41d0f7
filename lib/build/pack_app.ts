/**
 * `deno task pack [folder]`: the built app as a package for npm, as a tarball. Its command `taskstream`
 * serves the build with the Deno of npm's package `deno`, so that Node and npm are enough to run it.
 */
import { parse } from "@std/jsonc";
import { dirname, join } from "node:path";
import { filesIn, previousFiles } from "./previous.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const NAME = "taskstream";

/**
 * The server's flags for V8: it collects short-lived garbage more often, which saves memory
 * (docs/operate/deploy.md). `tests/process/permissions_test.ts` checks the files that cannot import this.
 */
export const V8_FLAGS = "--max-semi-space-size=8";

/** The server's permissions: those of the Dockerfile, but it may write to any folder that the user chooses. */
const RIGHTS = ["--allow-net", "--allow-env", "--allow-read", "--allow-write", "--allow-sys"];

/** Starts the server in the user's folder. Node has no way to become another process, so it passes signals on. */
const BIN = `#!/usr/bin/env node
const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");

const folder = dirname(require.resolve("deno/package.json"));
const installed = join(folder, process.platform === "win32" ? "deno.exe" : "deno");
// npm does not run install scripts everywhere.
const deno = existsSync(installed) ? installed : require("deno/install_api.cjs").runInstall();
const app = join(__dirname, "app");
const server = spawn(
  deno,
  ["run", "--no-prompt", "--no-lock", "--v8-flags=${V8_FLAGS}", "--config", join(app, "deno.json"), ${
  RIGHTS.map((right) => JSON.stringify(right)).join(", ")
}, join(app, "main.js")],
  { stdio: "inherit" },
);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => server.kill(signal));
server.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
server.on("exit", (code, signal) => process.exit(signal === null ? code : 1));
`;

const MAIN = `import { server, started } from "./_fresh/bundle.js";
started.serve(server.fetch);
`;

const README = `# Taskstream

A playground and task manager for Parallel's Task API.

\`\`\`sh
npx ${NAME}
\`\`\`

Open http://localhost:8000. The database is \`data/taskstream.db\` in the current folder. Environment
variables such as \`PORT\` and \`KV_PATH\` change both.
`;

/** A packed app. */
export interface PackedApp {
  readonly tarball: string;
  readonly version: string;
}

/** Writes the tarball to a folder, from the existing build. */
export async function packApp(into: string): Promise<PackedApp> {
  const config = await Deno.readTextFile(join(ROOT, "deno.json"));
  const { version, license, unstable } = parse(config) as {
    version: string;
    license: string;
    unstable: string[];
  };
  const folder = await Deno.makeTempDir();
  try {
    const root = join(folder, "package"), app = join(root, "app");
    await copyBuild(join(ROOT, "_fresh"), join(app, "_fresh"));
    const manifest = {
      name: NAME,
      version,
      description: "A playground and task manager for Parallel's Task API",
      license,
      type: "module",
      bin: { [NAME]: "bin.cjs" },
      engines: { node: ">=20" },
      dependencies: { deno: Deno.version.deno },
    };
    await Deno.writeTextFile(join(root, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    await Deno.writeTextFile(join(root, "bin.cjs"), BIN, { mode: 0o755 });
    await Deno.writeTextFile(join(root, "README.md"), README);
    await Deno.copyFile(join(ROOT, "LICENSE"), join(root, "LICENSE"));
    await Deno.writeTextFile(join(app, "main.js"), MAIN);
    await Deno.writeTextFile(join(app, "deno.json"), JSON.stringify({ unstable }));
    await Deno.mkdir(into, { recursive: true });
    const tarball = join(await Deno.realPath(into), `${NAME}-${version}.tgz`);
    const { success, stderr } = await new Deno.Command("tar", {
      args: ["-czf", tarball, "package"],
      cwd: folder,
    }).output();
    if (!success) throw new Error(`tar failed:\n${new TextDecoder().decode(stderr)}`);
    return { tarball, version };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Copies a build without source maps, which are two thirds of it, and without the files of earlier builds. */
async function copyBuild(from: string, to: string): Promise<void> {
  const previous = await previousFiles(from);
  for await (const path of filesIn(from)) {
    if (previous.has(path) || /\.map(\.(br|gz))?$/.test(path)) continue;
    await Deno.mkdir(dirname(join(to, path)), { recursive: true });
    await Deno.copyFile(join(from, path), join(to, path));
  }
}

if (import.meta.main) {
  const { tarball } = await packApp(Deno.args[0] ?? Deno.cwd());
  await Deno.stdout.write(new TextEncoder().encode(`${tarball}\n`));
}
