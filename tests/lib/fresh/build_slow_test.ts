/** Builds: the content of `_fresh`, stable names, and errors. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { App } from "fresh";
import { Builder } from "fresh/dev";
import { filesBelow } from "../../../lib/fresh/build/project.ts";
import { readStatics } from "../../../lib/fresh/build/statics.ts";
import { fixture } from "./support/serve.ts";
import { Project } from "./support/project.ts";

const named = (scripts: readonly string[], base: string) =>
  scripts.filter((name) => name.startsWith(`${base}-`) && name.split("-").length === 2);

Deno.test("a build serves from disk, from any directory and without write access", async () => {
  await using project = await Project.from("site");
  assertStrictEquals(await project.build(), "");
  await project.write(
    "ask.ts",
    `const { default: server } = await import("./_fresh/server.js");
    const ask = async (path, init) => {
      const response = await server.fetch(new Request("http://localhost" + path, init), {
        remoteAddr: { transport: "tcp", hostname: "x", port: 1 }, completed: Promise.resolve() });
      return [response.status, response.headers.get("content-encoding"), await response.text()];
    };
    const page = await ask("/");
    const script = /src="([^"]+boot[^"]+)"/.exec(page[2])[1];
    const out = [page, await ask(script, { headers: { "accept-encoding": "br" } }), await ask("/long.txt"),
      await ask("/long.txt", { headers: { range: "bytes=1-2" } }), await ask("/_fresh/server.js")];
    Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(out)));`,
  );
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-env", "--no-check", `${project.dir}/ask.ts`],
    cwd: "/",
    stdout: "piped",
    stderr: "piped",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const [page, script, long, range, source] = JSON.parse(new TextDecoder().decode(stdout));
  assertStrictEquals(page[0], 200);
  assertMatch(page[2], /<!--i:0--><button type="button" id="left"/);
  assertEquals([script[0], script[1]], [200, "br"]);
  assertStrictEquals(long[2].length, 3000);
  assertEquals([range[0], range[2]], [206, "xx"]);
  assertStrictEquals(source[0], 404);
});

Deno.test("`deno serve _fresh/server.js` responds", async () => {
  await using project = await Project.from("site");
  assertStrictEquals(await project.build(), "");
  const child = project.command("serve", "-A", "--host=127.0.0.1", "--port=0", "_fresh/server.js")
    .spawn();
  try {
    // It says where it listens on one of the two.
    const port = await Promise.any([firstMatch(child.stdout), firstMatch(child.stderr)]);
    const response = await fetch(`http://127.0.0.1:${port}/plain`);
    assertStrictEquals(response.status, 200);
    assertMatch(await response.text(), /<!--i:0-->/);
  } finally {
    child.kill();
    await child.status;
  }
});

async function firstMatch(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "", port: string | undefined;
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    port = /http:\/\/[^/\s]*:(\d+)/.exec(text)?.[1];
    if (port) break;
  }
  if (!port) throw new Error(`no address in ${text}`);
  return port;
}

Deno.test("unchanged files keep their URL, deleted ones are removed", async () => {
  await using project = await Project.from("site");
  assertStrictEquals(await project.build(), "");
  const before = await project.scripts();
  assertStrictEquals(await project.build(), "");
  assertEquals(await project.scripts(), before);
  const source = await Deno.readTextFile(`${project.dir}/islands/Plain.tsx`);
  await project.write("islands/Plain.tsx", source.replace("plain {", "changed {"));
  assertStrictEquals(await project.build(), "");
  const after = await project.scripts();
  assertStrictEquals(after.length, before.length);
  assertEquals(after.filter((name) => !before.includes(name)), named(after, "Plain"));
});

Deno.test("a directory that holds no build is not deleted", async () => {
  await using project = await Project.from("site");
  await Deno.mkdir(`${project.dir}/_fresh`);
  await project.write("_fresh/precious.txt", "mine");
  assertMatch(await project.build(), /_fresh is not empty and holds no build/);
  assertStrictEquals(await Deno.readTextFile(`${project.dir}/_fresh/precious.txt`), "mine");
});

Deno.test("a failed build says why and keeps the previous build", async () => {
  await using project = await Project.from("site");
  assertStrictEquals(await project.build(), "");
  const before = await project.scripts();
  await project.write("islands/Broken.tsx", 'export { nothing } from "./missing.ts";');
  assertMatch(await project.build(), /missing\.ts/);
  assertEquals(await project.scripts(), before);
});

Deno.test("deno.json may have comments and trailing commas", async () => {
  await using project = await Project.from("site");
  const config = await Deno.readTextFile(`${project.dir}/deno.json`);
  await project.write("deno.json", `/* Ours */ ${config.slice(0, -1)}, // "imports": {}\n}`);
  assertStrictEquals(await project.build(), "");
});

Deno.test("precompiled JSX needs its list of elements, automatic JSX does not", async () => {
  {
    await using project = await Project.from("site", { jsxPrecompileSkipElements: ["a", "img"] });
    assertMatch(await project.build(), /jsxPrecompileSkipElements lacks source, body, html/);
  }
  await using project = await Project.from("site", {
    jsx: "react-jsx",
    jsxPrecompileSkipElements: undefined,
  });
  assertStrictEquals(await project.build(), "");
});

Deno.test("the scripts are small and contain no development code", async () => {
  await using project = await Project.from("site");
  assertStrictEquals(await project.build(), "");
  let boot = 0;
  for (const name of await project.scripts()) {
    const text = await Deno.readTextFile(`${project.dir}/_fresh/static/_fresh/js/${name}`);
    assertNotMatch(text, /NODE_ENV|sourceMappingURL|file:\/\/|fresh-bundle/, name);
    if (text.includes("createTreeWalker") || named([name], "boot").length > 0) {
      boot += gzipSync(text).byteLength;
    }
  }
  // What wakes islands is in one chunk with Preact, which by itself is 4.5 KB.
  assert(boot > 0 && boot <= 4489 + 1331, `boot: ${boot} bytes of gzip`);
});

Deno.test("only static scripts with module syntax are minified", async () => {
  await using project = await Project.from("site");
  const classic = "// Kept.\nconst shared = 1;\n";
  await project.write("static/classic.js", classic);
  await project.write("static/module.js", `// Dropped.\nexport {};\n\ndocument.title = "a" + 1;\n`);
  assertStrictEquals(await project.build(), "");
  const built = (name: string) => Deno.readTextFile(`${project.dir}/_fresh/static/${name}`);
  assertStrictEquals(await built("classic.js"), classic);
  assertStrictEquals((await built("module.js")).trim(), `document.title="a1";`);
});

Deno.test("a page with plain props loads one script, the chunk shared by all islands", async () => {
  const attach = await new Builder({ root: fixture("site") }).build({ snapshot: "memory" });
  const app = new App().fsRoutes();
  attach(app);
  const page = async (path: string) =>
    await (await app.handler()(new Request(`http://localhost${path}`))).text();
  const plain = await page("/plain");
  assertMatch(plain, /<script type="module" src="\/_fresh\/js\/chunk-/);
  assertNotMatch(plain, /"m":1/);
  const signals = await page("/");
  assertMatch(signals, /<script type="module" src="\/_fresh\/js\/boot-signals-/);
  assertMatch(signals, /"m":1/);
});

Deno.test("islands are found below islands/ and (_islands), by every exported function", async () => {
  await using project = await Project.from("site");
  await Deno.mkdir(`${project.dir}/routes/(_islands)`);
  await project.write(
    "routes/(_islands)/Two.tsx",
    "export function A() { return <i id='a' onClick={() => {}} />; }\n" +
      "export function B() { return <i id='b' onClick={() => {}} />; }\nexport const NOT = 1;\n",
  );
  await project.write(
    "routes/two.tsx",
    'import { A, B } from "./(_islands)/Two.tsx";\n' +
      "export default function Page() { return <p><A /><B /></p>; }\n",
  );
  await project.write(
    "ask.ts",
    `const { default: server } = await import("./_fresh/server.js");
    const response = await server.fetch(new Request("http://localhost/two"));
    Deno.stdout.writeSync(new TextEncoder().encode(await response.text()));`,
  );
  assertStrictEquals(await project.build(), "");
  assertStrictEquals(named(await project.scripts(), "Two").length, 1);
  const { stdout } = await project.command("run", "-A", "--no-check", "ask.ts").output();
  const html = new TextDecoder().decode(stdout);
  assertMatch(html, /<!--i:0--><i id="a" ?><\/i><!--\/i--><!--i:1--><i id="b" ?><\/i><!--\/i-->/);
  assertMatch(html, /"i":\[\[0,"A",\d+\],\[0,"B",\d+\]\]/);
  const preloads = [...html.matchAll(/modulepreload" href="([^"]+)"/g)].map(([, url]) => url);
  assertStrictEquals(new Set(preloads).size, preloads.length);
  assertStrictEquals(preloads.filter((url) => url?.includes("/Two-")).length, 1);
});

Deno.test("build() returns a function that attaches the build", async () => {
  await using project = await Project.from("site");
  await project.write(
    "ask.ts",
    `import { App, staticFiles } from "fresh";
    import { Builder } from "fresh/dev";
    const app = new App().use(staticFiles()).fsRoutes();
    (await new Builder({ root: import.meta.dirname }).build())(app);
    const response = await app.handler()(new Request("http://localhost/long.txt"));
    Deno.stdout.writeSync(new TextEncoder().encode(response.status + " " + (await response.text()).length));`,
  );
  const { stdout } = await project.command("run", "-A", "--no-check", "ask.ts").output();
  assertStrictEquals(new TextDecoder().decode(stdout), "200 3000");
});

Deno.test("the first of two static directories takes precedence; ignored files are left out", async () => {
  const files = await readStatics([fixture("zoo/static"), fixture("site/static")], [/long/]);
  assert(!files.has("/long.txt"));
  assertStrictEquals(
    new TextDecoder().decode(files.get("/dot.svg")),
    await Deno.readTextFile(fixture("zoo/static/dot.svg")),
  );
  assertEquals(await filesBelow(fixture("nowhere")), []);
});

Deno.test("options have their documented defaults", () => {
  const { config } = new Builder({ root: "/project", staticDir: ["a", "b"], target: "es2022" });
  assertEquals(config, {
    root: "/project",
    outDir: "/project/_fresh",
    staticDirs: ["/project/a", "/project/b"],
    islandDir: "/project/islands",
    routeDir: "/project/routes",
    serverEntry: "/project/main.ts",
    ignore: [],
  });
});
