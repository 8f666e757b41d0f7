/**
 * Opens the services, creates the app, and registers the cron jobs: importing this module starts them. The
 * framework imports it as the server's entry (fresh.config.ts). The one file with module state.
 */
import { createApp } from "./app.ts";
import { createLog, writeLine } from "./base/mod.ts";
import { ConfigError, readConfig } from "./config.ts";
import { LogOutput } from "./log_output.ts";
import { ListenError, serve as serveServices } from "./serve.ts";
import { openServices } from "./services.ts";
import { KvOpenError, SchemaError } from "./store/mod.ts";

/**
 * Ends the process with one line for an error that the person who started it can fix. Any other error is a
 * bug: throws it, with its stack.
 */
const refuse = (error: unknown): never => {
  const expected = [ConfigError, KvOpenError, SchemaError, ListenError].some((kind) =>
    error instanceof kind
  );
  if (!expected || !(error instanceof Error)) throw error;
  writeLine(Deno.stderr, error.message);
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

/** Serves the built app until the process is told to stop. */
export const serve = (handler: Parameters<typeof serveServices>[1]): Promise<void> =>
  serveServices(services, handler).catch(refuse);

await services.pickUp();
/** How long a cron handler may take (ms): handlers of consecutive minutes must not overlap. */
const HOLD_MS = 55_000;
// Takes over the runs of a process that died. Deno Deploy stops an app without traffic: there, this also
// keeps the app running until the next minute while it has something to record.
Deno.cron(
  "pick up active runs",
  "* * * * *",
  () =>
    services.config.onDeploy
      ? services.keepRecording(AbortSignal.timeout(HOLD_MS))
      : services.pickUp(),
);
Deno.cron("start due schedules", "* * * * *", () => services.runSchedules());
Deno.cron("delete expired data", "* * * * *", () => services.sweep());
