/**
 * Whether the build output is stale, which framework it was made with, and deno.json as JSON.
 *
 * @module
 */
export { buildApp } from "./bundle_server.ts";
export {
  BuildError,
  buildIfStale,
  checkBuild,
  frameworkAt,
  isCurrent,
  lookAtSources,
  readStamp,
  SOURCES,
  writeStamp,
} from "./stamp.ts";
