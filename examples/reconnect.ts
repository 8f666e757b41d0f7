/**
 * Follows a stream and reconnects with backoff, from the last event it has seen.
 *
 *     deno run --allow-net examples/reconnect.ts https://example.com/events
 */
import { connectSSE, type ConnectSSEInit, type ConnectState, SSEError } from "../lib/sse/mod.ts";

/** A line for people that says what the connection does. */
export function describe(state: ConnectState): string {
  switch (state.state) {
    case "connecting":
      return state.attempt === 0 ? "connecting" : `reconnecting (attempt ${state.attempt})`;
    case "open":
      return "connected";
    case "waiting":
      return state.offline
        ? "offline: waiting for the network"
        : `${state.error?.message ?? "the server ended the stream"}: trying again in ` +
          `${Math.ceil(state.ms / 1000)} s`;
    case "closed":
      return `closed (${state.reason})`;
  }
}

/** Prints events and changes of the connection until the stream is over. */
export async function follow(
  url: string,
  print: (line: string) => void,
  init: ConnectSSEInit = {},
): Promise<void> {
  const events = connectSSE(url, {
    reconnect: { initialMs: 500, maxMs: 10_000, maxAttempts: 5 },
    idleTimeoutMs: 60_000,
    onState: (state) => print(`[${describe(state)}]`),
    ...init,
  });
  try {
    for await (const { id, data } of events) print(`${id}: ${data}`);
  } catch (error) {
    if (!(error instanceof SSEError)) throw error;
    print(`Gave up (${error.kind}): ${error.message}`);
  }
}

if (import.meta.main) {
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => stop.abort());
  // deno-lint-ignore no-console -- this is a program for the terminal
  await follow(Deno.args[0]!, console.log, { signal: stop.signal }).catch((error) => {
    if (error !== stop.signal.reason) throw error;
  });
}
