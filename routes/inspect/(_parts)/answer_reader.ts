/** What reads the answers of LLM APIs, apart from the page so that it loads with the first stream. */
export { collectEvents, providers, SSEError } from "../../../lib/sse/mod.ts";
