import { assertEquals, assertNotEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  checkBuild,
  frameworkAt,
  lookAtSources,
  readStamp,
  writeStamp,
} from "../../lib/build/stamp.ts";
import { assertError } from "../assert_error.ts";

/** A tree with everything a build is made of. */
async function withTree(test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (const folder of ["components", "islands", "lib/deep", "routes", "static", "_fresh"]) {
      await Deno.mkdir(`${root}/${folder}`, { recursive: true });
    }
    for (
      const file of [
        "deno.json",
        "deno.lock",
        "dev.ts",
        "fresh.config.ts",
        "main.ts",
        "lib/deep/a.ts",
      ]
    ) {
      await Deno.writeTextFile(`${root}/${file}`, file);
    }
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const CHANGES: readonly [name: string, change: (root: string) => Promise<void>, stale: boolean][] =
  [
    ["an edited file", (root) => Deno.writeTextFile(`${root}/lib/deep/a.ts`, "edited"), true],
    ["a new file", (root) => Deno.writeTextFile(`${root}/routes/new.ts`, ""), true],
    [
      "a renamed file",
      (root) => Deno.rename(`${root}/lib/deep/a.ts`, `${root}/lib/deep/b.ts`),
      true,
    ],
    ["a removed file", (root) => Deno.remove(`${root}/lib/deep/a.ts`), true],
    ["another lock file", (root) => Deno.writeTextFile(`${root}/deno.lock`, "other"), true],
    ["a removed lock file", (root) => Deno.remove(`${root}/deno.lock`), true],
    [
      "a generated stylesheet",
      (root) => Deno.writeTextFile(`${root}/static/styles.css`, "x"),
      false,
    ],
    ["a touched file", (root) => Deno.utime(`${root}/main.ts`, new Date(0), new Date(0)), false],
  ];

for (const [name, change, stale] of CHANGES) {
  Deno.test(`${name} makes a build ${stale ? "stale" : "no less fresh"}`, () =>
    withTree(async (root) => {
      const { hash } = await lookAtSources(root);
      await change(root);
      assertStrictEquals((await lookAtSources(root)).hash !== hash, stale);
    }));
}

/** Sets the times of every file, as if they had not changed for long. */
async function settle(root: string, at: Date): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(root)) {
    if (isFile) await Deno.utime(`${root}/${name}`, at, at);
  }
}

Deno.test("content is read if times or sizes changed, or changed too recently to tell", () =>
  withTree(async (root) => {
    const recent = await lookAtSources(root);
    assertStrictEquals(recent.times, "");
    assertEquals(await lookAtSources(root, { hash: "known", times: "" }), recent);
    const later = Date.now() + 10_000;
    const { hash, times } = await lookAtSources(root, null, later);
    assertStrictEquals(hash, recent.hash);
    assertStrictEquals(times.length, 64);
    const known = { hash: "known", times };
    assertEquals(await lookAtSources(root, known, later), known);
    await settle(root, new Date(1_000_000));
    const touched = await lookAtSources(root, known, later);
    assertStrictEquals(touched.hash, hash);
    assertNotEquals(touched.times, times);
  }));

Deno.test("a build's stamp can be read back, and a missing one is reported", () =>
  withTree(async (root) => {
    assertStrictEquals(await readStamp(root, "_fresh"), null);
    const stamp = { hash: "hash", framework: "./lib/fresh/mod.ts", times: "times" };
    await writeStamp(root, "_fresh", stamp);
    assertEquals(await readStamp(root, "_fresh"), stamp);
  }));

Deno.test("the framework's source does not depend on the project's path", () => {
  assertStrictEquals(
    frameworkAt("file:///srv/app/", "file:///srv/app/lib/fresh/mod.ts"),
    "./lib/fresh/mod.ts",
  );
  const jsr = "https://jsr.io/@fresh/core/2.3.3/src/mod.ts";
  assertStrictEquals(frameworkAt("file:///srv/app/", jsr), jsr);
});

Deno.test("only a build by the same framework is served; others are rejected in one line", () =>
  withTree(async (root) => {
    const check = (framework: string) => checkBuild(root, "_fresh", framework);
    assertError(await assertRejects(() => check("a")), { name: "BuildError", message: /no build/ });
    await Deno.writeTextFile(`${root}/_fresh/bundle.js`, "");
    await check("a");
    await writeStamp(root, "_fresh", { hash: "hash", framework: "a", times: "" });
    await check("a");
    assertError(await assertRejects(() => check("b")), {
      name: "BuildError",
      message: /made with a, not b: run/,
    });
  }));
