/** The chat APIs that the examples can ask. */
import {
  anthropic,
  cohere,
  google,
  openai,
  parallel,
  type Price,
  type Provider,
} from "../../lib/sse/mod.ts";

/** What an answer costs in dollars: by a million tokens, or by the request. */
export type Cost = Price | number;

/** One message of the conversation. */
export interface Turn {
  readonly role: "user" | "assistant";
  readonly text: string;
}

/** How to ask one API for a streamed answer. */
export interface Api {
  /** The names that `--provider` accepts; the first is shown. */
  readonly names: readonly [string, ...string[]];
  /** The URL. `{model}` is replaced by the model's name. */
  readonly url: string;
  /** Environment variables that may hold the key. The first one that is set counts. */
  readonly keys: readonly [string, ...string[]];
  readonly headers: (key: string) => Record<string, string>;
  /** The model, unless `--model` names another. */
  readonly model: string;
  /** That model's list price in November 2026, without caching. Never compared with a bill. */
  readonly cost: Cost;
  /** How `lib/sse` reads the answer. */
  readonly provider: Provider;
  /** The request's JSON. The last turn is the question. */
  readonly body: (model: string, turns: readonly Turn[], system?: string) => object;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

const input = (turns: readonly Turn[]) => turns.map(({ role, text }) => ({ role, content: text }));

/** OpenAI's form, which most APIs copied: the instructions are the first message. */
const chat: Api["body"] = (model, turns, system) => {
  const instructions = system === undefined ? [] : [{ role: "system", content: system }];
  return { model, messages: [...instructions, ...input(turns)], stream: true };
};

/** If several keys are set, the first API in this list is used. */
export const apis: readonly Api[] = [
  {
    names: ["openai", "openai-chat"],
    url: "https://api.openai.com/v1/chat/completions",
    keys: ["OPENAI_API_KEY"],
    headers: bearer,
    model: "gpt-5.6-luna",
    cost: { input: 0.2, output: 1.2 },
    provider: openai,
    // Without this option the stream does not count tokens.
    body: (...args) => ({ ...chat(...args), stream_options: { include_usage: true } }),
  },
  {
    names: ["openai-responses", "responses"],
    url: "https://api.openai.com/v1/responses",
    keys: ["OPENAI_API_KEY"],
    headers: bearer,
    model: "gpt-5.6-luna",
    cost: { input: 0.2, output: 1.2 },
    provider: openai,
    // Each request carries the whole conversation, so OpenAI need not store it.
    body: (model, turns, instructions) => ({
      model,
      instructions,
      input: input(turns),
      stream: true,
      store: false,
    }),
  },
  {
    names: ["anthropic", "claude"],
    url: "https://api.anthropic.com/v1/messages",
    keys: ["ANTHROPIC_API_KEY"],
    headers: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
    model: "claude-sonnet-5-5",
    cost: { input: 2, output: 10 },
    provider: anthropic,
    body: (model, turns, system) => ({
      model,
      max_tokens: 8192,
      system,
      messages: input(turns),
      stream: true,
    }),
  },
  {
    names: ["google", "gemini"],
    // Without `alt=sse` the answer is one JSON array.
    url: "https://generativelanguage.googleapis.com" +
      "/v1beta/models/{model}:streamGenerateContent?alt=sse",
    keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    headers: (key) => ({ "x-goog-api-key": key }),
    model: "gemini-3.5-flash",
    cost: { input: 1.5, output: 9 },
    provider: google,
    body: (_model, turns, system) => ({
      systemInstruction: system === undefined ? undefined : { parts: [{ text: system }] },
      contents: turns.map(({ role, text }) => ({
        role: role === "user" ? "user" : "model",
        parts: [{ text }],
      })),
    }),
  },
  {
    names: ["cohere", "cohere-v2"],
    url: "https://api.cohere.com/v2/chat",
    keys: ["CO_API_KEY"],
    headers: bearer,
    model: "command-a-03-2025",
    cost: { input: 2.5, output: 10 },
    provider: cohere,
    body: chat,
  },
  {
    names: ["parallel"],
    url: "https://api.parallel.ai/v1beta/chat/completions",
    keys: ["PARALLEL_API_KEY"],
    headers: (key) => ({ "x-api-key": key }),
    model: "speed",
    cost: 0.005,
    provider: parallel,
    body: chat,
  },
];

/** Where a request goes, and with what. */
export interface Target {
  readonly api: Api;
  /** The API's own URL by default. */
  readonly url?: URL;
  /** The API's own model by default. */
  readonly model?: string;
  /** Without a key the request has no header for it. */
  readonly key: string | undefined;
  readonly system?: string | undefined;
}

/** The API's own URL for a model. */
export function urlOf(api: Api, model: string): URL {
  return new URL(api.url.replace("{model}", encodeURIComponent(model)));
}

/** The request for the next answer. */
export function requestFor(
  { api, model = api.model, url = urlOf(api, model), key, system }: Target,
  turns: readonly Turn[],
  signal?: AbortSignal,
): Request {
  return new Request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(key === undefined ? {} : api.headers(key)),
    },
    body: JSON.stringify(api.body(model, turns, system)),
    // Following a redirect would send `x-api-key` to another origin.
    redirect: "manual",
    signal: signal ?? null,
  });
}
