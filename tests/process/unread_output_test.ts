/** The server keeps serving if its output is not read, and an uncaught error does not end it. */
import { assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..");
/** Far more lines than a pipe holds (64 KiB). */
const REQUESTS = 1_500;

/** The states of the pipes that receive the server's output. */
const OUTPUTS: readonly (readonly [string, (child: Deno.ChildProcess) => Promise<void>])[] = [
  ["closed", async (child) => {
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
  }],
  ["full, for nobody reads it", () => Promise.resolve()],
];

for (const [name, leave] of OUTPUTS) {
  Deno.test(`a server whose output is ${name} serves every request and can be stopped`, async () => {
    const folder = await Deno.makeTempDir();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "main.ts"],
      cwd: ROOT,
      env: {
        PORT: "0",
        HOST: "127.0.0.1",
        KV_PATH: join(folder, "kv.db"),
        LOG_LEVEL: "debug",
        NO_COLOR: "1",
        REQUEST_LIMIT_PER_MINUTE: "1000000",
      },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    try {
      let said = "", url = "";
      for await (
        const text of child.stdout.pipeThrough(new TextDecoderStream(), { preventCancel: true })
          .values({ preventCancel: true })
      ) {
        url = /http:\/\/\S+/.exec(said += text)?.[0] ?? "";
        if (url !== "") break;
      }
      assertNotEquals(url, "", said);
      await leave(child).catch(() => {});
      const ask = async (): Promise<number> => {
        const response = await fetch(`${url}/healthz`);
        await response.body?.cancel();
        return response.status;
      };
      for (let sent = 0; sent < REQUESTS; sent += 50) {
        const answers = await Promise.all(Array.from({ length: 50 }, ask));
        assertEquals(new Set(answers), new Set([200]));
      }
    } finally {
      child.kill("SIGTERM");
      assertStrictEquals((await child.status).code, 0);
      await child.stdout.cancel().catch(() => {});
      await child.stderr.cancel().catch(() => {});
      await Deno.remove(folder, { recursive: true });
    }
  });
}
