import { google as stream } from "../../sse/mod.ts";
import type { Api } from "./api.ts";

/** https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent */
export const google: Api = {
  name: "google",
  title: "Google Gemini",
  origin: "https://generativelanguage.googleapis.com",
  // Without `alt=sse` the answer is one JSON array.
  path: "/v1beta/models/{model}:streamGenerateContent?alt=sse",
  keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
  auth: { header: "x-goog-api-key", scheme: "" },
  model: "gemini-3.5-flash",
  stream,
  body: ({ system, turns }) => ({
    ...(system === undefined ? {} : { systemInstruction: { parts: [{ text: system }] } }),
    contents: turns.map(({ role, text }) => ({
      role: role === "assistant" ? "model" : "user",
      parts: [{ text }],
    })),
  }),
};
