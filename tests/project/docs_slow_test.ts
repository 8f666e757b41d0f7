/** The documentation is correct: its commands run or say why not, and its settings and links exist. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertStrictEquals,
  assertThrows,
  fail,
} from "@std/assert";
import { dirname, join, relative } from "node:path";
import { ConfigError, readConfig } from "../../lib/config.ts";
import { Server } from "../process/server.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const CONFIGURATION = join(ROOT, "docs", "reference", "configuration.md");

async function markdownFiles(): Promise<string[]> {
  const found = ["README.md", "SECURITY.md", "bench/README.md", "lib/sse/README.md"];
  const walk = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
      if (isDirectory) await walk(`${folder}/${name}`);
      else if (name.endsWith(".md")) found.push(`${folder}/${name}`);
    }
  };
  await walk("docs");
  return found.sort();
}

interface Command {
  readonly file: string;
  readonly line: string;
  /** The paragraph before its block says "Not tried". */
  readonly notTried: boolean;
}

/** Every command of every shell block, continued lines joined. */
async function commands(): Promise<Command[]> {
  const found: Command[] = [];
  for (const file of await markdownFiles()) {
    const text = await Deno.readTextFile(join(ROOT, file));
    for (const match of text.matchAll(/```sh\n([\s\S]*?)```/g)) {
      const before = text.slice(0, match.index).trimEnd().split("\n\n").at(-1) ?? "";
      const lines = (match[1] ?? "").replaceAll(/\\\n\s*/g, "").trim().split("\n");
      for (const line of lines) {
        if (line !== "") found.push({ file, line, notTried: /^Not tried/.test(before) });
      }
    }
  }
  return found;
}

/** Commands that other tests run, or CI itself, and where. */
const ELSEWHERE: readonly (readonly [command: RegExp, where: string, holds: RegExp])[] = [
  [/^npx -y deno@\S+ task start$/, "tests/process/start_task_test.ts", /\["task", "start"\]/],
  [/^npx -y deno@\S+ task test$/, ".ci/run", /npx -y deno@\S+ task test/],
  [
    /^deno task deploy --app my-tasks --dry-run$/,
    "tests/deploy/deploy_slow_test.ts",
    /task\("--app", "my-tasks", "--dry-run"\)/,
  ],
  // The address and header that it stores, with the official clients.
  [
    /^claude mcp add --transport http \S+ \S+ --header "[^"]+"$/,
    "tests/mcp/readme_test.ts",
    /claude mcp add/,
  ],
  [/^deno task fresh (jsr|npm)$/, "tests/project/jsr_config_slow_test.ts", /task\("jsr"\)/],
  [/^deno task (backup|restore) \S+$/, "tests/backup/backup_slow_test.ts", /task\("restore"/],
  [/^OTEL_DENO=true /, "tests/process/otel_test.ts", /OTEL_DENO: "true"/],
  [/^deno doc --html /, "tests/sse/packed_slow_test.ts", /"--html"/],
  [/^deno task chat /, "tests/examples/chat/chat_slow_test.ts", /examples\/chat\/main\.ts/],
];

/** Commands that are run here, against a server of their own. */
const RUN_HERE = /^curl /;

Deno.test("every command in the docs is run by a test or marked as untested", async () => {
  const unknown: string[] = [];
  for (const { file, line, notTried } of await commands()) {
    if (notTried || RUN_HERE.test(line)) continue;
    const known = ELSEWHERE.find(([command]) => command.test(line));
    if (known === undefined) unknown.push(`${file}: ${line}`);
    else assertMatch(await Deno.readTextFile(join(ROOT, known[1])), known[2], line);
  }
  assertEquals(unknown, []);
});

Deno.test("the docs' curl commands do what the docs say", async () => {
  const token = "a-token-for-the-docs";
  // A run that is over before a busy machine records it has one event.
  await using server = await Server.start({ SANDBOX_SPEED: "10", ADMIN_TOKEN: token });
  const env: Record<string, string> = { ADMIN_TOKEN: token, NO_PROXY: "*" };
  const shell = async (line: string) => {
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", line.replaceAll("http://localhost:8000", server.url)],
      env,
    }).output();
    const decoder = new TextDecoder();
    assertStrictEquals(code, 0, `${line}\n${decoder.decode(stderr)}`);
    return decoder.decode(stdout);
  };
  const lines = (await commands()).filter(({ line }) => RUN_HERE.test(line)).map(({ line }) =>
    line
  );
  const creates = lines.filter((line) => line.includes("/api/v1/tasks/runs -H"));
  assert(creates.length > 0);
  for (const line of creates) env.RUN_ID = JSON.parse(await shell(line)).run_id;
  const others = lines.filter((line) => !creates.includes(line));
  for (const line of others) {
    const said = await shell(line);
    if (line.includes("/events")) assertMatch(said, /^id: ?5$/m, line);
    else if (line.includes("/admin/metrics")) {
      assertMatch(said, /^taskstream_recordings \d/m, line);
    } else fail(`what does this show? ${line}`);
  }
});

/** Rows of tables whose first cell names settings. */
const settingRows = (text: string) =>
  [...text.matchAll(/^\| (`[A-Z][^|]*?) +\| ([^|]*?) +\|/gm)].map(([, names = "", takes = ""]) => ({
    names: [...names.matchAll(/`([A-Z_]+)`/g)].map((match) => match[1] ?? ""),
    takes,
  }));

Deno.test("docs/reference/configuration.md names exactly the settings that are read", async () => {
  const config = await Deno.readTextFile(join(ROOT, "lib", "config.ts"));
  const read = new Set(
    [...config.matchAll(/"([A-Z][A-Z_]+[A-Z])"/g)].map((match) => match[1] ?? ""),
  );
  // Set by Deno Deploy itself.
  read.delete("DENO_DEPLOYMENT_ID");
  read.delete("DENO_DEPLOY");
  // Read by Deno itself when it opens a database of a KV Connect server.
  read.add("DENO_KV_ACCESS_TOKEN");
  const named = settingRows(await Deno.readTextFile(CONFIGURATION)).flatMap(({ names }) => names);
  assertEquals(named.sort(), [...read].sort());
});

Deno.test("the ranges in docs/reference/configuration.md match the settings", async () => {
  let ranges = 0;
  for (
    const { names: [name = ""], takes } of settingRows(
      await Deno.readTextFile(CONFIGURATION),
    )
  ) {
    const [, least, most] = /^([\d.]+) to (\d+)$/.exec(takes) ?? [];
    if (least === undefined || most === undefined) continue;
    const set = (value: string) => readConfig((asked) => asked === name ? value : undefined);
    for (const value of [least, most]) set(value);
    assertThrows(() => set(`${Number(most) + 1}`), ConfigError, "", name);
    if (Number(least) > 0) assertThrows(() => set(`${Number(least) / 2}`), ConfigError, "", name);
    ranges++;
  }
  assert(ranges >= 8, `${ranges}`);
});

Deno.test("docs/reference/commands.md names every task, and each has a description", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const page = await Deno.readTextFile(join(ROOT, "docs", "reference", "commands.md"));
  for (const [name, { description }] of Object.entries<{ description?: string }>(tasks)) {
    assert((description ?? "").length > 10, name);
    // `check` is the first half of `ok`.
    if (name !== "check") assert(page.includes(`\`deno task ${name}\``), name);
  }
});

Deno.test("troubleshooting quotes the app's messages exactly", async () => {
  const said: string[] = [];
  const read = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
      const path = `${folder}/${name}`;
      if (isDirectory) await read(path);
      else if (/\.tsx?$/.test(name)) said.push(await Deno.readTextFile(join(ROOT, path)));
    }
  };
  for (const folder of ["components", "islands", "lib", "routes"]) await read(folder);
  const text = await Deno.readTextFile(join(ROOT, "docs", "operate", "troubleshooting.md"));
  const quotes = [...text.matchAll(/^\| [^|]*?"([^"|]+)"/gm)]
    .map(([, quote = ""]) => quote.replace(/ …$/, ""));
  assert(quotes.length > 10, quotes.join("\n"));
  assertEquals(quotes.filter((quote) => !said.some((source) => source.includes(quote))), []);
});

Deno.test("every screenshot taken for the docs is used in them", async () => {
  let docs = "";
  for (const file of await markdownFiles()) docs += await Deno.readTextFile(join(ROOT, file));
  for await (const { name } of Deno.readDir(join(ROOT, "docs", "images"))) {
    if (name.endsWith(".png")) assert(docs.includes(`images/${name}"`), name);
  }
});

/** A path in backticks; one with a placeholder (`<name>`, `*`) is none. */
const NAMED_PATH =
  /`((?:bench|components|docs|examples|islands|lib|routes|static|tests)\/[\w./()[\]-]*)`/g;

/** The anchors that GitHub makes of a page's headings. */
const anchorsOf = (text: string) =>
  new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
      title.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
    ),
  );

Deno.test("links between the docs lead to an existing file and heading", async () => {
  const dead: string[] = [];
  for (const file of await markdownFiles()) {
    const text = await Deno.readTextFile(join(ROOT, file));
    const links = text.matchAll(/\]\(\s*([^)\s]+)[^)]*\)|\bsrc(?:set)?="([^"]+)"/g);
    for (const [, linked, pictured] of links) {
      const target = linked ?? pictured ?? "";
      if (/^[a-z]+:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const to = path === "" ? join(ROOT, file) : join(ROOT, dirname(file), path);
      const found = path.endsWith(".md") || path === ""
        ? await Deno.readTextFile(to).catch(() => null)
        : await Deno.stat(to).then(() => "", () => null);
      if (found === null || (anchor !== undefined && !anchorsOf(found).has(anchor))) {
        dead.push(`${file} -> ${target}`);
      }
    }
  }
  assertEquals(dead, []);
});

Deno.test("every file and folder named in the docs exists", async () => {
  const missing: string[] = [];
  let named = 0;
  for (const file of await markdownFiles()) {
    const text = await Deno.readTextFile(join(ROOT, file));
    for (const [, path = ""] of text.matchAll(NAMED_PATH)) {
      named++;
      await Deno.stat(join(ROOT, path)).catch(() => missing.push(`${file}: ${path}`));
    }
  }
  assert(named > 50, `${named}`);
  assertEquals(missing, []);
});

Deno.test("docs/architecture.md names every room of lib, and an existing module for each key", async () => {
  const text = await Deno.readTextFile(join(ROOT, "docs", "architecture.md"));
  const rooms: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, "lib"))) {
    if (isDirectory) rooms.push(name);
  }
  assertEquals(rooms.filter((room) => !text.includes(`\`lib/${room}/`)), []);
  const owners = [...text.matchAll(/^\| `\["[^|]*(?:\\\|[^|]*)*\| ([^|]*)\|/gm)]
    .flatMap(([, cell = ""]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, owner = ""]) => owner));
  assert(owners.length > 40, `${owners.length}`);
  const exists = (path: string) => Deno.stat(path).then(() => true, () => false);
  for (const owner of owners) {
    const path = join(ROOT, "lib", owner);
    assert(await exists(path) || await exists(`${path}.ts`), owner);
  }
});

Deno.test("docs/README.md links to every page of the docs", async () => {
  const index = await Deno.readTextFile(join(ROOT, "docs", "README.md"));
  const missing = (await markdownFiles()).filter((file) =>
    file.startsWith("docs/") && file !== "docs/README.md" &&
    !index.includes(`](${relative("docs", file)})`)
  );
  assertEquals(missing, []);
});

Deno.test("the provider in the docs works: it is detected and read", async () => {
  const text = await Deno.readTextFile(join(ROOT, "docs", "guides", "add-provider.md"));
  const snippet = /```ts\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  const types = new URL("../../lib/sse/providers/provider.ts", import.meta.url);
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, snippet.replace("./provider.ts", types.href));
    const { example } = await import(`file://${path}`);
    const { streamTokens } = await import("../../lib/sse/mod.ts");
    const body = new Response(
      'data: {"kind":"example.delta","delta":{"text":"Hel"}}\n\ndata: {"kind":"example.delta","delta":{"text":"lo"},"stop_reason":"end"}\n\n',
    ).body!;
    let said = "";
    for await (const token of streamTokens(body, example)) said += token;
    assertStrictEquals(said, "Hello");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("the SDK example of docs/guides/api.md runs unchanged", async () => {
  const text = await Deno.readTextFile(join(ROOT, "docs", "guides", "api.md"));
  const snippet = /```ts\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  await using server = await Server.start({ SANDBOX_SPEED: "100" });
  const folder = await Deno.makeTempDir();
  try {
    const config = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
    const imports = { "parallel-web": config.imports["parallel-web"] };
    await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify({ imports }));
    await Deno.writeTextFile(
      join(folder, "example.ts"),
      `${snippet.replace("http://localhost:8000", server.url)}\nconsole.log(output.type);\n`,
    );
    const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", "example.ts"],
      cwd: folder,
      env: { NO_PROXY: "*" },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    assertMatch(new TextDecoder().decode(stdout), /^(text|json)\n$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
