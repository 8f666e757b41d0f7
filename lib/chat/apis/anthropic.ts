import { anthropic as stream } from "../../sse/mod.ts";
import { type Api, messages } from "./api.ts";

/** https://docs.anthropic.com/en/api/messages */
export const anthropic: Api = {
  name: "anthropic",
  title: "Anthropic",
  origin: "https://api.anthropic.com",
  path: "/v1/messages",
  keys: ["ANTHROPIC_API_KEY"],
  auth: { header: "x-api-key", scheme: "" },
  headers: { "anthropic-version": "2023-06-01" },
  model: "claude-sonnet-5-5",
  stream,
  body: ({ system, turns }, model) => ({
    model,
    // Required; an answer that reaches it ends with `max_tokens`, which the chat says.
    max_tokens: 8192,
    ...(system === undefined ? {} : { system }),
    messages: messages({ turns }),
    stream: true,
  }),
};
