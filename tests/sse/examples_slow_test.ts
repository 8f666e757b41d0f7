import { assert } from "@std/assert";

const SOURCE = new URL("../../lib/sse/", import.meta.url);

Deno.test("every example in the README and docstrings compiles, runs and is right", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    // Without the project's own strictness about unused names: examples show more than they use.
    args: ["test", "--doc", "--no-config", "--no-lock", SOURCE.pathname],
    env: { NO_COLOR: "1" },
  }).output();
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(success, output);
  const passed = Number(/(\d+) passed/.exec(output)?.[1]);
  assert(passed >= 14, output);
});
