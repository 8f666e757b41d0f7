/**
 * How long it takes in development from the edit of a component to a page that shows it. The peer is a page
 * of Hono and Preact under `deno run --watch`. Both run in a copy of the project.
 */
import { join } from "node:path";
import { SOURCES } from "../../lib/build/mod.ts";
import { median, ratiosOf, spreadOf } from "../statistics.ts";
import type { BenchResult } from "../types.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const EDITS = 5;
/** The files that a development server reads, and those of the peer. */
const COPIED = [...SOURCES, "bench/start"];
/** The longest wait for a page that shows an edit (ms): longer than any build takes. */
const MAX_MS = 60_000;

/** Edits both, alternately. */
export async function measureDev(): Promise<BenchResult> {
  const folder = await Deno.makeTempDir();
  try {
    for (const path of COPIED) await copy(join(ROOT, path), join(folder, path));
    await using ours = await Edited.start(
      folder,
      ["lib/build/develop.ts"],
      "components/SignIn.tsx",
      "<h2 id=",
    );
    const page = "bench/start/hono.tsx";
    await using peer = await Edited.start(folder, ["--watch", page], page, "<h1");
    const times = { ours: [] as number[], peer: [] as number[] };
    for (let edit = 0; edit < EDITS; edit++) {
      times.ours.push(await ours.edit(edit));
      times.peer.push(await peer.edit(edit));
    }
    const ratios = ratiosOf(times.ours, times.peer);
    return {
      name: "deno task dev: a component's edit to a page that shows it",
      value: median(times.ours),
      unit: "ms",
      peer: "Hono + preact-render-to-string, deno run --watch",
      ratio: median(ratios),
      spread: spreadOf(ratios),
      target: "under 300 ms",
      note: `the peer takes ${median(times.peer).toFixed(0)} ms`,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A server in development, and a file that its first page is made of. */
class Edited implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #url: string;
  readonly #file: string;
  readonly #text: string;
  readonly #tag: string;

  private constructor(
    child: Deno.ChildProcess,
    url: string,
    file: string,
    text: string,
    tag: string,
  ) {
    this.#child = child;
    this.#url = url;
    this.#file = file;
    this.#text = text;
    this.#tag = tag;
  }

  /** Starts a server. `tag` begins an element of the file that the page shows. */
  static async start(
    folder: string,
    command: readonly string[],
    path: string,
    tag: string,
  ): Promise<Edited> {
    const file = join(folder, path);
    const text = await Deno.readTextFile(file);
    if (!text.includes(tag)) throw new Error(`${path} has no ${tag}`);
    const port = freePort();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", ...command],
      cwd: folder,
      env: { PORT: `${port}`, HOST: "127.0.0.1", KV_PATH: ":memory:", NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const edited = new Edited(child, `http://127.0.0.1:${port}/`, file, text, tag);
    await edited.#shows(tag);
    return edited;
  }

  /** Edits the file, and returns how long it takes until the page shows that (ms). */
  async edit(edit: number): Promise<number> {
    const [name] = this.#tag.split(" ");
    const mark = `<${name?.slice(1)} data-edit="${edit}"`;
    const started = performance.now();
    await Deno.writeTextFile(this.#file, this.#text.replace(name ?? "", mark));
    await this.#shows(mark);
    return performance.now() - started;
  }

  async #shows(text: string): Promise<void> {
    const until = performance.now() + MAX_MS;
    while (performance.now() < until) {
      const page = await fetch(this.#url).then((response) => response.text()).catch(() => "");
      if (page.includes(text)) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`${this.#file} was edited, but the page does not show it`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
  }
}

function freePort(): number {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return listener.addr.port;
}

async function copy(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(join(from, name), join(to, name));
}
