/**
 * The scenarios of `@modelcontextprotocol/conformance` that apply to a server with its own tools. The others
 * call tools, resources and prompts of the SDK's example server. Load the package with `deno run -A
 * npm:@modelcontextprotocol/conformance@0.1.16 list`; otherwise these tests are ignored.
 */
import { assertStrictEquals } from "@std/assert";
import { TestApp } from "../app/test_app.ts";

const PACKAGE = "npm:@modelcontextprotocol/conformance@0.1.16";

const SCENARIOS = [
  "server-initialize",
  "ping",
  "tools-list",
  "resources-list",
  "prompts-list",
  "dns-rebinding-protection",
];

function run(...args: string[]): Promise<Deno.CommandOutput> {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--cached-only", "--no-config", "--no-lock", PACKAGE, ...args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
}

const isThere = (await run("list")).success;

for (const scenario of SCENARIOS) {
  Deno.test({
    name: `conformance: ${scenario}${isThere ? "" : ` (ignored: ${PACKAGE} is not in the cache)`}`,
    ignore: !isThere,
    async fn() {
      const app = await TestApp.start();
      const server = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen() {} },
        (request, info) => {
          // The scenarios know no keys.
          const headers = new Headers(request.headers);
          headers.set("x-api-key", "sandbox-conformance");
          // The host that was asked for, as a server of our own sees it.
          const url = new URL(request.url);
          url.host = headers.get("host") ?? url.host;
          return app.handle(new Request(url, new Request(request, { headers })), info);
        },
      );
      const folder = await Deno.makeTempDir();
      try {
        const { stdout, stderr, success } = await run(
          "server",
          ...["--url", `http://127.0.0.1:${server.addr.port}/mcp`],
          ...["--scenario", scenario, "--output-dir", folder],
        );
        const said = new TextDecoder();
        assertStrictEquals(success, true, said.decode(stdout) + said.decode(stderr));
      } finally {
        await server.shutdown();
        await app.close();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
