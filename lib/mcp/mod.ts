/**
 * `/mcp`: an account's tasks for agents, over the Model Context Protocol. Stateless: each request carries its
 * key, and any instance can handle it.
 *
 * @module
 */
export { handleMcp, metadataResponse } from "./handler.ts";
export { mcpContext } from "./context.ts";
