/** Where MCP clients get a key: the form with the server's path (RFC 9728, section 3.1). */
export { handler } from "./index.ts";
