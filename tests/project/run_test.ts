/** File names alone decide which tests `deno task test:fast` runs, and none of them is slow. */
import { assertEquals } from "@std/assert";
import { dirname, join, normalize } from "node:path";
import { isSlow, sources } from "../run.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** What a fast test may not reach, and why. */
const SLOW: readonly (readonly [RegExp, string])[] = [
  [/Deno\.Command|node:child_process/, "starts a process"],
  [/from "playwright-core"/, "starts a browser"],
  [/campaign\/(seeds|world|kills|imports)\.ts"/, "plays the fault campaign"],
  [/from "[^"]*far_apps\.ts"/, "waits for a store behind a real socket"],
  [/setTimeout\([^,()]+, \d+_?\d{3,}\)/, "waits for a second or more"],
];

const paths = (await Array.fromAsync(sources("tests"))).sort();
const texts = new Map(
  await Promise.all(
    paths.map(async (path) => [path, await Deno.readTextFile(join(ROOT, path))] as const),
  ),
);
const tests = paths.filter((path) => /_test\.tsx?$/.test(path));

/** A file of `tests/` and every one that it imports. */
function reach(path: string, found = new Set<string>()): Set<string> {
  const text = texts.get(path);
  // The runner starts a process, but not the functions that tests import from it.
  if (text === undefined || found.has(path) || path === "tests/run.ts") return found;
  found.add(path);
  for (const [, to] of text.matchAll(/^(?:import|export)\b[^;]*?"(\.[^"]+)";/gm)) {
    reach(normalize(join(dirname(path), to!)), found);
  }
  return found;
}

Deno.test("fast tests start no process or browser, play no campaign, and do not wait", () => {
  // What this file looks for is in it as text.
  const fast = tests.filter((path) => !isSlow(path) && path !== "tests/project/run_test.ts");
  const wrong = fast.flatMap((path) => {
    const reached = [...reach(path)].map((file) => texts.get(file)!).join("\n");
    return SLOW.flatMap(([pattern, why]) => pattern.test(reached) ? [`${path} ${why}`] : []);
  });
  assertEquals(wrong, [], "rename these to …_slow_test.ts");
});
