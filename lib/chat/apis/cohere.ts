import { cohere as stream } from "../../sse/mod.ts";
import { type Api, bearer, messages } from "./api.ts";

/** https://docs.cohere.com/reference/chat-stream */
export const cohere: Api = {
  name: "cohere",
  title: "Cohere v2",
  origin: "https://api.cohere.com",
  path: "/v2/chat",
  keys: ["CO_API_KEY"],
  auth: bearer,
  model: "command-a-03-2025",
  stream,
  body: (conversation, model) => ({ model, messages: messages(conversation), stream: true }),
};
