/**
 * Taskstream: services, routes, and what keeps them running. The one file with module state.
 */
import { createApp } from "./lib/app.ts";
import { ConfigError, readConfig } from "./lib/config.ts";
import { createLog } from "./lib/log.ts";
import { SchemaError } from "./lib/kv/open.ts";
import { openServices } from "./lib/services.ts";
import { serve } from "./lib/serve.ts";

const write = (text: string) => void Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));

const services = await (async () => {
  const config = readConfig((name) => Deno.env.get(name));
  const log = createLog({ level: config.logLevel, format: config.logFormat, write });
  return await openServices(config, log);
})().catch((error) => {
  if (!(error instanceof ConfigError || error instanceof SchemaError)) throw error;
  write(error.message);
  Deno.exit(1);
});

export const app = createApp(services);

await services.pickUp();
// Runs of a process that died are taken over; where an app sleeps, this also wakes its recorders.
Deno.cron("pick up active runs", "* * * * *", () => services.pickUp());

if (import.meta.main) {
  // Built by `deno task build`; named so that the type check needs no build. Not awaited here: the
  // built server imports this module, which must have been evaluated by then.
  const built = new URL("./_fresh/server.js", import.meta.url);
  import(built.href).then(({ default: server }) => serve(services, server.fetch));
}
