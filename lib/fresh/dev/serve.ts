/**
 * The development server.
 */
import { App } from "../app.ts";
import { makeBuild } from "../build/builder.ts";
import type { BuildConfig } from "../build/project.ts";
import { attachMemory } from "../build/snapshot.ts";
import { listen } from "../listen.ts";
import type { ListenOptions } from "../types.ts";

/** Builds in memory and serves. */
export async function serveDevelopment(
  config: BuildConfig,
  importApp: () => Promise<object>,
  options: ListenOptions,
): Promise<void> {
  const build = await makeBuild(config, "development");
  const module = await importApp();
  if (!("app" in module) || !(module.app instanceof App)) {
    throw new Error(`${config.serverEntry} exports no app`);
  }
  const { app } = module;
  app.config.mode = "development";
  attachMemory(app, build.snapshot, build.files);
  await listen(app.handler(), app.config.basePath, options);
}
