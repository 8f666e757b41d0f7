import { parallel as stream } from "../../sse/mod.ts";
import { type Api, messages } from "./api.ts";

/** https://docs.parallel.ai/chat-api/chat-quickstart: answers from the web, OpenAI's shape. */
export const parallel: Api = {
  name: "parallel",
  title: "Parallel",
  origin: "https://api.parallel.ai",
  path: "/v1beta/chat/completions",
  keys: ["PARALLEL_API_KEY"],
  auth: { header: "x-api-key", scheme: "" },
  model: "speed",
  stream,
  body: (conversation, model) => ({ model, messages: messages(conversation), stream: true }),
};
