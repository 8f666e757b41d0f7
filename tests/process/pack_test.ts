/** The app as an npm package: packed, installed from its tarball, and started as `npx` starts it. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  fail,
} from "@std/assert";
import { join } from "node:path";
import { packApp } from "../../lib/build/pack_app.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function output(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  assert(success, `${command} ${args.join(" ")}: ${text(stdout)}${text(stderr)}`);
  return text(stdout);
}

/** Why the package cannot be installed here, if so. */
async function missing(): Promise<string | null> {
  try {
    const { success } = await new Deno.Command("npm", {
      args: [
        ...["view", `deno@${Deno.version.deno}`, "version"],
        ...["--prefer-offline", "--fetch-timeout=20000", "--fetch-retries=1"],
      ],
      stdout: "null",
      stderr: "null",
    }).output();
    return success ? null : "npm does not reach its registry";
  } catch {
    return "there is no npm";
  }
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the package has the build, its command and its licence, and no source maps", () =>
  inFolder(async (folder) => {
    const { tarball, version } = await packApp(folder);
    const files = (await output("tar", ["-tzf", tarball], folder)).split("\n");
    for (
      const name of ["package.json", "bin.cjs", "LICENSE", "README.md", "app/_fresh/bundle.js"]
    ) {
      assert(files.includes(`package/${name}`), name);
    }
    assertEquals(files.filter((name) => name.endsWith(".map")), []);
    assertEquals(files.filter((name) => /\.(ts|tsx|db)$/.test(name)), []);
    await output("tar", ["-xzf", tarball], folder);
    const manifest = JSON.parse(await Deno.readTextFile(join(folder, "package", "package.json")));
    assertStrictEquals(manifest.version, version);
    assertEquals(manifest.dependencies, { deno: Deno.version.deno });
    // It is run from the user's folder, so nothing may lead back to this one.
    const root = join(import.meta.dirname!, "..", "..");
    for (const name of files.filter((name) => /\.(c?js|json)$/.test(name))) {
      const content = await Deno.readTextFile(join(folder, name));
      assert(!content.includes(root), `${name} names this checkout`);
    }
  }));

const reason = await missing();
Deno.test({
  name: "the installed command serves the app from its own folder and stops on a signal" +
    (reason === null ? "" : `: ignored, ${reason}`),
  ignore: reason !== null,
  fn: () =>
    inFolder(async (folder) => {
      const { tarball } = await packApp(folder);
      // Without install scripts, as careful people install.
      await output("npm", [
        ...["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"],
        ...["--prefix", folder, tarball],
      ], folder);
      const child = new Deno.Command(join(folder, "node_modules", ".bin", "taskstream"), {
        cwd: folder,
        env: { PORT: "0", HOST: "127.0.0.1", NO_COLOR: "1" },
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const errors = new Response(child.stderr).text();
      const lines = child.stdout.pipeThrough(new TextDecoderStream());
      try {
        let said = "", url: string | undefined;
        for await (const each of lines.values({ preventCancel: true })) {
          said += each;
          url = /http:\/\/\S+/.exec(said)?.[0];
          if (url !== undefined) break;
        }
        if (url === undefined) fail(`The command ended: ${said}${await errors}`);
        const page = await (await fetch(url)).text();
        assertMatch(page, /Try the sandbox/);
        const [, style = ""] = /rel="stylesheet" href="([^"]+)"/.exec(page) ??
          /href="([^"]+)" rel="stylesheet"/.exec(page) ?? [];
        const styles = await fetch(new URL(style, url));
        assertMatch(styles.headers.get("content-type") ?? "", /^text\/css/);
        await styles.body?.cancel();
        const run = await fetch(new URL("/api/v1/tasks/runs", url), {
          method: "POST",
          headers: { "x-api-key": "sandbox-packed", "content-type": "application/json" },
          body: JSON.stringify({ input: "Which city is the largest?", processor: "lite" }),
        });
        assertStrictEquals(run.status, 202, await run.text());
        assert((await Deno.stat(join(folder, "data", "taskstream.db"))).isFile);
        child.kill("SIGTERM");
        assertStrictEquals((await child.status).code, 0);
        // The command waits for the server, so the port is closed now.
        await assertRejects(() => fetch(url ?? ""), TypeError);
        await lines.cancel();
      } finally {
        try {
          child.kill("SIGTERM");
        } catch {
          // It has ended.
        }
        await Promise.all([child.status, errors]);
      }
    }),
});
