/**
 * Serves the build of `deno task build`. With `--build`, builds first if the build is stale. The server is
 * bundled into a few files, because a process that loads them starts in half the time of one that loads
 * hundreds. Its entry is `lib/start.ts`.
 */
import { config } from "./fresh.config.ts";
import { BuildError, buildIfStale, checkBuild, frameworkAt } from "./lib/build/mod.ts";

const { root, outDir } = config;
const framework = frameworkAt(new URL("./", import.meta.url).href, import.meta.resolve("fresh"));
try {
  if (Deno.args.includes("--build")) await buildIfStale(root, outDir, framework);
  await checkBuild(root, outDir, framework);
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n`));
  Deno.exit(1);
}

// Named so that the type check needs no build.
const bundle = new URL(`./${outDir}/bundle.js`, import.meta.url);
const { started, server }: Bundle = await import(bundle.href);
started.serve(server.fetch);

/** What the bundle exports, see lib/build/bundle_server.ts. */
interface Bundle {
  readonly started: typeof import("./lib/start.ts");
  readonly server: { readonly fetch: Parameters<typeof started.serve>[0] };
}
