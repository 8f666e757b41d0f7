/**
 * Server rendering: requests per second of a page of a hundred rows and one island, ours against a
 * minimal Hono + preact-render-to-string app that gives the same HTML. Both are processes of their
 * own on loopback, loaded in turns, so that what else the machine does falls on both. Then what compression
 * saves and costs.
 */
import { compression } from "./compression.ts";
import { requestsPerSecond } from "./load.ts";
import { V8_FLAGS } from "../../lib/build/pack_app.ts";
import { median, spreadOf } from "../statistics.ts";
import type { BenchResult } from "../types.ts";

const ROUNDS = 9, SECONDS = 1, CONNECTIONS = 32;
const PEER = "hono + preact-render-to-string";
/** As every way to start the server. */
const SERVER_FLAGS = [`--v8-flags=${V8_FLAGS}`];

export const packages = ["hono", "preact", "preact-render-to-string"];

/** Runs the comparisons, under two minutes. @throws if the two give different HTML. */
export async function run(): Promise<BenchResult[]> {
  await using ours = await start("fresh_server.ts", [], SERVER_FLAGS);
  const html = await text(ours.url);
  await using peer = await start("hono_server.tsx", additions(html));
  if (await text(peer.url) !== html) throw new Error("The two servers give different HTML");
  for (const { url } of [ours, peer]) await requestsPerSecond(url, { seconds: 1, connections: 8 });
  const rounds: { ours: number; peer: number; ratio: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const load = { seconds: SECONDS, connections: CONNECTIONS };
    const rates = {
      ours: await requestsPerSecond(ours.url, load),
      peer: await requestsPerSecond(peer.url, load),
    };
    rounds.push({ ...rates, ratio: rates.ours / rates.peer });
  }
  const value = median(rounds.map((round) => round.ours));
  const other = median(rounds.map((round) => round.peer));
  // Of each round: what else the machine did then fell on both.
  const ratio = median(rounds.map((round) => round.ratio));
  const note = `median of ${ROUNDS} rounds of ${SECONDS} s, ${CONNECTIONS} connections`;
  const ratios = rounds.map((round) => round.ratio);
  return [
    {
      name: "ssr: page of 100 rows with one island",
      value: Math.round(value),
      unit: "requests/s",
      peer: PEER,
      ratio: Number(ratio.toFixed(2)),
      spread: spreadOf(ratios),
      target: ">= 1.0 of the peer",
      note: `${note}; the peer ${Math.round(other)}; ratios ${Math.min(...ratios).toFixed(2)} to ${
        Math.max(...ratios).toFixed(2)
      }; ${html.length} characters of HTML`,
    },
    ...await compression(),
  ];
}

/** What a page with an island carries besides: for the peer to carry too. */
function additions(html: string): [string, string, string] {
  const preloads = [...html.matchAll(/"modulepreload" href="([^"]+)"/g)].map(([, url]) => url);
  const script = /type="module" src="([^"]+)"/.exec(html)?.[1] ?? "";
  const data = /id="__FRSH">([^<]*)</.exec(html)?.[1] ?? "";
  return [preloads.join(" "), script, data];
}

async function start(
  script: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<AsyncDisposable & { url: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...flags, new URL(script, import.meta.url).pathname, ...args],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  return {
    url: `http://127.0.0.1:${value.trim()}/`,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await child.status;
      await reader.cancel();
    },
  };
}

async function text(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

if (import.meta.main) {
  const lines = (await run()).map((result) => JSON.stringify(result));
  Deno.stdout.writeSync(new TextEncoder().encode(lines.join("\n") + "\n"));
}
