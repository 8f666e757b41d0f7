/** The bundled server: the files a process reads before it listens. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { bundleServer } from "../../lib/build/mod.ts";

Deno.test("code imported on demand is in files that Deno does not read earlier", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const folder of ["lib", "_fresh"]) await Deno.mkdir(`${root}/${folder}`);
    const files = {
      "deno.json": "{}",
      "_fresh/server.js": "export default { fetch: () => 1 };",
      "lib/start.ts": `export class StartError extends Error {}
export const serve = async (handler: () => number) => [handler(), (await import("./late.ts")).late];
export const fail = () => { throw new StartError("from start.ts"); };`,
      "lib/late.ts": 'export const late = "LATE";',
      "run.ts": `const { server, started } = await import("./_fresh/bundle.js");
console.log(JSON.stringify(await started.serve(server.fetch)));
try { started.fail(); } catch (error) { console.log(error.stack); }`,
    };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${root}/${name}`, text);
    }
    await bundleServer(root, "_fresh");
    const deno = (...args: string[]) =>
      new Deno.Command(Deno.execPath(), { args, cwd: root, env: { NO_COLOR: "1" } }).output();
    const { stdout, stderr } = await deno("run", "-A", "run.ts");
    const [answer = "", ...stack] = new TextDecoder().decode(stdout).trim().split("\n");
    assert(answer !== "", new TextDecoder().decode(stderr));
    assertEquals(JSON.parse(answer), [1, "LATE"]);
    // Stacks name the sources, although the bundle is minified.
    assertMatch(stack.join("\n"), /lib\/start\.ts:3/);
    const graph = await deno("info", "--json", "_fresh/bundle.js");
    const { modules } = JSON.parse(new TextDecoder().decode(graph.stdout));
    for (const { specifier } of modules) {
      const text = await Deno.readTextFile(new URL(specifier));
      assert(!text.includes("LATE"), specifier);
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
