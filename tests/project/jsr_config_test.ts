/** deno.jsr.json is deno.json with Fresh from JSR in the place of lib/fresh, and nothing else. */
import assert from "node:assert/strict";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..");
const readJson = async (name: string) => JSON.parse(await Deno.readTextFile(join(ROOT, name)));

/** A command of deno.json for the other configuration, which has a lock file of its own. */
function withConfig(command: string): string {
  const config = "--config deno.jsr.json";
  const lock = `${config} --lock=deno.jsr.lock`;
  return command
    .replaceAll(/\bdeno (run|test|check)\b/g, `deno $1 ${lock}`)
    .replaceAll(/\bdeno (fmt --check|lint|task)/g, `deno $1 ${config}`);
}

Deno.test("deno.jsr.json differs from deno.json by Fresh alone", async () => {
  const ours = await readJson("deno.json");
  const jsr = await readJson("deno.jsr.json");
  const expected = structuredClone(ours);
  for (const [name, to] of Object.entries<string>(ours.imports)) {
    if (!to.startsWith("./lib/fresh/")) continue;
    const path = name.slice("fresh".length);
    expected.imports[name] = `jsr:@fresh/core@^2.3.3${path}`;
  }
  for (const task of Object.values<{ command: string }>(expected.tasks)) {
    task.command = withConfig(task.command);
  }
  assert.deepEqual(jsr, expected);
});
