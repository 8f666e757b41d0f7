/**
 * Builds (`build`, with `--stale` only what is stale), or serves with rebuild and reload on save: run it with
 * `deno task dev`, see lib/build/develop.ts.
 */
import { join } from "node:path";
import { Builder } from "fresh/dev";
import { config } from "./fresh.config.ts";
import { readConfig } from "./lib/config.ts";
import { buildApp, frameworkAt, lookAtSources, readStamp, writeStamp } from "./lib/build/mod.ts";
import { watchStylesheet, writeStylesheet } from "./lib/styles/mod.ts";

const builder = new Builder(config);

if (Deno.args[0] === "build") {
  const { root, outDir } = config;
  // Read the sources before the build, so that a file saved during the build makes the next one stale.
  const framework = frameworkAt(new URL("./", import.meta.url).href, import.meta.resolve("fresh"));
  const made = await readStamp(root, outDir);
  const sources = await lookAtSources(root, made);
  const foreign = made !== null && made.framework !== framework;
  if (!Deno.args.includes("--stale") || foreign || made?.hash !== sources.hash) {
    // Neither framework removes the other's files, and each would serve them.
    if (foreign) await Deno.remove(join(root, outDir), { recursive: true });
    await writeStylesheet(root);
    await buildApp(root, outDir, () => builder.build());
    await writeStamp(root, outDir, { ...sources, framework });
  }
} else {
  await writeStylesheet(config.root);
  watchStylesheet(config.root);
  const { port, host } = readConfig((name) => Deno.env.get(name));
  // Not awaited: Deno replaces functions only once this module has been evaluated.
  void builder.listen(() => import("./lib/start.ts"), { port, hostname: host });
}
