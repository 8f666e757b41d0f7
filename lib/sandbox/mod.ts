/** The Task API's wire protocol, embedded. */
export { createSandbox, type Sandbox, type SandboxOptions } from "./sandbox.ts";
export { KeptBytes } from "./kept.ts";
export { FAULTS } from "./faults.ts";
