/** A server in its own process that can be asked what it costs. */
import { join } from "node:path";
import { V8_FLAGS } from "../../lib/build/pack_app.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** A process's memory and processor time. */
export interface Figures {
  /** Resident memory (bytes). */
  readonly rss: number;
  /** Of it JavaScript's heap, after a collection. */
  readonly heap: number;
  /** Buffers outside of the heap (bytes). */
  readonly external: number;
  /** Processor time so far, without that of measuring (ms). */
  readonly cpuMs: number;
  /** KV commits so far. */
  readonly commits: number;
}

/** A process under measurement. */
export class Measured implements AsyncDisposable {
  /** Where it listens, `http://127.0.0.1:port`. */
  readonly url: string;
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  private constructor(child: Deno.ChildProcess, lines: AsyncIterator<string>, url: string) {
    this.#child = child;
    this.#lines = lines;
    this.#writer = child.stdin.getWriter();
    this.url = url;
  }

  /** Starts a script of this project and waits until it prints its address. */
  static async start(
    script: string,
    { args = [], env = {} }: { args?: readonly string[]; env?: Record<string, string> } = {},
  ): Promise<Measured> {
    const figures = join(ROOT, "bench", "streams", "figures.ts");
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        `--v8-flags=--expose-gc,${V8_FLAGS}`,
        "--preload",
        figures,
        script,
        ...args,
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines = linesOf(child.stdout);
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
      const port = /http:\/\/\S+:(\d+)/.exec(next.value)?.[1];
      if (port !== undefined) return new Measured(child, lines, `http://127.0.0.1:${port}`);
    }
    throw new Error(`${script} announced no address`);
  }

  /** The process's memory and processor time so far. */
  figures(): Promise<Figures> {
    return this.#ask("");
  }

  /** Processor time so far (ms), without a collection before. */
  async cpuMs(): Promise<number> {
    return (await this.#ask("cpu")).cpuMs;
  }

  async #ask(line: string): Promise<Figures> {
    await this.#writer.write(new TextEncoder().encode(`${line}\n`));
    for (;;) {
      const { done, value } = await this.#lines.next();
      if (done) throw new Error("The measured process is gone");
      if (value.startsWith("figures ")) return JSON.parse(value.slice("figures ".length));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#lines.return?.();
    await this.#writer.abort().catch(() => {});
  }
}

/** The app as `deno task start` runs it, on its own database, without the limits of people. */
export async function startApp(upstream: string, folder: string): Promise<Measured> {
  const build = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "dev.ts", "build", "--stale"],
    cwd: ROOT,
    stdout: "null",
  }).output();
  if (!build.success) throw new Error("The build failed");
  const no = "1000000";
  return await Measured.start("main.ts", {
    env: {
      PORT: "0",
      HOST: "127.0.0.1",
      KV_PATH: join(folder, "kv.db"),
      PARALLEL_API_URL: upstream,
      STREAM_LIMIT: no,
      CREATE_LIMIT_PER_MINUTE: no,
      REQUEST_LIMIT_PER_MINUTE: no,
      LOG_LEVEL: "error",
    },
  });
}

/** A process's output by lines. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
