/**
 * `app.listen()`: `Deno.serve` on the first free port.
 */
import type { ListenOptions } from "./types.ts";

const FIRST_PORT = 8000, LAST_PORT = 8019;

/** Serves until the server ends. Without a port, tries 8000 to 8019. Throws `AddrInUse` where none is free. */
export async function listen(
  handler: (request: Request, info: Deno.ServeHandlerInfo) => Promise<Response>,
  basePath: string,
  options: ListenOptions,
): Promise<void> {
  const onListen = options.onListen ?? ((address: Deno.NetAddr) => announce(address, basePath));
  for (let port = options.port ?? FIRST_PORT;; port++) {
    try {
      return await Deno.serve({ ...options, port, onListen }, handler).finished;
    } catch (error) {
      const more = options.port === undefined && port < LAST_PORT;
      if (!(more && error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

function announce({ hostname, port }: Deno.NetAddr, basePath: string): void {
  const host = hostname === "0.0.0.0" || hostname === "::" ? "localhost" : hostname;
  const text = `Fresh is ready at http://${host}:${port}${basePath}/\n`;
  Deno.stdout.write(new TextEncoder().encode(text)).catch(() => {});
}
