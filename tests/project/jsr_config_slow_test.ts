/** A checkout resolves Fresh and @std to this project or to JSR, with no other difference. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { jsrConfig, resolvedTo, sourceOf, switchTo, targetOf } from "../../lib/build/framework.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const read = (name: string) => Deno.readTextFile(join(ROOT, name));

Deno.test("deno.jsr.json is deno.json with JSR's packages from JSR, and states the versions", async () => {
  const expected = JSON.parse(jsrConfig(await read("deno.json")));
  const jsr = JSON.parse(await read("deno.jsr.json"));
  assertEquals(jsr, expected, "run `deno task fresh sync`");
  for (const [name, target] of Object.entries<string>(jsr.imports)) {
    const version = /^jsr:[^@]*@[^@]+@\^([\d.]+)/.exec(target)?.[1];
    if (version === undefined) assertMatch(target, /^npm:/, name);
    else assert(jsr["//"].includes(version), `${name}: ${version}`);
  }
});

Deno.test("every JSR name is in the table, and its replacement exists", async () => {
  const config = await read("deno.json");
  const { imports }: { imports: Record<string, string> } = JSON.parse(resolvedTo(config, "npm"));
  for (const [name, target] of Object.entries(imports)) {
    if (target.startsWith("npm:")) continue;
    assertStrictEquals(target, targetOf(name, "npm"), name);
    assert((await Deno.stat(join(ROOT, target))).isFile, target);
  }
});

Deno.test("lib/std has fewer than 500 lines", async () => {
  let lines = 0;
  const count = async (dir: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(dir)) {
      if (isDirectory) await count(join(dir, name));
      else lines += (await Deno.readTextFile(join(dir, name))).split("\n").length - 1;
    }
  };
  await count(join(ROOT, "lib", "std"));
  assert(lines < 500, `${lines}`);
});

/** A checkout with what the switch touches. */
async function withCheckout(run: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "checkout-" });
  try {
    await Deno.writeTextFile(join(root, "deno.json"), resolvedTo(await read("deno.json"), "npm"));
    await Deno.writeTextFile(join(root, "deno.lock"), "npm");
    await run(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("switching there and back leaves a checkout unchanged, lock files included", () =>
  withCheckout(async (root) => {
    const text = (name: string) => Deno.readTextFile(join(root, name));
    const before = await text("deno.json");
    assertStrictEquals(await switchTo(root, "jsr"), true);
    assertStrictEquals(sourceOf(await text("deno.json")), "jsr");
    assertStrictEquals(await text("deno.npm.lock"), "npm");
    await assertRejects(() => text("deno.lock"), Deno.errors.NotFound);
    await Deno.writeTextFile(join(root, "deno.lock"), "jsr");
    assertStrictEquals(await switchTo(root, "jsr"), false, "it is there already");
    assertStrictEquals(await text("deno.lock"), "jsr");
    assertStrictEquals(await switchTo(root, "npm"), true);
    assertStrictEquals(await text("deno.json"), before);
    assertStrictEquals(await text("deno.lock"), "npm");
    assertStrictEquals(await switchTo(root, "jsr"), true);
    assertStrictEquals(await text("deno.lock"), "jsr");
  }));

Deno.test("the task switches there, again, and back, and reports the state", () =>
  withCheckout(async (root) => {
    await Deno.mkdir(join(root, "lib", "build"), { recursive: true });
    for (const name of ["framework.ts", "fresh.ts"]) {
      await Deno.copyFile(join(ROOT, "lib", "build", name), join(root, "lib", "build", name));
    }
    const task = async (...args: string[]) => {
      const command = new Deno.Command(Deno.execPath(), {
        args: ["task", "fresh", ...args],
        cwd: root,
        env: { NO_COLOR: "1" },
      });
      const { code, stdout, stderr } = await command.output();
      assertStrictEquals(code, 0, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    };
    await Deno.remove(join(root, "deno.lock"));
    const before = await Deno.readTextFile(join(root, "deno.json"));
    assertMatch(await task(), /lib\/fresh and lib\/std/);
    assertMatch(await task("jsr"), /from JSR/);
    assertMatch(await task("jsr"), /from JSR/);
    assertMatch(await task(), /from JSR/);
    assertMatch(await task("npm"), /lib\/fresh and lib\/std/);
    assertStrictEquals(await Deno.readTextFile(join(root, "deno.json")), before);
  }));

Deno.test("edits to deno.json in between are kept", () =>
  withCheckout(async (root) => {
    const path = join(root, "deno.json");
    await switchTo(root, "jsr");
    const edited = (await Deno.readTextFile(path)).replace('"0.1.0"', '"0.2.0"');
    await Deno.writeTextFile(path, edited);
    await switchTo(root, "npm");
    const config = JSON.parse(await Deno.readTextFile(path));
    assertStrictEquals(config.version, "0.2.0");
    assertStrictEquals(config.imports.fresh, "./lib/fresh/mod.ts");
  }));

Deno.test("an unknown import map is rejected and left unchanged", () =>
  withCheckout(async (root) => {
    const path = join(root, "deno.json");
    const odd = (await Deno.readTextFile(path)).replace("./lib/fresh/dev.ts", "./elsewhere.ts");
    await Deno.writeTextFile(path, odd);
    assertMatch(String(await assertRejects(() => switchTo(root, "jsr"))), /neither/);
    assertStrictEquals(await Deno.readTextFile(path), odd);
    assertStrictEquals(await Deno.readTextFile(join(root, "deno.lock")), "npm");
  }));
