/** The conformance kit, 4: a build on disk, and the server made from it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..");

/** Lies in the project, whose configuration the build has to find. */
async function withBuild(run: (dir: string) => Promise<void>): Promise<void> {
  const outDir = await Deno.makeTempDir({ dir: ROOT, prefix: "_fresh-kit-" });
  await Deno.remove(outDir);
  try {
    await run(outDir);
  } finally {
    await Deno.remove(outDir, { recursive: true }).catch(() => {});
  }
}

const deno = (...args: string[]) =>
  new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });

Deno.test("deno serve serves a build as the app made it", () =>
  withBuild(async (outDir) => {
    const built = await deno("run", "-A", "tests/fresh/site/dev.ts", outDir).output();
    assertEquals(built.code, 0, new TextDecoder().decode(built.stderr));
    const server = join(outDir, "server.js");
    assert((await Deno.stat(server)).isFile);
    const child = deno("serve", "-A", "--port=0", "--host=127.0.0.1", server).spawn();
    let output = "";
    try {
      const lines = child.stderr.pipeThrough(new TextDecoderStream());
      for await (const text of lines.values({ preventCancel: true })) {
        output += text;
        if (/http:\/\/127\.0\.0\.1:\d+/.test(output)) break;
      }
      const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      assert(origin !== undefined, output);
      const page = await fetch(`${origin}/items/7`);
      assertEquals(page.status, 201);
      assertMatch(await page.text(), /item 7 7 GET first-root-items/);
      const islands = await (await fetch(`${origin}/islands`)).text();
      const chunk = /"(\/_fresh\/js\/[^"\\]+\.js)/.exec(islands)?.[1];
      assert(chunk !== undefined, islands);
      const script = await fetch(origin + chunk);
      assertEquals(script.status, 200);
      assertMatch(script.headers.get("cache-control") ?? "", /immutable/);
      await script.body?.cancel();
    } finally {
      child.kill("SIGTERM");
      await child.stdout.cancel();
      await child.stderr.cancel().catch(() => {});
      await child.status;
    }
  }));
