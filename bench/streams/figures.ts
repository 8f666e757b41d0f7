/**
 * Preloaded into a measured server: for every line on stdin it collects garbage and prints what the
 * process holds, what it has used and how often it has committed to KV, as one line.
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

async function measure(): Promise<void> {
  const collect: unknown = Reflect.get(globalThis, "gc");
  for (let times = 0; times < 3 && typeof collect === "function"; times++) {
    // As when memory runs out: also what a heap keeps for the next burst is given back.
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
    // What a finalizer frees is garbage of the next collection.
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const figures = { rss, heap: heapUsed, external, cpuMs: (user + system) / 1000, commits };
  Deno.stdout.writeSync(new TextEncoder().encode(`figures ${JSON.stringify(figures)}\n`));
}

// The main module is not loaded while its preloads have anything to wait for: wait until it serves.
const { serve } = Deno;
Reflect.set(Deno, "serve", (...args: unknown[]) => {
  createInterface({ input: process.stdin }).on("line", () => void measure());
  return Reflect.apply(serve, Deno, args);
});
