/**
 * `fresh/dev`: building, and serving while developing. Nothing of it is needed in production.
 *
 * @module
 */
export { Builder, type BuildOptions, type ResolvedBuildConfig } from "./build/builder.ts";
