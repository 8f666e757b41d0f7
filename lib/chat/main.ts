/** `deno task chat`: see --help, and lib/sse's README for what it is an example of. */
import { denoTerminal } from "./deno_terminal.ts";
import { run } from "./run.ts";
import { wait } from "./wait.ts";

if (import.meta.main) {
  try {
    const code = await run(Deno.args, {
      terminal: denoTerminal(!Deno.env.get("NO_COLOR")),
      env: (name) => Deno.env.get(name),
      fetch: (request) => fetch(request),
      now: () => performance.now(),
      wallClock: () => Date.now(),
      wait,
    });
    // A read of stdin may still be pending, which would keep the process.
    Deno.exit(code);
  } catch (error) {
    // Whoever read the answer has had enough of it, as in `… | head -1`.
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw error;
  }
}
