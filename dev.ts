/**
 * Builds (`build`, with `--stale` only what is stale), or serves with rebuild and reload on save.
 */
import { Builder } from "fresh/dev";
import { config } from "./fresh.config.ts";
import { readConfig } from "./lib/config.ts";
import { isFresh, stamp } from "./lib/build/stamp.ts";
import { writeStylesheet } from "./lib/styles/mod.ts";

const builder = new Builder(config);

if (Deno.args[0] === "build") {
  if (!Deno.args.includes("--stale") || !await isFresh(config)) {
    await writeStylesheet(config.root);
    await builder.build();
    await stamp(config);
  }
} else {
  await writeStylesheet(config.root);
  const { port, host } = readConfig((name) => Deno.env.get(name));
  await builder.listen(() => import("./main.ts"), { port, hostname: host });
}
