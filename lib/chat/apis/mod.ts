import { anthropic } from "./anthropic.ts";
import type { Api } from "./api.ts";
import { cohere } from "./cohere.ts";
import { cohereV1 } from "./cohere_v1.ts";
import { google } from "./google.ts";
import { openai } from "./openai.ts";
import { openaiResponses } from "./openai_responses.ts";
import { parallel } from "./parallel.ts";

export type { Api } from "./api.ts";
export { openai };

/** In the order in which a key found in the environment chooses. */
export const apis: readonly Api[] = [
  openai,
  openaiResponses,
  anthropic,
  google,
  cohere,
  cohereV1,
  parallel,
];

/** Other names people would type. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["openai-chat", "openai"],
  ["responses", "openai-responses"],
  ["claude", "anthropic"],
  ["gemini", "google"],
  ["cohere-v2", "cohere"],
]);

/** The API of that name, if there is one. */
export function apiNamed(name: string): Api | undefined {
  const asked = name.toLowerCase();
  return apis.find((api) => api.name === (ALIASES.get(asked) ?? asked));
}
