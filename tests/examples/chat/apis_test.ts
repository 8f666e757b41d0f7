/** The request of a conversation of three turns follows each API's reference. */
import { assert, assertEquals, assertNotMatch, assertStrictEquals } from "@std/assert";
import { apis, requestFor, type Turn } from "../../../examples/apis/mod.ts";
import { setupOf } from "./support.ts";

const TURNS: readonly Turn[] = [
  { role: "user", text: "Why?" },
  { role: "assistant", text: "Because." },
  { role: "user", text: "Why “because”?" },
];

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
  "parallel": {
    url: "https://api.parallel.ai/v1beta/chat/completions",
    headers: { "x-api-key": "sk-test" },
    body: { model: "m", messages: [SYSTEM, ...MESSAGES], stream: true },
    first: { model: "m", messages: FIRST, stream: true },
  },
};

for (const api of apis) {
  const name = api.names[0];
  const wanted = CASES[name];

  Deno.test(`a request to ${name} follows its API reference`, async () => {
    assert(wanted, "a case for each API");
    const request = requestFor(setupOf(name, { model: "m", system: "Be brief." }), TURNS);
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

  Deno.test(`a first question to ${name} can go without instructions`, async () => {
    const request = requestFor(setupOf(name, { model: "m" }), [{ role: "user", text: "Hi" }]);
    assertEquals(await request.json(), wanted?.first);
  });

  Deno.test(`${name} without a key sends no key header`, () => {
    const { headers } = requestFor(setupOf(name, { key: undefined }), TURNS);
    for (const header of Object.keys(api.headers("k"))) assert(!headers.has(header), header);
  });

  Deno.test(`the key of ${name} is in neither URL nor body`, async () => {
    const request = requestFor(setupOf(name, { key: "sk-secret" }), TURNS);
    assertNotMatch(request.url + await request.text(), /sk-secret/);
  });
}
