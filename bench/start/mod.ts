/**
 * How long `deno task build` takes, and how long `deno task start` on a built tree takes from process
 * start to its first answered request. The peer is a bare `Deno.serve` process in the same run: what
 * the runtime itself needs.
 */
import { join } from "node:path";
import type { BenchResult } from "../types.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const BUILDS = 3, ROUNDS = 7;

/** Runs the benchmark. */
export async function run(): Promise<BenchResult[]> {
  const bare =
    `Deno.serve({ port: 0, onListen: (a) => console.log("http://localhost:" + a.port) }, () => new Response("ok"))`;
  const build: number[] = [], stale: number[] = [], peer: number[] = [], start: number[] = [];
  for (let round = 0; round < BUILDS; round++) {
    build.push(await timeToExit(["run", "-A", "dev.ts", "build"]));
  }
  // In turns, so that what else the machine does falls on all of them.
  for (let round = 0; round < ROUNDS; round++) {
    stale.push(await timeToExit(["run", "-A", "dev.ts", "build", "--stale"]));
    peer.push(await timeToAnswer(["eval", bare]));
    start.push(await timeToAnswer(["task", "start"]));
  }
  return [
    { ...measured("deno task build", build), target: "under 5,000 ms" },
    measured("deno task build, nothing stale", stale),
    {
      ...measured("deno task start to the first answer", start),
      peer: "bare Deno.serve",
      ratio: median(start) / median(peer),
      target: "under 1,000 ms",
    },
  ];
}

function measured(name: string, times: readonly number[]): BenchResult {
  const note = `median of ${times.length}, ${Math.min(...times).toFixed(0)} to ${
    Math.max(...times).toFixed(0)
  } ms`;
  return { name, value: median(times), unit: "ms", note };
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN;
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
