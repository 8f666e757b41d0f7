/**
 * Preloaded into a measured server: for every line on stdin it collects garbage and prints what the
 * process holds, what it has used and how often it has committed to KV, as one line. For the line `cpu` it
 * prints the processor time alone, without a collection, which would throw compiled code away.
 */
import process from "node:process";
import { createInterface } from "node:readline";

let commits = 0;
// A peer without a database has no such class.
const operation = "AtomicOperation" in Deno ? Deno.AtomicOperation.prototype : null;
if (operation !== null) {
  const { commit } = operation;
  operation.commit = function () {
    commits++;
    return commit.call(this);
  };
}

/** Processor time that collecting garbage took (ms). Figures leave it out. */
let collectingMs = 0;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 - collectingMs;
}

function print(figures: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`figures ${JSON.stringify(figures)}\n`));
}

async function measure(): Promise<void> {
  const began = cpuMs();
  const collect: unknown = Reflect.get(globalThis, "gc");
  for (let times = 0; times < 3 && typeof collect === "function"; times++) {
    // As when memory runs out: also what a heap keeps for the next burst is given back.
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
    // What a finalizer frees is garbage of the next collection.
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  collectingMs += cpuMs() - began;
  print({ rss, heap: heapUsed, external, cpuMs: began, commits });
}

// The main module is not loaded while its preloads have anything to wait for: wait until it serves.
const { serve } = Deno;
Reflect.set(Deno, "serve", (...args: unknown[]) => {
  createInterface({ input: process.stdin }).on("line", (line) => {
    if (line === "cpu") print({ cpuMs: cpuMs() });
    else void measure();
  });
  return Reflect.apply(serve, Deno, args);
});
