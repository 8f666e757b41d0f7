/** The app as users start it: a process on the built tree that can be stopped and restarted. */
import { join } from "node:path";
import { V8_FLAGS } from "../../lib/build/pack_app.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** A server process with a database of its own. */
export class Server {
  /** The shared servers by their settings. */
  static readonly #started = new Map<string, Promise<Server> | null>();

  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: Deno.ChildProcess | null = null;
  #port = "0";
  url = "";

  private constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#env = env;
  }

  /** The process; `null` while it is stopped. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Where its database lies. */
  get kvPath(): string {
    return join(this.#folder, "kv.db");
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<Server> {
    const server = new Server(await Deno.makeTempDir(), env);
    await server.start();
    return server;
  }

  /**
   * A server that the tests of an isolate share, if they want the same settings: started with the first that
   * asks for it, stopped after the last. Each test signs in to the sandbox, and so has an account of its own.
   */
  static shared(env: Readonly<Record<string, string>> = {}): () => Promise<Server> {
    const settings = JSON.stringify(env);
    if (!Server.#started.has(settings)) {
      Server.#started.set(settings, null);
      Deno.test.afterAll(async () =>
        await (await Server.#started.get(settings))?.[Symbol.asyncDispose]()
      );
    }
    return () => {
      const started = Server.#started.get(settings) ?? Server.start(env);
      Server.#started.set(settings, started);
      return started;
    };
  }

  /** Another process on the same database. */
  async twin(): Promise<Server> {
    const server = new Server(this.#folder, this.#env);
    await server.start();
    return server;
  }

  /** Starts the process, on the same port as before if it ran before. */
  async start(): Promise<void> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", `--v8-flags=${V8_FLAGS}`, "main.ts"],
      cwd: ROOT,
      env: {
        PORT: this.#port,
        HOST: "127.0.0.1",
        KV_PATH: this.kvPath,
        NO_COLOR: "1",
        LOG_LEVEL: "warn",
        // Tests press harder than people; those of the limits set their own.
        REQUEST_LIMIT_PER_MINUTE: "1000000",
        SIGNIN_LIMIT_PER_MINUTE: "1000000",
        CREATE_LIMIT_PER_MINUTE: "1000000",
        SANDBOX_RUNS_MAX: "1000000",
        SANDBOX_BYTES_MAX: "100000000000",
        SANDBOX_FAULTS: "on",
        ...this.#env,
      },
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#child = child;
    let output = "";
    for await (
      const chunk of child.stdout.pipeThrough(new TextDecoderStream()).values({
        preventCancel: true,
      })
    ) {
      output += chunk;
      const port = /http:\/\/\S+:(\d+)\n/.exec(output)?.[1];
      if (port === undefined) continue;
      this.#port = port;
      this.url = `http://127.0.0.1:${port}`;
      return;
    }
    throw new Error(`The server did not start: ${output}`);
  }

  /** Ends the process and resolves with its exit code. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    const child = this.#child;
    if (child === null) return 0;
    this.#child = null;
    child.kill(signal);
    const { code } = await child.status;
    await child.stdout.cancel().catch(() => {});
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    // The first of two that share a folder removes it.
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }
}
