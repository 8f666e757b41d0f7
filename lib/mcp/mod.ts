/**
 * `/mcp`: the account's tasks for agents, by the Model Context Protocol. Stateless: each request brings
 * its key, and any instance answers it.
 *
 * @module
 */
export { answerMcp, type McpRequest } from "./answer.ts";
export { type McpContext, mcpContext, type McpServices } from "./context.ts";
export { metadataResponse } from "./metadata.ts";
