/**
 * Builds (`build`, with `--stale` only what is stale), or serves with rebuild and reload on save.
 */
import { Builder } from "fresh/dev";
import { config } from "./fresh.config.ts";
import { readConfig } from "./lib/config.ts";
import { hashSources, readStamp, writeStamp } from "./lib/build/stamp.ts";
import { writeStylesheet } from "./lib/styles/mod.ts";

const builder = new Builder(config);

if (Deno.args[0] === "build") {
  const { root, outDir } = config;
  // Before the build: what is saved while it goes on makes the next one stale.
  const hash = await hashSources(root);
  if (!Deno.args.includes("--stale") || await readStamp(root, outDir) !== hash) {
    await writeStylesheet(root);
    await builder.build();
    await writeStamp(root, outDir, hash);
  }
} else {
  await writeStylesheet(config.root);
  const { port, host } = readConfig((name) => Deno.env.get(name));
  await builder.listen(() => import("./main.ts"), { port, hostname: host });
}
