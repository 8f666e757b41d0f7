import { assertStrictEquals } from "@std/assert";
import { explain } from "../../lib/chat/problem.ts";
import type { Setup } from "../../lib/chat/setup.ts";
import { SSEError } from "../../lib/sse/mod.ts";
import { setupOf } from "./support.ts";

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const refused = (status: number, said = "", headers: Record<string, string> = {}) =>
  new SSEError(status === 200 ? "content-type" : "http", "refused", {
    status,
    said,
    headers: new Headers(headers),
  });
const withoutKey = () => {
  const { key: _, ...rest } = setupOf("openai", { url: new URL("http://h:1/v1/chat/completions") });
  return rest;
};

interface Case {
  what: string;
  error: unknown;
  setup?: Setup;
  began?: boolean;
  words: string;
  retryable?: boolean;
}

const CASES: readonly Case[] = [
  {
    what: "a refused key",
    error: refused(401, "Incorrect API key."),
    words: "api.openai.com refused the key in OPENAI_API_KEY (401). It said: Incorrect API key.",
  },
  {
    what: "a key that is quoted back",
    error: refused(401, "Incorrect API key provided: sk-0123456789."),
    setup: setupOf("openai", { key: "sk-0123456789" }),
    words: "api.openai.com refused the key in OPENAI_API_KEY (401). " +
      "It said: Incorrect API key provided: •••.",
  },
  {
    what: "a key so short that it is a word",
    error: refused(401, "Who is open?"),
    setup: setupOf("openai", { key: "open" }),
    words: "api.openai.com refused the key in OPENAI_API_KEY (401). It said: Who is open?",
  },
  {
    what: "a server that wants a key after all",
    error: refused(401),
    setup: withoutKey(),
    words: "h:1 wants a key (401): put it into OPENAI_API_KEY.",
  },
  {
    what: "a key without the right",
    error: refused(403),
    setup: setupOf("google", { keyName: "GOOGLE_API_KEY" }),
    words: "generativelanguage.googleapis.com refused the key in GOOGLE_API_KEY (403).",
  },
  {
    what: "a limit with the seconds to wait",
    error: refused(429, "Slow down.", { "retry-after": "7" }),
    words: "Too many requests (429): try again in 7 s. It said: Slow down.",
    retryable: true,
  },
  {
    what: "a limit with a date to wait for",
    error: refused(429, "", { "retry-after": new Date(NOW + 90_000).toUTCString() }),
    words: "Too many requests (429): try again in 90 s.",
    retryable: true,
  },
  {
    what: "a limit with a date that has passed",
    error: refused(429, "", { "retry-after": new Date(NOW - 90_000).toUTCString() }),
    words: "Too many requests (429): try again in 1 s.",
    retryable: true,
  },
  {
    what: "a limit with nonsense for a time",
    error: refused(429, "", { "retry-after": "soon" }),
    words: "Too many requests (429): try again in a while.",
    retryable: true,
  },
  {
    what: "an account without quota, which waiting does not help",
    error: refused(429, "You exceeded your current quota."),
    words:
      "The account's credit or quota is used up (429). It said: You exceeded your current quota.",
  },
  {
    what: "an account without credit",
    error: refused(402),
    words: "The account's credit or quota is used up (402).",
  },
  {
    what: "a model or path that is not there",
    error: refused(404),
    words: "api.openai.com knows no /v1/chat/completions or no model “gpt-5.6-luna” (404).",
  },
  {
    what: "a request that is not accepted",
    error: refused(400, "max_tokens: too large"),
    words: "api.openai.com did not accept the request (400). It said: max_tokens: too large",
  },
  {
    what: "a server in trouble",
    error: refused(529, "Overloaded"),
    setup: setupOf("anthropic"),
    words: "api.anthropic.com has trouble of its own (529). It said: Overloaded",
    retryable: true,
  },
  {
    what: "a redirection, which the key does not follow",
    error: refused(308, "", { location: "https://elsewhere.example/v1" }),
    words: "api.openai.com sends us elsewhere (308), to https://elsewhere.example/v1: " +
      "give that address as --url if you trust it with the key.",
  },
  {
    what: "a page instead of a stream",
    error: refused(200, "", { "content-type": "text/html" }),
    words: "api.openai.com answered with text/html and not with a stream. " +
      "Is it the address of a streaming API in the format of OpenAI chat?",
  },
  {
    what: "a host that does not exist",
    error: new TypeError("fetch failed", { cause: new Error("dns error: failed to lookup") }),
    words: "api.openai.com cannot be reached: no such host.",
    retryable: true,
  },
  {
    what: "nothing listening",
    error: new TypeError("tcp connect error: Connection refused (os error 111)"),
    words: "api.openai.com cannot be reached: nothing listens there.",
    retryable: true,
  },
  {
    what: "a network that fails in a way of its own",
    error: new TypeError("strange"),
    words: "api.openai.com cannot be reached.",
    retryable: true,
  },
  {
    what: "a connection that breaks while the answer comes",
    error: new TypeError("error reading a body from connection"),
    began: true,
    words: "The connection to api.openai.com broke before the answer was whole.",
    retryable: true,
  },
  {
    what: "an error the API reports in the stream",
    error: new SSEError("provider", "Overloaded.", { code: "overloaded_error", retryable: true }),
    began: true,
    words: "api.openai.com broke off: Overloaded (overloaded_error).",
    retryable: true,
  },
  {
    what: "an error in the stream without a code, for good",
    error: new SSEError("provider", "No.", { retryable: false }),
    began: true,
    words: "api.openai.com broke off: No.",
  },
  {
    what: "a format that is not known",
    error: new SSEError("provider", "no known provider", { code: "unknown" }),
    began: true,
    words: "api.openai.com streams in a format that is not known here.",
  },
  {
    what: "an answer that is cut off",
    error: new SSEError("incomplete", "the stream ended before the answer", { retryable: true }),
    began: true,
    words: "The connection to api.openai.com broke before the answer was whole.",
    retryable: true,
  },
  {
    what: "words where a stream should be",
    error: new SSEError("content-type", "not an event stream: Sign in first."),
    began: true,
    words: "api.openai.com did not answer with a stream. It said: Sign in first.",
  },
  {
    what: "a piece that is cut off",
    error: new SSEError("json", "a payload is not JSON"),
    began: true,
    words: "api.openai.com sent a piece that is not JSON, or only half of one.",
    retryable: true,
  },
  {
    what: "an event without an end",
    error: new SSEError("limit", "too large", { limit: "maxEventBytes" }),
    began: true,
    words: "api.openai.com sent an event larger than this client takes (maxEventBytes).",
  },
  {
    what: "the sandbox by its name and not by the host it plays",
    error: refused(401),
    setup: setupOf("openai", { sandbox: true }),
    words: "The sandbox refused the key in OPENAI_API_KEY (401).",
  },
];

for (const { what, error, setup = setupOf("openai"), began = false, ...wanted } of CASES) {
  Deno.test(`plain words for ${what}`, () => {
    const { words, retryable } = explain(error, { setup, began, nowMs: NOW });
    assertStrictEquals(words, wanted.words);
    assertStrictEquals(retryable, wanted.retryable ?? false);
  });
}
