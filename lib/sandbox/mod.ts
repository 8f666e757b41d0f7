/** The Task API's wire protocol, embedded. */
export { createSandbox } from "./sandbox.ts";
export type { Sandbox, SandboxOptions } from "./options.ts";
export { KeptBytes } from "./kept.ts";
export { FAULTS } from "./faults.ts";
