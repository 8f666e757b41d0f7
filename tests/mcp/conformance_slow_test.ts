/**
 * The scenarios of `@modelcontextprotocol/conformance` for features that this server has. Many call tools,
 * prompts and resources of the SDK's example server by their names: ours stand in for those of the same kind.
 * docs/operate/tested.md says which scenarios do not apply. Load the package with `deno run -A
 * npm:@modelcontextprotocol/conformance@0.1.16 list`; otherwise these tests are ignored.
 */
import { assertStrictEquals } from "@std/assert";
import { isObject } from "../../lib/base/mod.ts";
import { TestApp } from "../app/test_app.ts";
import { agentOf } from "./agents.ts";

const PACKAGE = "npm:@modelcontextprotocol/conformance@0.1.16";
const KEY = "sandbox-conformance";

const SCENARIOS = [
  "server-initialize",
  "ping",
  "completion-complete",
  "tools-list",
  "tools-call-simple-text",
  "tools-call-error",
  "tools-call-with-progress",
  "resources-list",
  "resources-read-text",
  "resources-templates-read",
  "prompts-list",
  "prompts-get-simple",
  "prompts-get-with-args",
  "server-sse-multiple-streams",
  "dns-rebinding-protection",
];

/** The parameters of a request about the example server, as a request about ours with a task of this ID. */
function ours(method: unknown, params: Record<string, unknown>, id: string) {
  const { name, uri, arguments: sent } = params;
  switch (`${method} ${uri ?? name ?? ""}`) {
    case "tools/call test_simple_text":
      return { name: "search_tasks", arguments: { query: "" } };
    case "tools/call test_error_handling":
      return { name: "get_result", arguments: { id: "trun_nowhere" } };
    case "tools/call test_tool_with_progress":
      // It is due three notifications, and one comes every five seconds.
      return { name: "get_status", arguments: { id, wait_s: 25 } };
    case "resources/read test://static-text":
    case "resources/read test://template/123/data":
      return { uri: `task://${id}` };
    case "prompts/get test_simple_prompt":
      return { name: "review_task", arguments: { id } };
    case "prompts/get test_prompt_with_arguments": {
      const { arg1: question, arg2: processor } = isObject(sent) ? sent : {};
      return { name: "research", arguments: { question, processor } };
    }
    case "completion/complete ":
      return {
        ref: { type: "ref/prompt", name: "research" },
        argument: { name: "processor", value: "pro" },
      };
    default:
      return {};
  }
}

/** A request of the suite, as this server understands it. */
async function translated(request: Request, id: string): Promise<Request> {
  const headers = new Headers(request.headers);
  // The scenarios know no keys.
  headers.set("x-api-key", KEY);
  // The host that was asked for, as a server of our own sees it.
  const url = new URL(request.url);
  url.host = headers.get("host") ?? url.host;
  const { method } = request;
  if (method !== "POST") return new Request(url, { method, headers });
  const message = await request.json();
  const params: unknown = message.params;
  const sent = isObject(params)
    ? { ...message, params: { ...params, ...ours(message.method, params, id) } }
    : message;
  headers.delete("content-length");
  return new Request(url, { method, headers, body: JSON.stringify(sent) });
}

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
      // A task that is still running when the scenario ends. Its report has the number that one looks for.
      const app = await TestApp.start({ config: { sandboxSpeed: 0.01 } });
      const agent = await agentOf(app, KEY);
      const { data } = await agent.call("create_task", { input: "What is 123?" });
      await agent.close();
      const server = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen() {} },
        async (request, info) => {
          const response = await app.handle(await translated(request, String(data.id)), info);
          // One scenario goes on only with a session, and then sends three requests at once.
          response.headers.set("mcp-session-id", "none");
          return response;
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
