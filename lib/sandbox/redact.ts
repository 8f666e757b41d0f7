/** MCP header values are never stored: the sandbox contacts no server, so it has no use for them. */
import type { TaskRunInput } from "../parallel/mod.ts";

/** The request with the names of MCP headers only. */
export function withoutHeaderValues(input: TaskRunInput): TaskRunInput {
  if (!input.mcp_servers) return input;
  const servers = input.mcp_servers.map((server) => {
    if (!server.headers) return server;
    const names = Object.keys(server.headers);
    return { ...server, headers: Object.fromEntries(names.map((name) => [name, "REDACTED"])) };
  });
  return { ...input, mcp_servers: servers };
}
