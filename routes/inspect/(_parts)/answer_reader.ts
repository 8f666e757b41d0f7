/** Reads the answers of LLM APIs. A separate module that loads with the first stream. */
export { collectEvents, providers, SSEError } from "../../../lib/sse/mod.ts";
