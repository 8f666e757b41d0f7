import { handleMcp, mcpContext } from "../lib/mcp/mod.ts";
import { define } from "../lib/state.ts";

/** The MCP server. It uses no session: each request contains its key. */
export const handler = define.handlers(({ req, state, url }) => {
  const { client, network, services } = state;
  return handleMcp(mcpContext(services), { request: req, url, client: { client, network } });
});
