/**
 * Serves until the process is told to stop, then shuts down cleanly: flushes recorders, sends viewers to
 * another instance, closes the database.
 */
import { type Log, reasonOf } from "./base/mod.ts";
import type { Services } from "./services.ts";

/** The longest time from the signal to the exit (ms). */
const DRAIN_MS = 5_000;
/** How long clients can take to read the end of their responses before they are disconnected (ms). */
const GRACE_MS = 1_500;

/** The configured port is unusable. The message is one line for the person who configured it. */
export class ListenError extends Error {
  override name = "ListenError";
}

/**
 * Listens on the configured port until the process is told to stop, then exits. Throws {@linkcode
 * ListenError}.
 */
export async function serve(
  services: Services,
  handler: (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>,
): Promise<void> {
  const { config, log } = services;
  const server = listen(config, handler);
  surviveUncaught(log);
  let stopping = false;
  const graceOver = Promise.withResolvers<void>();
  const stop = () => {
    // A second signal means stop now.
    if (stopping) Deno.exit(130);
    stopping = true;
    Deno.unrefTimer(setTimeout(() => Deno.exit(1), DRAIN_MS));
    services.drain()
      .then(() => {
        // Disconnect clients that do not read their response, or whose response does not end.
        Deno.unrefTimer(setTimeout(graceOver.resolve, GRACE_MS));
        return server.shutdown();
      })
      .catch((error) => log("error", "shutdown failed", { reason: reasonOf(error) }));
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, stop);
  await Promise.race([server.finished, graceOver.promise]);
  // If cut short, a create would be billed and lost.
  await services.runs.inFlight.idle();
  await services.close();
  // The cron would keep the process alive for ever.
  Deno.exit(0);
}

function listen(
  { host, port }: Services["config"],
  handler: Parameters<typeof serve>[1],
): Deno.HttpServer {
  try {
    const onListen = (address: Deno.NetAddr) => announce(host, address.port);
    return Deno.serve({ port, hostname: host, onListen }, handler);
  } catch (error) {
    throw new ListenError(whyNot(error, host, port));
  }
}

function whyNot(error: unknown, host: string, port: number): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `Port ${port} is in use: set PORT to another one, or 0 for any free one`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `Port ${port} requires privileges: set PORT to a number above 1023`;
  }
  return `HOST ${host} cannot be listened on: ${reasonOf(error)}`;
}

function announce(host: string, port: number): void {
  const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  const line = new TextEncoder().encode(`Taskstream is at http://${shown}:${port}\n`);
  // Do not wait for this, and ignore errors: a closed or full output must not stop the server.
  Deno.stdout.write(line).catch(() => {});
}

/**
 * Logs uncaught errors and unhandled rejections instead of ending the process with all its streams and
 * recordings. Call it once the process has started: a failure before that should end it.
 */
export function surviveUncaught(log: Log, target: EventTarget = globalThis): void {
  const caught = (message: string, error: unknown, event: Event) => {
    event.preventDefault();
    const stack = error instanceof Error ? error.stack : undefined;
    log("error", message, { reason: reasonOf(error), stack });
  };
  target.addEventListener("error", (event) => {
    caught("uncaught error", event instanceof ErrorEvent ? event.error : event, event);
  });
  target.addEventListener("unhandledrejection", (event) => {
    const reason = event instanceof PromiseRejectionEvent ? event.reason : event;
    caught("unhandled rejection", reason, event);
  });
}
