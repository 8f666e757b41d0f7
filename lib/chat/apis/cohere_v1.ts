import { cohere as stream } from "../../sse/mod.ts";
import { type Api, bearer } from "./api.ts";

/** https://docs.cohere.com/reference/chat-stream-v1: the question apart from what was before it. */
export const cohereV1: Api = {
  name: "cohere-v1",
  title: "Cohere v1",
  origin: "https://api.cohere.com",
  path: "/v1/chat",
  keys: ["CO_API_KEY"],
  auth: bearer,
  // Spelled so in the reference; without it the answer is lines of JSON.
  headers: { accepts: "text/event-stream" },
  model: "command-a-03-2025",
  stream,
  body: ({ system, turns }, model) => ({
    model,
    ...(system === undefined ? {} : { preamble: system }),
    chat_history: turns.slice(0, -1).map(({ role, text }) => ({
      role: role === "assistant" ? "CHATBOT" : "USER",
      message: text,
    })),
    message: turns.at(-1)?.text ?? "",
    stream: true,
  }),
};
