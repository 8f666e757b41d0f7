import { openai as stream } from "../../sse/mod.ts";
import { type Api, bearer, messages } from "./api.ts";

/** https://platform.openai.com/docs/api-reference/responses/create */
export const openaiResponses: Api = {
  name: "openai-responses",
  title: "OpenAI responses",
  origin: "https://api.openai.com",
  path: "/v1/responses",
  keys: ["OPENAI_API_KEY"],
  auth: bearer,
  model: "gpt-5.6-luna",
  stream,
  body: ({ system, turns }, model) => ({
    model,
    ...(system === undefined ? {} : { instructions: system }),
    input: messages({ turns }),
    stream: true,
    // The conversation is sent whole each time: nothing need be kept over there.
    store: false,
  }),
};
