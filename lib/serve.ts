/**
 * Serves until the process is told to stop, then ends cleanly: recorders flushed, viewers sent
 * elsewhere, database closed.
 */
import { reasonOf } from "./log.ts";
import type { Services } from "./services.ts";

/** Longest time from the signal to the exit (ms). */
const DRAIN_MS = 5_000;

/** Listens on the configured port and resolves when the server has ended. */
export async function serve(
  services: Services,
  handler: (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>,
): Promise<void> {
  const { config, log } = services;
  const server = Deno.serve({
    port: config.port,
    hostname: config.host,
    onListen: ({ port }) => announce(config.host, port),
  }, handler);
  let stopping = false;
  const stop = () => {
    // A second signal means now.
    if (stopping) Deno.exit(130);
    stopping = true;
    Deno.unrefTimer(setTimeout(() => Deno.exit(1), DRAIN_MS));
    services.drain()
      .then(() => server.shutdown())
      .catch((error) => log("error", "shutdown failed", { reason: reasonOf(error) }));
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, stop);
  await server.finished;
  await services.close();
  // The cron keeps the process alive for ever.
  Deno.exit(0);
}

function announce(host: string, port: number): void {
  const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  Deno.stdout.writeSync(new TextEncoder().encode(`Taskstream is at http://${shown}:${port}\n`));
}
