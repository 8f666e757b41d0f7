/**
 * How long `deno task build` takes, and how long `deno task start` on a built tree takes from process
 * start to its first answered request. The peer is a bare `Deno.serve` process in the same run: what
 * the runtime itself needs.
 */
import { join } from "node:path";
import type { BenchResult } from "../types.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const ROUNDS = 7;

/** Runs the benchmark. */
export async function run(): Promise<BenchResult[]> {
  const build = await median(3, () => timeToExit(["run", "-A", "dev.ts", "build"]));
  const stale = await median(ROUNDS, () => timeToExit(["run", "-A", "dev.ts", "build", "--stale"]));
  const bare =
    `Deno.serve({ port: 0, onListen: (a) => console.log("http://localhost:" + a.port) }, () => new Response("ok"))`;
  const peer = await median(ROUNDS, () => timeToAnswer(["eval", bare]));
  const start = await median(ROUNDS, () => timeToAnswer(["task", "start"]));
  return [
    { name: "deno task build", value: build, unit: "ms", target: "under 5,000 ms" },
    { name: "deno task build, nothing stale", value: stale, unit: "ms" },
    {
      name: "deno task start to the first answer",
      value: start,
      unit: "ms",
      peer: "bare Deno.serve",
      ratio: start / peer,
      target: "under 1,000 ms",
    },
  ];
}

async function median(rounds: number, measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await measure());
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? NaN;
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
