/**
 * The package that is published: what is in it, and that it does in every runtime what it does here.
 *
 * Some of it needs what is not a dependency of this project. `.ci/run` installs it from npm, without
 * any install script, into a folder that `SSE_TOOLS` names:
 *
 *     npm install --ignore-scripts --prefix /tmp/sse-tools $(cat tests/sse/support/tools.txt)
 *     SSE_TOOLS=/tmp/sse-tools deno test -A tests/sse/packed_slow_test.ts
 */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { packSSE } from "../../lib/build/pack_sse.ts";
import { CHROMIUM_FLAGS, findChromium } from "../browser_launch.ts";
import { chromium } from "playwright-core";
import { smoke } from "./support/smoke.mjs";

/** What every runtime must come to. */
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

const SUPPORT = join(import.meta.dirname!, "support");
const SOURCE = join(import.meta.dirname!, "..", "..", "lib", "sse");
const tools = Deno.env.get("SSE_TOOLS");
const inTools = (path: string) =>
  tools === undefined ? undefined : join(tools, "node_modules", path);

/** The package, made once. */
const packages = Deno.makeTempDirSync();
let packing: ReturnType<typeof packSSE> | undefined;
Deno.test.afterAll(() => Deno.remove(packages, { recursive: true }));

/** Runs with the package installed in a folder of its own: `node_modules/@taskstream/sse`. */
async function installed(run: (folder: string, tarball: string) => Promise<void>): Promise<void> {
  const packed = await (packing ??= packSSE(packages));
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "node_modules", "@taskstream"), { recursive: true });
    await output("cp", ["-r", packed.folder, packageIn(folder)], folder);
    await run(folder, packed.tarball);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const packageIn = (folder: string) => join(folder, "node_modules", "@taskstream", "sse");
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function output(command: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { NO_COLOR: "1" };
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd, env })
    .output();
  assert(success, text(stdout) + text(stderr));
  return text(stdout);
}

async function isThere(command: string | undefined): Promise<boolean> {
  try {
    return command !== undefined &&
      (await new Deno.Command(command, { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A test of what may be missing: then it is ignored, and its name says why. */
function where(has: boolean, name: string, missing: string, run: () => Promise<void>): void {
  Deno.test({ name: has ? name : `${name}: ignored, ${missing}`, ignore: !has, fn: run });
}

const NO_TOOLS = "SSE_TOOLS names no folder";

Deno.test("the package has a file and types for each entry, a licence, a changelog, no side effects", () =>
  installed(async (folder) => {
    const root = packageIn(folder);
    const manifest = JSON.parse(await Deno.readTextFile(join(root, "package.json")));
    assertStrictEquals(manifest.type, "module");
    assertStrictEquals(manifest.sideEffects, false);
    assertStrictEquals(manifest.license, "MIT");
    assertMatch(manifest.engines.node, /20/);
    assertStrictEquals(manifest.dependencies, undefined);
    assertEquals(Object.keys(manifest.exports), [
      ...[".", "./parser", "./stream", "./connect", "./tokens", "./providers"],
    ]);
    for (const [entry, files] of Object.entries<Record<string, string>>(manifest.exports)) {
      assertStrictEquals(Object.keys(files)[0], "types", entry);
      for (const file of Object.values(files)) await Deno.stat(join(root, file));
    }
    for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) await Deno.stat(join(root, name));
    const changelog = await Deno.readTextFile(join(root, "CHANGELOG.md"));
    assert(changelog.includes(`## ${manifest.version}\n`), "the changelog names the version");
    // Nothing of it leads to where it was made.
    for await (const { name, isFile } of Deno.readDir(root)) {
      if (!isFile) continue;
      const written = await Deno.readTextFile(join(root, name));
      assert(!/file:\/\/|"\.{1,2}\/[\w/]*\.ts"/.test(written), name);
    }
  }));

Deno.test("it can be published: no slow types, and every public symbol is documented", async () => {
  // A copy: `deno publish` wants to know of uncommitted changes, and of the settings around.
  const folder = await Deno.makeTempDir();
  try {
    await output("cp", ["-r", `${SOURCE}/.`, folder], folder);
    await output(Deno.execPath(), ["publish", "--dry-run", "--allow-dirty"], folder);
    const { exports } = JSON.parse(await Deno.readTextFile(join(folder, "deno.json")));
    await output(Deno.execPath(), ["doc", "--lint", ...Object.values<string>(exports)], folder);
    const pages = join(folder, "pages");
    await output(
      Deno.execPath(),
      ["doc", "--html", "--name=sse", `--output=${pages}`, "mod.ts"],
      folder,
    );
    assertMatch(await Deno.readTextFile(join(pages, "all_symbols.html")), /connectSSE/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

where(
  tools !== undefined,
  "publint and @arethetypeswrong/cli find nothing",
  NO_TOOLS,
  () =>
    installed(async (folder, tarball) => {
      const program = `
      import { readFileSync } from "node:fs";
      import { publint } from "publint";
      import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
      const [folder, tarball] = process.argv.slice(-2);
      const { messages } = await publint({ pkgDir: folder, strict: true, pack: false });
      const data = new Uint8Array(readFileSync(tarball));
      const { types, problems } = await checkPackage(createPackageFromTarballData(data));
      console.log(JSON.stringify({ messages, types: types.kind, problems: problems.map((p) => p.kind) }));
    `;
      const args = ["--input-type=module", "--eval", program, packageIn(folder), tarball];
      const { messages, types, problems } = JSON.parse(await output("node", args, tools!));
      assertEquals(messages, []);
      assertStrictEquals(types, "included");
      // It is ESM only, which a `require` of Node 20.19 and 22.12 and later takes as well.
      assertEquals(problems.filter((kind: string) => kind !== "CJSResolvesToESM"), []);
    }),
);

const SETTINGS: Readonly<Record<string, object>> = {
  "Node, without DOM": { lib: ["es2023"], types: ["node"] },
  "a browser": { lib: ["es2023", "dom", "dom.iterable"], types: [] },
  "a worker": { lib: ["es2023", "webworker"], types: [] },
};

for (const [whose, options] of Object.entries(SETTINGS)) {
  where(
    tools !== undefined,
    `its types compile for ${whose}, strictly`,
    NO_TOOLS,
    () =>
      installed(async (folder) => {
        const use = await Deno.readTextFile(join(SUPPORT, "use.ts"));
        const program = use.replace("../../../lib/sse/mod.ts", "@taskstream/sse");
        await Deno.writeTextFile(join(folder, "use.ts"), program);
        const compilerOptions = {
          strict: true,
          exactOptionalPropertyTypes: true,
          module: "nodenext",
          target: "es2022",
          noEmit: true,
          typeRoots: [inTools("@types")],
          ...options,
        };
        const settings = JSON.stringify({ compilerOptions, files: ["use.ts"] });
        await Deno.writeTextFile(join(folder, "tsconfig.json"), settings);
        await Deno.writeTextFile(join(folder, "package.json"), '{"type":"module"}');
        await output("node", [inTools("typescript/bin/tsc")!, "-p", folder], folder);
      }),
  );
}

const bun = Deno.env.get("BUN_PATH") ?? inTools("@oven/bun-linux-x64-baseline/bin/bun") ?? "bun";

for (const [name, command] of [["Node", "node"], ["Bun", bun]] as const) {
  where(
    await isThere(command),
    `it does the same in ${name}`,
    `there is no ${name}`,
    () =>
      installed(async (folder) => {
        await Deno.copyFile(join(SUPPORT, "smoke.mjs"), join(folder, "smoke.mjs"));
        const results = await output(command, ["smoke.mjs", "@taskstream/sse"], folder);
        assertEquals(JSON.parse(results), EXPECTED);
      }),
  );
}

Deno.test("it works the same in Deno", () =>
  installed(async (folder) => {
    const library = await import(`file://${packageIn(folder)}/mod.js`);
    assertEquals<unknown>(await smoke(library), EXPECTED);
  }));

const workerd = inTools("@cloudflare/workerd-linux-64/bin/workerd");

// Of an older date a Worker's `fetch` knows no `cache`.
for (const date of ["2023-10-01", "2026-11-01"]) {
  where(
    await isThere(workerd),
    `it does the same in a Worker of ${date}`,
    "there is no workerd",
    () =>
      installed(async (folder) => {
        const root = packageIn(folder);
        const embedded = "node_modules/@taskstream/sse";
        const modules: string[] = [];
        for await (const path of scripts(root)) {
          modules.push(`(name = "sse/${path}", esModule = embed "${embedded}/${path}")`);
        }
        const main = `
        import * as library from "sse/mod.js";
        import { smoke } from "smoke.mjs";
        export default {
          async fetch(request) {
            const results = await smoke(library);
            // A request of its own, over what the runtime has for a network.
            const { origin } = new URL(request.url);
            if (request.headers.get("accept") === "text/event-stream") {
              const headers = { "content-type": "text/event-stream" };
              return new Response("data: over the network\\n\\n", { headers });
            }
            results.network = [];
            for await (const { data } of library.connectSSE(origin, { repeat: false })) {
              results.network.push(data);
            }
            return Response.json(results);
          },
        };`;
        await Deno.writeTextFile(join(folder, "main.js"), main);
        await Deno.copyFile(join(SUPPORT, "smoke.mjs"), join(folder, "smoke.mjs"));
        await Deno.writeTextFile(
          join(folder, "config.capnp"),
          `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  compatibilityDate = "${date}",
  modules = [
    (name = "main.js", esModule = embed "main.js"),
    (name = "smoke.mjs", esModule = embed "smoke.mjs"),
    ${modules.join(",\n    ")},
  ],
);
`,
        );
        const worker = new Deno.Command(workerd!, {
          args: ["serve", "--control-fd=1", "config.capnp"],
          cwd: folder,
          stdout: "piped",
          stderr: "piped",
        }).spawn();
        const errors = new Response(worker.stderr).text();
        try {
          let told = "";
          for await (const bytes of worker.stdout) {
            told += text(bytes);
            if (told.includes('"port"')) break;
          }
          const [, port] = /"port":\s*(\d+)/.exec(told) ?? [];
          assert(port, `${told}\n${port ? "" : await errors}`);
          const response = await fetch(`http://127.0.0.1:${port}/`);
          const body = await response.text();
          assertStrictEquals(response.status, 200, body);
          assertEquals(JSON.parse(body), { ...EXPECTED, network: ["over the network"] });
        } finally {
          try {
            worker.kill();
          } catch {
            // It has ended by itself: the assertion says why.
          }
          await worker.status;
          await errors;
        }
      }),
  );
}

where(
  findChromium() !== null,
  "it does the same in Chromium",
  "there is no Chromium",
  () =>
    installed(async (folder) => {
      await Deno.copyFile(join(SUPPORT, "smoke.mjs"), join(packageIn(folder), "smoke.mjs"));
      const server = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen: () => {} },
        async (request) => {
          const { pathname } = new URL(request.url);
          const type = pathname === "/" ? "text/html" : "text/javascript";
          const body = pathname === "/"
            ? "<!doctype html>"
            : await Deno.readTextFile(join(packageIn(folder), pathname)).catch(() => "");
          return new Response(body, { headers: { "content-type": type } });
        },
      );
      const browser = await chromium.launch({
        executablePath: findChromium()!,
        args: [...CHROMIUM_FLAGS],
      });
      try {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${server.addr.port}/`);
        const results = await page.evaluate(`(async () => {
        const { smoke } = await import("/smoke.mjs");
        return smoke(await import("/mod.js"));
      })()`);
        assertEquals(results, EXPECTED);
      } finally {
        await browser.close();
        await server.shutdown();
      }
    }),
);

/** The scripts in a folder, by their paths from there. */
async function* scripts(folder: string, under = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(folder, under))) {
    if (isDirectory) yield* scripts(folder, `${under}${name}/`);
    else if (name.endsWith(".js")) yield under + name;
  }
}
