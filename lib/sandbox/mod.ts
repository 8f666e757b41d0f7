/** The Task API's wire protocol, embedded. */
export { FAULTS } from "./faults.ts";
export { KeptBytes } from "./kept.ts";
export type { Sandbox, SandboxOptions } from "./options.ts";
export { createSandbox } from "./sandbox.ts";
