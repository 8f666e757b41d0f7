/**
 * Simulates the use of a request's MCP servers. No server is ever contacted, and header values are neither
 * stored nor repeated.
 */
import { isPrivateHost } from "../../tasks/fields/mod.ts";
import type { McpServer, McpToolCall, TaskRunInput, Warning } from "../../parallel/mod.ts";
import type { Random } from "../random.ts";
import { say, type Step, type ToolUse } from "./script.ts";
import type { Topic } from "./topic.ts";

/** The tool calls of a request; none if it names no servers. */
export function useTools(input: TaskRunInput, topic: Topic, random: Random): ToolUse {
  const steps: Step[] = [];
  const calls: McpToolCall[] = [];
  const warnings: Warning[] = [];
  for (const server of input.mcp_servers ?? []) {
    steps.push(say("tool_call", `Listing tools for MCP server ${server.name}.`, 0.5));
    if (isUnreachable(server)) {
      warnings.push(unreachable(server, random));
      continue;
    }
    const tool = server.allowed_tools?.[0] ?? "search";
    const question = random.pick(topic.words);
    steps.push(
      say(
        "tool_call",
        `Executing MCP tool call on server ${server.name} with tool ${tool}.`,
        0.8,
      ),
    );
    calls.push({
      tool_call_id: `call_${random.hex(24)}`,
      server_name: server.name,
      tool_name: tool,
      arguments: JSON.stringify({ query: question }),
      content: JSON.stringify({
        simulated: true,
        note:
          `The Taskstream sandbox contacted no server. This stands for an answer about ${question}.`,
      }),
      error: "",
    });
  }
  return { steps, calls, warnings };
}

/** Names that cannot be resolved, as happens with real ones: the API then continues with a warning. */
function isUnreachable({ url }: McpServer): boolean {
  if (!URL.canParse(url)) return true;
  const { hostname } = new URL(url);
  return isPrivateHost(hostname) || hostname.endsWith(".example");
}

function unreachable({ name, url, headers }: McpServer, random: Random): Warning {
  const redacted = Object.fromEntries(Object.keys(headers ?? {}).map((each) => [each, "REDACTED"]));
  return {
    type: "warning",
    message: `Error listing tools from MCP server ${name}: 502 Bad gateway. Server details: ` +
      `Name: ${name}, URL: ${url}, Headers: ${JSON.stringify(redacted)}. ` +
      `Reference ID: ${random.uuid()}`,
    detail: {},
  };
}
