import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { readArgs } from "../../lib/deploy/args.ts";
import { DeployError, type Ran } from "../../lib/deploy/cli.ts";
import { deploy } from "../../lib/deploy/deploy.ts";
import { readConfig } from "../../lib/deploy/inspect.ts";
import { assertError } from "../assert_error.ts";

const SECRET = "s3cret-".repeat(8);
const ok = (value: unknown): Ran => ({ code: 0, stdout: JSON.stringify(value), stderr: "" });
const fails = (code: number, message = ""): Ran => ({
  code,
  stdout: "",
  stderr: message && `deploying…\n${JSON.stringify({ error: { code: "X", message } })}\n`,
});

/** Deno Deploy as far as the command line shows it: remembers what it was told to make. */
class Platform {
  readonly calls: string[][] = [];
  readonly apps = new Set<string>();
  readonly databases = new Map<string, Set<string>>();
  readonly env = new Map<string, string>();
  orgs = ["acme"];
  /** Answers of commands, by their first words, in place of what the platform would say. */
  readonly broken = new Map<string, Ran>();

  readonly run = (args: readonly string[]): Promise<Ran> => {
    assertEquals(args.slice(-2), ["--json", "--non-interactive"]);
    const words = args.slice(0, -2);
    this.calls.push(words);
    return Promise.resolve(this.#answer(words));
  };

  #answer(words: readonly string[]): Ran {
    const line = words.join(" ");
    for (const [start, answer] of this.broken) if (line.startsWith(start)) return answer;
    const after = (flag: string) => words[words.indexOf(flag) + 1] ?? "";
    const [first = "", second = "", third = ""] = words;
    switch (`${first} ${second}`) {
      case "whoami ":
        return ok({ authenticated: true, orgs: this.orgs.map((slug) => ({ slug })) });
      case "apps list":
        return ok({ items: [...this.apps].map((slug) => ({ slug })), nextCursor: null });
      case "database list":
        return ok(
          [...this.databases].map(([name, apps]) => ({
            name,
            engine: "denokv",
            assignments: [...apps],
          })),
        );
      case "database provision":
        if (this.databases.has(third)) return fails(5, "SLUG_ALREADY_IN_USE");
        this.databases.set(third, new Set());
        return ok({});
      case "database assign":
        if (!this.apps.has(after("--app"))) return fails(4, "no such app");
        this.databases.get(third)?.add(after("--app"));
        return ok({});
      case "env list":
        return ok([...this.env.keys()].map((key) => ({ key, value: null, isSecret: true })));
      case "env add":
        if (this.env.has(third)) return fails(5, "exists");
        this.env.set(third, words[3] ?? "");
        return ok({});
      case "create .":
        this.apps.add(after("--app"));
        return ok({});
      case ". --org":
        return ok({
          url: "https://console.example/build",
          timelines: [{ partition: "production", domains: ["https://tasks.example"] }],
        });
    }
    return fails(2, `unknown: ${line}`);
  }
}

async function run(platform: Platform, args: readonly string[], config = {}): Promise<string> {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const read = readArgs(args);
  assert(read !== null);
  await deploy({ run: platform.run, config, print, newSecret: () => SECRET }, read);
  return lines.join("\n");
}

const changes = (platform: Platform) =>
  platform.calls.filter(([first, second]) => first !== "whoami" && second !== "list")
    .map((words) => words.slice(0, 2).join(" "));

Deno.test("a new app is created, given its database and secret, and deployed", async () => {
  const platform = new Platform();
  const output = await run(platform, ["--app", "tasks"]);
  assertEquals(changes(platform), [
    "create .",
    "database provision",
    "database assign",
    "env add",
    ". --org",
  ]);
  assertEquals([...platform.databases.get("tasks-kv") ?? []], ["tasks"]);
  assertStrictEquals(platform.env.get("SESSION_SECRET"), SECRET);
  assertMatch(output, /Deployed: https:\/\/tasks\.example\n/);
  assertMatch(output, /https:\/\/tasks\.example\/readyz/);
  assert(!output.includes(SECRET), "the secret is not printed");
});

Deno.test("a second deploy only deploys and keeps the secret", async () => {
  const platform = new Platform();
  await run(platform, ["--app", "tasks"]);
  platform.calls.length = 0;
  await run(platform, ["--app", "tasks"]);
  assertEquals(changes(platform), [". --org"]);
});

Deno.test("an interrupted deploy is completed", async () => {
  const platform = new Platform();
  platform.broken.set("env add", fails(6, "bad gateway"));
  assertError(await assertRejects(() => run(platform, ["--app", "tasks"])), (error) => {
    assert(error instanceof DeployError);
    assertMatch(error.message, /cannot be reached/);
    assertMatch(error.message, /bad gateway/);
    assert(!error.message.includes(SECRET));
    return true;
  });
  platform.broken.clear();
  platform.calls.length = 0;
  await run(platform, ["--app", "tasks"]);
  assertEquals(changes(platform), ["env add", ". --org"]);
});

Deno.test("an existing secret is never replaced, even if it was not listed", async () => {
  const platform = new Platform();
  platform.apps.add("tasks");
  platform.env.set("SESSION_SECRET", "theirs");
  platform.broken.set("env list", ok([]));
  await assertRejects(() => run(platform, ["--app", "tasks"]), DeployError);
  assertStrictEquals(platform.env.get("SESSION_SECRET"), "theirs");
});

Deno.test("a database that the app already has is used, even under another name", async () => {
  const platform = new Platform();
  platform.apps.add("tasks");
  platform.databases.set("ours", new Set(["tasks"]));
  await run(platform, ["--app", "tasks"]);
  assertEquals(changes(platform), ["env add", ". --org"]);
});

Deno.test("a dry run shows every command but runs none that changes anything", async () => {
  const platform = new Platform();
  const output = await run(platform, ["--app", "tasks", "--dry-run", "--region", "eu"]);
  assertEquals(changes(platform), []);
  for (
    const command of ["create .", "database provision", "database assign", "env add", "--prod"]
  ) assert(output.includes(`deno deploy `) && output.includes(command), command);
  assertMatch(output, /--region eu/);
  assertMatch(output, /\*{8}/);
  assert(!output.includes(SECRET));
  assertMatch(output, /nothing was changed/);
});

/** What `deno deploy` says when it cannot download its own command line. */
const NO_NETWORK: Ran = {
  code: 1,
  stdout: "",
  stderr: "\x1b[32mDownload\x1b[0m https://jsr.io/@deno/deploy/meta.json\n" +
    "\x1b[1m\x1b[31merror\x1b[0m: Uncaught (in promise) TypeError: JSR package manifest for " +
    "'@deno/deploy' failed to load. Import 'https://jsr.io/@deno/deploy/meta.json' failed.\n" +
    "await import(cli);\n\x1b[31m^\x1b[0m\n    at async file:///app/once.ts:11:1\n",
};

const BLIND: readonly (readonly [string, string[], string, Ran, readonly RegExp[]])[] = [
  ["a login", ["--app", "tasks"], "whoami", fails(3, "no token"), [
    /^tasks in YOUR-ORG/,
    /Not checked: your login, whether the app exists, whether it has a database, whether SESSION_SECRET is set\./,
    /DENO_DEPLOY_TOKEN/,
  ]],
  ["a network", ["--app", "tasks", "--org", "acme"], "whoami", NO_NETWORK, [
    /^tasks in acme/,
    /Check the network/,
  ]],
  ["a network, a login and a name", [], "whoami", NO_NETWORK, [
    /^YOUR-APP in YOUR-ORG/,
    /Not checked: your login, the name of the app,/,
    /Pass --app NAME/,
  ]],
  ["the list of databases", ["--app", "tasks"], "database list", fails(6, "bad gateway"), [
    /^tasks in acme/,
    /Not checked: whether it has a database\./,
    /bad gateway/,
  ]],
];
for (const [name, args, command, answer, expected] of BLIND) {
  Deno.test(`a dry run without ${name} prints the plan and what could not be checked`, async () => {
    const platform = new Platform();
    platform.broken.set(command, answer);
    const output = await run(platform, [...args, "--dry-run"]);
    for (const line of expected) assertMatch(output, line);
    assertMatch(output, /1\. Create the app/);
    assertMatch(output, /--prod\n\nA dry run: nothing was changed\.$/);
    assert(!output.includes("\x1b"));
    assertNotMatch(output, /\bat async\b|Uncaught/);
    await assertRejects(() => run(platform, args), DeployError, "", "without --dry-run it stops");
  });
}

Deno.test("names come from the command line, then deno.json, then the only organisation", async () => {
  const platform = new Platform();
  platform.orgs = ["acme", "other"];
  const output = await run(platform, ["--dry-run", "--org", "flag"], {
    org: "conf",
    app: "conf-app",
  });
  assertMatch(output, /^conf-app in flag/);
  assertMatch(await run(platform, ["--dry-run"], { org: "conf", app: "x" }), /^x in conf/);
  assertMatch(
    String(await assertRejects(() => run(platform, ["--app", "x"]))),
    /Which organisation\?.*acme, other/,
  );
  await assertRejects(() => run(platform, []), DeployError);
  platform.orgs = [];
  assertMatch(
    String(await assertRejects(() => run(platform, ["--app", "x"]))),
    /no organisation yet/,
  );
  platform.orgs = ["acme"];
  assertMatch(String(await assertRejects(() => run(platform, []))), /Which app\?/);
});

Deno.test("an app on a later page of the list is found", async () => {
  const platform = new Platform();
  platform.apps.add("tasks");
  platform.broken.set("apps list --org acme --cursor two", ok({ items: [{ slug: "tasks" }] }));
  platform.broken.set("apps list", ok({ items: [{ slug: "a" }], nextCursor: "two" }));
  await run(platform, ["--app", "tasks"]);
  assert(!changes(platform).includes("create ."));
});

const FAILURES: readonly [Ran, RegExp][] = [
  [fails(3, "expired"), /Not signed in.*\n.*expired/],
  [fails(2, "unknown flag"), /another version.*\n.*unknown flag/],
  [fails(1), /whoami` failed \(1\)$/],
  [{ code: 1, stdout: "", stderr: "error: broken pipe\n\nStack:\n 0: x" }, /error: broken pipe/],
  [{ code: 0, stdout: "<html>", stderr: "" }, /other than JSON: <html>/],
];

for (const [answer, message] of FAILURES) {
  Deno.test(`a command that ends with ${answer.code} ${answer.stderr.slice(0, 20).trim()} prints: ${message}`, async () => {
    const platform = new Platform();
    platform.broken.set("whoami", answer);
    assertError(await assertRejects(() => run(platform, ["--app", "tasks"])), (error) => {
      assert(error instanceof DeployError);
      assertMatch(error.message, message);
      return true;
    });
  });
}

Deno.test("the command line is checked before any request", () => {
  assertStrictEquals(readArgs(["--help"]), null);
  assertMatch(
    String(assertThrows(() => readArgs(["--app", "My App"]))),
    /--app must be lower-case/,
  );
  assertThrows(() => readArgs(["--app", "--prod"]), DeployError);
  assertMatch(
    String(assertThrows(() => readArgs(["--region", "moon"]))),
    /--region must be one of us, eu, global/,
  );
  assertMatch(String(assertThrows(() => readArgs(["--what"]))), /deno task deploy \[--org/);
});

Deno.test("deno.json may have comments and trailing commas; a wrong one gives a one-line error", () => {
  assertEquals(readConfig('{"deploy":{"org":"acme"}}'), { org: "acme" });
  assertEquals(readConfig("{}"), {});
  assertEquals(readConfig('{"deploy":null}'), {});
  const commented = `/* Ours, */ { // "deploy": {}
    "imports": { "a//b": "https://x.example/*", "b": "\\"//,]", }, // */
    "deploy": { "org": "acme", /* , */ },
  }`;
  assertEquals(readConfig(commented), { org: "acme" });
  for (
    const text of [
      "null",
      "{",
      '{"deploy":{"org":5}}',
      '{"deploy":{"app":"--prod"}}',
      '{"deploy":{"app":["x"]}}',
    ]
  ) {
    const { message } = assertThrows(() => readConfig(text), DeployError);
    assertMatch(message, /^[^\n]*deno\.json [^\n]+$/);
  }
});

Deno.test("deno.json says what Deno Deploy has to build and run", async () => {
  const path = new URL("../../deno.json", import.meta.url);
  const { deploy, tasks, unstable } = JSON.parse(await Deno.readTextFile(path));
  assertEquals(deploy.runtime, { type: "dynamic", entrypoint: "main.ts" });
  assertStrictEquals(deploy.build, "deno task build");
  assert(tasks.build !== undefined);
  assert(unstable.includes("kv") && unstable.includes("cron"));
});
