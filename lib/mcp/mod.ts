/**
 * `/mcp`: an account's tasks for agents, over the Model Context Protocol. Stateless: each request carries its
 * key, and any instance can handle it.
 *
 * @module
 */
export { handleMcp, type McpRequest, metadataResponse } from "./handler.ts";
export { type McpContext, mcpContext, type McpServices } from "./context.ts";
