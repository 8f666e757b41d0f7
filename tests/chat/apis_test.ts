/** What goes over the wire for a conversation of three turns, by the APIs' own references. */
import { assert, assertEquals, assertNotMatch, assertStrictEquals } from "@std/assert";
import { apis } from "../../lib/chat/apis/mod.ts";
import type { Conversation } from "../../lib/chat/conversation.ts";
import { requestFor } from "../../lib/chat/request.ts";
import { setupOf } from "./support.ts";

const CONVERSATION: Conversation = {
  system: "Be brief.",
  turns: [
    { role: "user", text: "Why?" },
    { role: "assistant", text: "Because." },
    { role: "user", text: "Why “because”?" },
  ],
};

const MESSAGES = [
  { role: "user", content: "Why?" },
  { role: "assistant", content: "Because." },
  { role: "user", content: "Why “because”?" },
];
const SYSTEM = { role: "system", content: "Be brief." };

interface Case {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: unknown;
  /** The body of a first question without instructions. */
  first: unknown;
}

const FIRST = [{ role: "user", content: "Hi" }];

const CASES: Readonly<Record<string, Case>> = {
  "openai": {
    url: "https://api.openai.com/v1/chat/completions",
    headers: { authorization: "Bearer sk-test" },
    body: {
      model: "m",
      messages: [SYSTEM, ...MESSAGES],
      stream: true,
      stream_options: { include_usage: true },
    },
    first: {
      model: "m",
      messages: FIRST,
      stream: true,
      stream_options: { include_usage: true },
    },
  },
  "openai-responses": {
    url: "https://api.openai.com/v1/responses",
    headers: { authorization: "Bearer sk-test" },
    body: { model: "m", instructions: "Be brief.", input: MESSAGES, stream: true, store: false },
    first: { model: "m", input: FIRST, stream: true, store: false },
  },
  "anthropic": {
    url: "https://api.anthropic.com/v1/messages",
    headers: { "x-api-key": "sk-test", "anthropic-version": "2023-06-01" },
    body: { model: "m", max_tokens: 8192, system: "Be brief.", messages: MESSAGES, stream: true },
    first: { model: "m", max_tokens: 8192, messages: FIRST, stream: true },
  },
  "google": {
    url: "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash" +
      ":streamGenerateContent?alt=sse",
    headers: { "x-goog-api-key": "sk-test" },
    body: {
      systemInstruction: { parts: [{ text: "Be brief." }] },
      contents: [
        { role: "user", parts: [{ text: "Why?" }] },
        { role: "model", parts: [{ text: "Because." }] },
        { role: "user", parts: [{ text: "Why “because”?" }] },
      ],
    },
    first: { contents: [{ role: "user", parts: [{ text: "Hi" }] }] },
  },
  "cohere": {
    url: "https://api.cohere.com/v2/chat",
    headers: { authorization: "Bearer sk-test" },
    body: { model: "m", messages: [SYSTEM, ...MESSAGES], stream: true },
    first: { model: "m", messages: FIRST, stream: true },
  },
  "cohere-v1": {
    url: "https://api.cohere.com/v1/chat",
    headers: { authorization: "Bearer sk-test", accepts: "text/event-stream" },
    body: {
      model: "m",
      preamble: "Be brief.",
      chat_history: [
        { role: "USER", message: "Why?" },
        { role: "CHATBOT", message: "Because." },
      ],
      message: "Why “because”?",
      stream: true,
    },
    first: { model: "m", chat_history: [], message: "Hi", stream: true },
  },
  "parallel": {
    url: "https://api.parallel.ai/v1beta/chat/completions",
    headers: { "x-api-key": "sk-test" },
    body: { model: "m", messages: [SYSTEM, ...MESSAGES], stream: true },
    first: { model: "m", messages: FIRST, stream: true },
  },
};

for (const api of apis) {
  const wanted = CASES[api.name];

  Deno.test(`${api.name} is asked as its reference says`, async () => {
    assert(wanted, "a case for each API");
    const request = requestFor({ ...setupOf(api.name), model: "m" }, CONVERSATION);
    assertStrictEquals(request.method, "POST");
    assertStrictEquals(request.url, wanted.url);
    assertStrictEquals(request.redirect, "manual");
    assertEquals(Object.fromEntries(request.headers), {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...wanted.headers,
    });
    assertEquals(await request.json(), wanted.body);
  });

  Deno.test(`${api.name} is asked a first question without instructions`, async () => {
    const first: Conversation = { turns: [{ role: "user", text: "Hi" }] };
    const request = requestFor({ ...setupOf(api.name), model: "m" }, first);
    assertEquals(await request.json(), wanted?.first);
  });

  Deno.test(`${api.name} without a key sends no header for one`, () => {
    const { key: _, ...setup } = setupOf(api.name);
    const { headers } = requestFor(setup, CONVERSATION);
    assertStrictEquals(headers.has(api.auth.header), false);
  });

  Deno.test(`${api.name} keeps the key out of address and body`, async () => {
    const request = requestFor(setupOf(api.name, { key: "sk-secret" }), CONVERSATION);
    assertNotMatch(request.url + await request.text(), /sk-secret/);
  });
}
