/** The bundled server: the files a process reads before it listens. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { buildApp } from "../../lib/build/mod.ts";
import { filesIn, previousFiles } from "../../lib/build/previous.ts";

const PROJECT = {
  "deno.json": "{}",
  "lib/start.ts": `import "node:async_hooks";
import { shared } from "./shared.ts";
export class StartError extends Error {}
export const serve = async (handler: () => number) => [handler(), shared, (await import("./late.ts")).late];
export const fail = () => { throw new StartError("from start.ts"); };`,
  // In a chunk of its own, because the start and the code on demand both need it.
  "lib/shared.ts": 'export const shared = ["SHARED"];',
  "lib/late.ts": 'import { shared } from "./shared.ts";\nexport const late = shared + "LATE";',
  "run.ts": `const { server, started } = await import("./_fresh/bundle.js");
console.log(JSON.stringify(await started.serve(server.fetch)));
try { started.fail(); } catch (error) { console.log(error.stack); }`,
};

/** Builds a small project. A second build gets another text in a file. */
async function withProject(
  test: (root: string, build: (changed?: Record<string, string>) => Promise<void>) => Promise<void>,
): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${root}/lib`);
    await test(root, async (changed) => {
      for (const [name, text] of Object.entries({ ...PROJECT, ...changed })) {
        await Deno.writeTextFile(`${root}/${name}`, text);
      }
      await buildApp(root, "_fresh", async () => {
        await Deno.remove(`${root}/_fresh`, { recursive: true }).catch(() => {});
        await Deno.mkdir(`${root}/_fresh`);
        await Deno.writeTextFile(
          `${root}/_fresh/server.js`,
          "export default { fetch: () => 1 };",
        );
      });
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("code imported on demand is in files that Deno does not read earlier", () =>
  withProject(async (root, build) => {
    await build();
    const deno = (...args: string[]) =>
      new Deno.Command(Deno.execPath(), { args, cwd: root, env: { NO_COLOR: "1" } }).output();
    const { stdout, stderr } = await deno("run", "-A", "run.ts");
    const [answer = "", ...stack] = new TextDecoder().decode(stdout).trim().split("\n");
    assert(answer !== "", new TextDecoder().decode(stderr));
    assertEquals(JSON.parse(answer), [1, ["SHARED"], "SHAREDLATE"]);
    // Stacks name the sources, although the bundle is minified.
    assertMatch(stack.join("\n"), /lib\/start\.ts:5/);
    const graph = await deno("info", "--json", "_fresh/bundle.js");
    const { modules }: { modules: GraphModule[] } = JSON.parse(
      new TextDecoder().decode(graph.stdout),
    );
    const loaded = modules.filter(({ specifier }) => specifier.startsWith("file:"));
    const [bundle] = loaded.filter(({ specifier }) => specifier.endsWith("/bundle.js"));
    const importsOf = ({ dependencies = [] }: GraphModule) =>
      dependencies.map(({ specifier }) => specifier);
    assert(bundle !== undefined && importsOf(bundle).length > 2);
    for (const module of loaded) {
      const text = await Deno.readTextFile(new URL(module.specifier));
      assert(!text.includes("LATE"), module.specifier);
      // Deno would read the source map of a module that is the first to import another one.
      const first = importsOf(module).filter((name) => !importsOf(bundle).includes(name));
      assertEquals(first, [], module.specifier);
    }
    assert(!(await Deno.readTextFile(new URL(bundle.specifier))).includes("sourceMappingURL"));
  }));

Deno.test("a chunk that two builds share is not among the files of the earlier one", () =>
  withProject(async (root, build) => {
    const files = () => Array.fromAsync(filesIn(`${root}/_fresh`));
    await build();
    const first = await files();
    const shared = first.filter((name) => name.endsWith(".js") && /-[\dA-Z]{8}\.js$/.test(name));
    assert(shared.length > 1, `${first}`);
    await build();
    assertEquals(await previousFiles(`${root}/_fresh`), new Set());
    await build({ "lib/late.ts": 'export const late = "LATER";' });
    const kept = await previousFiles(`${root}/_fresh`);
    assert(kept.size > 0);
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "run.ts"],
      cwd: root,
      stdout: "null",
    }).output();
    assertEquals(code, 0);
  }));

interface GraphModule {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly specifier: string }[];
}
