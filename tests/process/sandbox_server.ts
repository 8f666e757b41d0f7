/** The sandbox as users start it: one process with Task API and OAuth provider on one port. */
import { join } from "node:path";

const ENTRY = join(import.meta.dirname!, "..", "..", "lib", "sandbox", "serve.ts");

/** A sandbox server on a free port. */
export class SandboxServer {
  readonly #child: Deno.ChildProcess;
  readonly url: string;
  #stopped = false;

  private constructor(child: Deno.ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<SandboxServer> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", ENTRY],
      env: { SANDBOX_PORT: "0", SANDBOX_KV: ":memory:", NO_COLOR: "1", ...env },
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const chunk of lines.values({ preventCancel: true })) {
      const port = /localhost:(\d+)/.exec(chunk)?.[1];
      if (port !== undefined) return new SandboxServer(child, `http://127.0.0.1:${port}`);
    }
    throw new Error("The sandbox did not start");
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#child.stdout.cancel().catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
