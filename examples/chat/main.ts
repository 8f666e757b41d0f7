/** A streaming chat in the terminal, on `lib/sse` alone: `deno task chat --help`. */
import { setTimeout } from "node:timers/promises";
import { chat, type Deps, once } from "./chat.ts";
import { sandbox } from "./sandbox.ts";
import { helpText, optionsOf, setUp, UsageError } from "./setup.ts";
import { denoTerminal } from "./terminal.ts";

/** The whole program. Returns the exit code. */
export async function run(args: readonly string[], deps: Deps): Promise<number> {
  const { terminal, env, wait } = deps;
  try {
    const options = optionsOf(args);
    if (options.help) {
      terminal.write(helpText());
      return 0;
    }
    const setup = setUp(options, env);
    const { url, key } = setup;
    const isLocal = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
    if (key !== undefined && url.protocol === "http:" && !isLocal) {
      terminal.note(`The key goes to ${url.host} unencrypted: others can read it.`);
    }
    const all = setup.sandbox ? { ...deps, fetch: sandbox(setup, wait) } : deps;
    if (options.prompt !== undefined) return await once(setup, options.prompt, all);
    if (terminal.isInteractive) return await chat(setup, all);
    let piped = "";
    for (let line; (line = await terminal.readLine("")) !== undefined;) piped += line + "\n";
    return await once(setup, piped, all);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.note(error.message);
    return 2;
  }
}

if (import.meta.main) {
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  try {
    const code = await run(Deno.args, {
      terminal: denoTerminal(),
      env: (name) => Deno.env.get(name),
      // On a connection that was used before, Deno may send a question twice.
      fetch: (request) => fetch(request, { client }),
      now: () => performance.now(),
      wallClock: () => Date.now(),
      wait: (ms, signal) => setTimeout(ms, undefined, { signal }),
    });
    // A pending read of stdin would keep the process alive.
    Deno.exit(code);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw error;
  }
}
