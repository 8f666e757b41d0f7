/** `deno task deploy` on the real `deno deploy`, with a fake command line inside. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { deployProcess } from "../../lib/deploy/process.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const CLI = new URL("./fake_cli.ts", import.meta.url).href;
const CONFIG = '{ // Ours.\n"deploy": { "build": "x", "runtime": {}, } }\n';

async function inProject(test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(root, "deno.json"), CONFIG);
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const ARGUMENTS = [
  ["whoami", "--json", "--non-interactive"],
  ["env", "add", "A", "A", "--secret", "--org", "acme", "--app", "acme"],
  ["whoami"],
];

for (const args of ARGUMENTS) {
  Deno.test(`deno deploy ${args.join(" ")} gets each argument once`, () =>
    inProject(async (root) => {
      const { code, stderr } = await deployProcess(root, CLI)(args);
      assertStrictEquals(code, 0, stderr);
      assertEquals(JSON.parse(stderr.trim().split("\n").at(-1) ?? ""), args);
    }));
}

for (const args of [["rewrite"], ["rewrite", "fail"]]) {
  Deno.test(`deno.json stays unchanged although the command line writes to it: ${args}`, () =>
    inProject(async (root) => {
      const { code } = await deployProcess(root, CLI)(args);
      assertStrictEquals(code, args.length === 1 ? 0 : 4);
      assertStrictEquals(await Deno.readTextFile(join(root, "deno.json")), CONFIG);
    }));
}

Deno.test("edits to deno.json during a deploy are kept", () =>
  inProject(async (root) => {
    assertStrictEquals((await deployProcess(root, CLI)(["edit"])).code, 0);
    assertStrictEquals(await Deno.readTextFile(join(root, "deno.json")), '{ "tasks": {} }\n');
  }));

async function task(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "deploy", ...args],
    cwd: ROOT,
    env: { DENO_DEPLOY_CLI_SPECIFIER: CLI, NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("deno task deploy --app my-tasks --dry-run asks first and shows the plan", async () => {
  const { code, out, err } = await task("--app", "my-tasks", "--dry-run");
  assertStrictEquals(code, 0, err);
  assertMatch(out, /^my-tasks in acme \(new\)\n/);
  assertMatch(out, /\n5\. [^\n]*\n {3}deno deploy \. --org acme --app my-tasks --prod\n/);
  assertMatch(out, /A dry run: nothing was changed\.\n$/);
});

Deno.test("deno task deploy runs every step and prints the URL", async () => {
  const { code, out, err } = await task("--app", "my-tasks");
  assertStrictEquals(code, 0, err);
  assertMatch(out, /\nDeployed: https:\/\/tasks\.example\n/);
});

Deno.test("deno task deploy --app Nonsense prints a one-line error", async () => {
  const { code, out, err } = await task("--app", "My Tasks");
  assertStrictEquals(code, 1);
  assertStrictEquals(out, "");
  assertMatch(err, /\n--app must be lower-case letters, digits and hyphens, not "My Tasks"\n$/);
});
