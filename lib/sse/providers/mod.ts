/**
 * Descriptions of the streams of LLM APIs, one object per API.
 *
 * @module
 */
import { anthropic } from "./anthropic.ts";
import { cohere } from "./cohere.ts";
import { google } from "./google.ts";
import { openai } from "./openai.ts";
import { parallel } from "./parallel.ts";
import type { Provider } from "./provider.ts";

export type { Path, Provider, Rule, ToolCallRule, When } from "./provider.ts";
export { anthropic, cohere, google, openai, parallel };

/** In the order of detection. `parallel` is before `openai`, because it sends OpenAI's chunks with a sign. */
export const providers: readonly Provider[] = [parallel, anthropic, google, cohere, openai];
