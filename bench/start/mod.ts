/**
 * How long `deno task build` takes, and how long the built server takes from process start to its first
 * answered request: `main.ts` alone, and `deno task start`, which also looks whether the build is stale. The
 * peer is a process that serves one page with Hono and Preact.
 */
import { join } from "node:path";
import { V8_FLAGS } from "../../lib/build/pack_app.ts";
import { median, ratiosOf, spreadOf } from "../statistics.ts";
import { type BenchResult, PROMISE } from "../types.ts";
import { measureDev } from "./dev.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const BUILDS = 3, ROUNDS = 9;
/** As every way to start the server: other flags of V8 would also empty its cache of compiled code. */
const MAIN = ["run", "-A", `--v8-flags=${V8_FLAGS}`, "main.ts"];

export const packages = ["hono", "preact", "preact-render-to-string"];

/** Runs the benchmark. */
export async function run(): Promise<BenchResult[]> {
  const build: number[] = [], stale: number[] = [], peer: number[] = [];
  const main: number[] = [], start: number[] = [];
  for (let round = 0; round < BUILDS; round++) {
    build.push(await timeToExit(["run", "-A", "dev.ts", "build"]));
  }
  // In turns, so that what else the machine does falls on all of them.
  for (let round = 0; round < ROUNDS; round++) {
    stale.push(await timeToExit(["run", "-A", "dev.ts", "build", "--stale"]));
    peer.push(await timeToAnswer(["run", "-A", join(import.meta.dirname!, "hono.tsx")]));
    main.push(await timeToAnswer(MAIN));
    start.push(await timeToAnswer(["task", "start"]));
  }
  return [
    { ...measured("deno task build", build), target: "under 5,000 ms" },
    {
      ...measured("deno task build, nothing stale", stale),
      peer: "deno task build",
      ratio: median(stale) / median(build),
      spread: spreadOf(stale.map((ms) => ms / median(build))),
    },
    {
      ...measured("main.ts to the first answer", main),
      peer: "Hono + preact-render-to-string",
      ratio: median(ratiosOf(main, peer)),
      spread: spreadOf(ratiosOf(main, peer)),
      target: "<= 2.5x",
    },
    {
      ...measured("deno task start to the first answer", start),
      peer: "main.ts",
      ratio: median(ratiosOf(start, main)),
      spread: spreadOf(ratiosOf(start, main)),
      target: "at most 60 ms more",
    },
    await measureDev(),
  ];
}

function measured(name: string, times: readonly number[]): BenchResult {
  const note = `median of ${times.length}, ${Math.min(...times).toFixed(0)} to ${
    Math.max(...times).toFixed(0)
  } ms`;
  return { name, value: median(times), unit: "ms", peer: PROMISE, spread: spreadOf(times), note };
}

function command(args: readonly string[], stdout: "null" | "piped"): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { PORT: "0", HOST: "127.0.0.1", KV_PATH: ":memory:", NO_COLOR: "1" },
    stdout,
    stderr: "null",
  });
}

async function timeToExit(args: readonly string[]): Promise<number> {
  const started = performance.now();
  const { success } = await command(args, "null").output();
  if (!success) throw new Error(`deno ${args.join(" ")} failed`);
  return performance.now() - started;
}

/** From process start until the server it announces has answered a request. */
async function timeToAnswer(args: readonly string[]): Promise<number> {
  const started = performance.now();
  const child = command(args, "piped").spawn();
  try {
    let output = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += chunk;
      const url = /http:\/\/\S+/.exec(output)?.[0];
      if (url === undefined) continue;
      const response = await fetch(url);
      await response.text();
      return performance.now() - started;
    }
    throw new Error(`deno ${args.join(" ")} announced no address: ${output}`);
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}
