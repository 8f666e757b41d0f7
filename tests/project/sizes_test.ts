/** The length of source files. See budgets_test.ts for the size of pages. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..");
const ROOMS = ["components", "islands", "lib", "routes", "static"];

/** Past this a file has more than one idea. */
const MAX_LINES = 300;

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    if (isDirectory) yield* sources(`${folder}/${name}`);
    else if (/\.(tsx?|js)$/.test(name)) yield `${folder}/${name}`;
  }
}

async function lineCounts(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const room of ROOMS) {
    for await (const path of sources(room)) {
      counts.set(path, (await Deno.readTextFile(join(ROOT, path))).split("\n").length - 1);
    }
  }
  return counts;
}

Deno.test(`no source file has more than ${MAX_LINES} lines`, async () => {
  const long = [...await lineCounts()].filter(([, lines]) => lines > MAX_LINES);
  assertEquals(long, []);
});
