/** The mask of MCP servers' secrets, loaded when a form has servers. */
export { maskServersText } from "../../../lib/tasks/fields/mod.ts";
