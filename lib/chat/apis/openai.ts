import { openai as stream } from "../../sse/mod.ts";
import { type Api, bearer, messages } from "./api.ts";

/** https://platform.openai.com/docs/api-reference/chat/create; what most other servers copy. */
export const openai: Api = {
  name: "openai",
  title: "OpenAI chat",
  origin: "https://api.openai.com",
  path: "/v1/chat/completions",
  keys: ["OPENAI_API_KEY"],
  auth: bearer,
  model: "gpt-5.6-luna",
  stream,
  body: (conversation, model) => ({
    model,
    messages: messages(conversation),
    stream: true,
    // Without it a stream says nothing of tokens.
    stream_options: { include_usage: true },
  }),
};
