/**
 * The library where it is not at home. Node takes one bundled file, Bun the TypeScript as it lies.
 * Bun is used where it is: `BUN_PATH`, or `bun` on the path. Its binary comes from npm without an
 * install script, so that trying it takes two lines:
 *
 *     npm install --ignore-scripts --prefix /tmp/bun @oven/bun-linux-x64-baseline
 *     BUN_PATH=/tmp/bun/node_modules/@oven/bun-linux-x64-baseline/bin/bun \
 *       deno test -A tests/sse/runtimes_test.ts
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";

const MODULE = fileURLToPath(new URL("../../lib/sse/mod.ts", import.meta.url));
const SMOKE = fileURLToPath(new URL("./support/smoke.mjs", import.meta.url));

/** What each of them must come to. */
const EXPECTED = {
  parser: [{ id: "1", event: "n", data: "é😀" }],
  iterator: ["two\nlines"],
  stream: ["a", "日本"],
  limit: ["limit", "maxEventBytes"],
  cancelled: true,
  followed: ["a", "end"],
  asked: [null, "1"],
  text: "Hello",
};

async function present(command: string): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function smoke(command: string, module: string) {
  const { stdout, stderr, success } = await new Deno.Command(command, {
    args: command === Deno.execPath() ? ["run", "-A", SMOKE, module] : [SMOKE, module],
  }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  assertEquals(JSON.parse(decoder.decode(stdout)), EXPECTED);
}

async function bundled(run: (file: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    const { success, errors, outputFiles } = await Deno.bundle({
      entrypoints: [MODULE],
      platform: "browser",
      write: false,
    });
    assert(success, JSON.stringify(errors));
    const file = `${folder}/sse.mjs`;
    await Deno.writeTextFile(file, outputFiles?.[0]?.text() ?? "");
    await run(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const bun = Deno.env.get("BUN_PATH") ?? "bun";
const hasNode = await present("node");
const hasBun = await present(bun);

Deno.test("it does the same in Deno, bundled", () =>
  bundled((file) => smoke(Deno.execPath(), file)));

Deno.test({
  name: hasNode ? "it does the same in Node, bundled" : "Node is not here: install it",
  ignore: !hasNode,
  fn: () => bundled((file) => smoke("node", file)),
});

Deno.test({
  name: hasBun
    ? "it does the same in Bun, as TypeScript"
    : "Bun is not here: set BUN_PATH to run it",
  ignore: !hasBun,
  fn: () => smoke(bun, MODULE),
});
