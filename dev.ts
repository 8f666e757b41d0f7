/**
 * Builds (`build`, with `--stale` only what is stale), or serves with rebuild and reload on save.
 */
import { join } from "node:path";
import { config } from "./fresh.config.ts";
import { bundleServer, frameworkAt, hashSources, readStamp, writeStamp } from "./lib/build/mod.ts";

/** Imported when they are needed: `deno task start` asks for a build each time and rarely needs one. */
const tools = async () => {
  const { Builder } = await import("fresh/dev");
  const { writeStylesheet } = await import("./lib/styles/mod.ts");
  return { builder: new Builder(config), writeStylesheet };
};

if (Deno.args[0] === "build") {
  const { root, outDir } = config;
  // Before the build: what is saved while it goes on makes the next one stale.
  const hash = await hashSources(root);
  const framework = frameworkAt(root, import.meta.resolve("fresh"));
  const made = await readStamp(root, outDir);
  const foreign = made !== null && made.framework !== framework;
  if (!Deno.args.includes("--stale") || foreign || made?.hash !== hash) {
    // Each framework leaves alone what it does not know, and would serve it.
    if (foreign) await Deno.remove(join(root, outDir), { recursive: true });
    const { builder, writeStylesheet } = await tools();
    await writeStylesheet(root);
    await builder.build();
    await bundleServer(root, outDir);
    await writeStamp(root, outDir, { hash, framework });
  }
} else {
  const { readConfig } = await import("./lib/config.ts");
  const { builder, writeStylesheet } = await tools();
  await writeStylesheet(config.root);
  const { port, host } = readConfig((name) => Deno.env.get(name));
  await builder.listen(() => import("./lib/start.ts"), { port, hostname: host });
}
