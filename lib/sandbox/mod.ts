/** The Task API's wire protocol, embedded. */
export { StoredBytes } from "./stored_bytes.ts";
export type { Sandbox, SandboxOptions } from "./options.ts";
export { createSandbox } from "./sandbox.ts";
