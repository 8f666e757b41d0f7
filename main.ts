/**
 * Taskstream: services, routes, and what keeps them running. The one file with module state.
 */
import { config as freshConfig } from "./fresh.config.ts";
import { createApp } from "./lib/app.ts";
import { BuildError, checkBuild, frameworkAt } from "./lib/build/mod.ts";
import { ConfigError, readConfig } from "./lib/config.ts";
import { createLog } from "./lib/base/mod.ts";
import { LogOutput } from "./lib/log_output.ts";
import { KvOpenError, SchemaError } from "./lib/store/mod.ts";
import { openServices } from "./lib/services.ts";
import { ListenError, serve } from "./lib/serve.ts";

/** Before the process exits: nothing may be left to be written later. */
const write = (text: string) => {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
  } catch {
    // Nobody reads it; the exit code says it too.
  }
};

/** What the person who starts it can mend is one line; anything else is a bug and shows its stack. */
const refuse = (error: unknown): never => {
  const expected = [ConfigError, KvOpenError, SchemaError, ListenError, BuildError].some((kind) =>
    error instanceof kind
  );
  if (!expected || !(error instanceof Error)) throw error;
  write(error.message);
  Deno.exit(1);
};

const services = await (async () => {
  const config = readConfig((name) => Deno.env.get(name));
  const output = new LogOutput(Deno.stderr);
  const log = createLog({
    level: config.logLevel,
    format: config.logFormat,
    write: (line) => output.write(line),
  });
  return await openServices(config, log);
})().catch(refuse);

export const app = createApp(services);

await services.pickUp();
/** A cron handler may last until shortly before the next one (ms): they never overlap. */
const HOLD_MS = 55_000;
// Runs of a process that died are taken over. Deno Deploy stops an app without traffic: there this also
// wakes the recorders, and holds the app until the next minute while they have something to record.
Deno.cron(
  "pick up active runs",
  "* * * * *",
  () =>
    services.config.onDeploy
      ? services.keepRecording(AbortSignal.timeout(HOLD_MS))
      : services.pickUp(),
);
Deno.cron("run what is due by a schedule", "* * * * *", () => services.runSchedules());
Deno.cron("remove what is kept no longer", "* * * * *", () => services.sweep());

if (import.meta.main) {
  // Built by `deno task build`; named so that the type check needs no build. Not awaited here: the
  // built server imports this module, which must have been evaluated by then.
  const built = new URL("./_fresh/server.js", import.meta.url);
  const { root, outDir } = freshConfig;
  checkBuild(root, outDir, frameworkAt(root, import.meta.resolve("fresh")))
    .then(() => import(built.href))
    .then(({ default: server }) => serve(services, server.fetch))
    .catch(refuse);
}
