/**
 * The permissions in the Dockerfile and the systemd unit: the server needs no more, writes only to its
 * database's folder, and needs no writable disk if KV is elsewhere.
 */
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { V8_FLAGS } from "../../lib/build/pack_app.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** Serves with these flags until the first response. Returns stderr. */
async function firstPage(flags: readonly string[], env: Record<string, string>): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--cached-only", "--no-prompt", ...flags, "main.ts"],
    cwd: ROOT,
    env: { PORT: "0", HOST: "127.0.0.1", LOG_LEVEL: "warn", NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  let url: string | undefined;
  let output = "";
  for await (
    const text of child.stdout.pipeThrough(new TextDecoderStream()).values({ preventCancel: true })
  ) {
    output += text;
    url = /http:\/\/\S+/.exec(output)?.[0];
    if (url !== undefined) break;
  }
  if (url === undefined) return await stderr;
  const response = await fetch(url);
  assertStrictEquals(response.status, 200);
  assertMatch(await response.text(), /<h1/);
  // Loads the SDK of the MCP server, which a page does not.
  const tools = await fetch(new URL("/mcp", url), {
    method: "POST",
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "x-api-key": "sandbox-permissions",
    },
  });
  assertMatch(await tools.text(), /"create_task"/);
  child.kill("SIGTERM");
  assertStrictEquals((await child.status).code, 0);
  await child.stdout.cancel().catch(() => {});
  return await stderr;
}

/** The flags of `deno run` that a file starts the server with. */
async function flagsIn(file: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(ROOT, file));
  return [...text.matchAll(/--allow-[a-z]+(?:=[^\s",]+)?/g)].map(([flag]) => flag);
}

for (
  const [file, folder] of [
    ["Dockerfile", "/data"],
    ["docs/systemd/taskstream.service", "/var/lib/taskstream"],
  ] as const
) {
  Deno.test(`the server runs with the permissions of ${file}`, async () => {
    const data = await Deno.makeTempDir();
    try {
      const flags = await flagsIn(file);
      assert(flags.includes(`--allow-write=${folder}`), flags.join(" "));
      const here = flags.map((flag) => flag.replace(folder, data));
      const output = await firstPage(here, { KV_PATH: join(data, "kv.db") });
      assertStrictEquals(output, "");
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
}

Deno.test("every way to start the server bounds how much garbage V8 leaves between collections", async () => {
  const files = ["deno.json", "deno.jsr.json", "Dockerfile", "docs/systemd/taskstream.service"];
  for (const file of files) {
    const text = await Deno.readTextFile(join(ROOT, file));
    assert(new RegExp(`--v8-flags=${V8_FLAGS}\\b`).test(text), file);
  }
});

Deno.test("the image has the folder of its volume, owned by its user", async () => {
  const steps = (await Deno.readTextFile(join(ROOT, "Dockerfile"))).split("\n");
  const after = (word: string) => steps.find((step) => step.startsWith(`${word} `))?.split(" ")[1];
  const user = after("USER"), volume = after("VOLUME");
  assert(user !== undefined && user !== "root" && volume !== undefined);
  const made = steps.indexOf(`RUN mkdir ${volume}`);
  const copied = steps.indexOf(`COPY --from=build --chown=${user} ${volume} ${volume}`);
  // Files that are added after the VOLUME instruction are lost.
  assert(made >= 0 && made < copied && copied < steps.indexOf(`VOLUME ${volume}`));
});

Deno.test("the systemd unit allows the system calls that V8 starts with, and kills for none", async () => {
  const unit = await Deno.readTextFile(join(ROOT, "docs/systemd/taskstream.service"));
  assertMatch(unit, /^SystemCallFilter=@system-service @pkey$/m);
  assertMatch(unit, /^SystemCallErrorNumber=EPERM$/m);
});

Deno.test("the built app runs without a writable disk", async () => {
  const output = await firstPage(
    ["--allow-net", "--allow-env", "--allow-read", "--allow-sys", "--deny-write"],
    { KV_PATH: ":memory:", SESSION_SECRET: "x".repeat(40) },
  );
  assertStrictEquals(output, "");
});
