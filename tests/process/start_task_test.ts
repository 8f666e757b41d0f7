/** `deno task start`, the first command of the README, as users run it. */
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..");

Deno.test("deno task start rebuilds a stale build, serves, and stops on a signal", async () => {
  const data = await Deno.makeTempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "start"],
    cwd: ROOT,
    env: { PORT: "0", HOST: "127.0.0.1", KV_PATH: join(data, "kv.db"), NO_COLOR: "1" },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    let output = "";
    let url: string | undefined;
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const text of lines.values({ preventCancel: true })) {
      output += text;
      url = /http:\/\/\S+/.exec(output)?.[0];
      if (url !== undefined) break;
    }
    assert(url !== undefined, output);
    const response = await fetch(url);
    assertStrictEquals(response.status, 200);
    assertMatch(await response.text(), /Try the sandbox/);
    await lines.cancel();
  } finally {
    // Ctrl-C reaches the task and its child process.
    child.kill("SIGINT");
    await child.status;
    await Deno.remove(data, { recursive: true });
  }
});
