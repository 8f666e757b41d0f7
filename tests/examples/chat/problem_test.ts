import { assertStrictEquals } from "@std/assert";
import { explain } from "../../../examples/chat/problem.ts";
import type { Setup } from "../../../examples/chat/setup.ts";
import { SSEError } from "../../../lib/sse/mod.ts";
import { setupOf } from "./support.ts";

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const refused = (status: number, serverMessage = "", headers: Record<string, string> = {}) =>
  new SSEError(status === 200 ? "content-type" : "http", "refused", {
    status,
    serverMessage,
    headers: new Headers(headers),
  });
const withoutKey = () =>
  setupOf("openai", { key: undefined, url: new URL("http://h:1/v1/chat/completions") });

interface Case {
  what: string;
  error: unknown;
  setup?: Setup;
  words: string;
  retryable?: boolean;
}

const CASES: readonly Case[] = [
  {
    what: "a rejected key",
    error: refused(401, "Incorrect API key."),
    words:
      "api.openai.com responded with status 401. It said: Incorrect API key. Check OPENAI_API_KEY.",
  },
  {
    what: "a key quoted in the message",
    error: refused(401, "Incorrect API key provided: sk-0123456789."),
    setup: setupOf("openai", { key: "sk-0123456789" }),
    words: "api.openai.com responded with status 401. It said: Incorrect API key provided: •••. " +
      "Check OPENAI_API_KEY.",
  },
  {
    what: "a key as short as a word",
    error: refused(401, "Who is open?"),
    setup: setupOf("openai", { key: "open" }),
    words: "api.openai.com responded with status 401. It said: Who is open? Check OPENAI_API_KEY.",
  },
  {
    what: "a server that requires a key",
    error: refused(401),
    setup: withoutKey(),
    words: "h:1 responded with status 401. Set OPENAI_API_KEY.",
  },
  {
    what: "a key without permission",
    error: refused(403),
    setup: setupOf("google", { keyName: "GOOGLE_API_KEY" }),
    words: "generativelanguage.googleapis.com responded with status 403. Check GOOGLE_API_KEY.",
  },
  {
    what: "a limit with the seconds to wait",
    error: refused(429, "Slow down.", { "retry-after": "7" }),
    words: "api.openai.com responded with status 429. It said: Slow down. Try again in 7 s.",
    retryable: true,
  },
  {
    what: "a limit with a date to wait for",
    error: refused(429, "", { "retry-after": new Date(NOW + 90_000).toUTCString() }),
    words: "api.openai.com responded with status 429. Try again in 90 s.",
    retryable: true,
  },
  {
    what: "a limit with a date that has passed",
    error: refused(429, "", { "retry-after": new Date(NOW - 90_000).toUTCString() }),
    words: "api.openai.com responded with status 429. Try again in 1 s.",
    retryable: true,
  },
  {
    what: "a limit with nonsense for a time",
    error: refused(429, "", { "retry-after": "soon" }),
    words: "api.openai.com responded with status 429. Try again later.",
    retryable: true,
  },
  {
    what: "an account without quota, which waiting does not help",
    error: refused(429, "You exceeded your current quota."),
    words: "api.openai.com responded with status 429. It said: You exceeded your current quota. " +
      "The account has no credit or quota left.",
  },
  {
    what: "an account without credit",
    error: refused(402),
    words: "api.openai.com responded with status 402. The account has no credit or quota left.",
  },
  {
    what: "a model or path that is not there",
    error: refused(404),
    words: "api.openai.com responded with status 404. " +
      "Check the path /v1/chat/completions and the model gpt-5.6-luna.",
  },
  {
    what: "a request that is not accepted",
    error: refused(400, "max_tokens: too large"),
    words: "api.openai.com responded with status 400. It said: max_tokens: too large",
  },
  {
    what: "a server in trouble",
    error: refused(529, "Overloaded"),
    setup: setupOf("anthropic"),
    words: "api.anthropic.com responded with status 529. It said: Overloaded",
    retryable: true,
  },
  {
    what: "a redirection, which the key does not follow",
    error: refused(308, "", { location: "https://elsewhere.example/v1" }),
    words: "api.openai.com responded with status 308. " +
      "It redirects to https://elsewhere.example/v1: pass that as --url if you trust it.",
  },
  {
    what: "a page instead of a stream",
    error: refused(200, "", { "content-type": "text/html" }),
    words:
      "api.openai.com responded with status 200. It sent text/html instead of an event stream.",
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
    words: "api.openai.com cannot be reached: connection refused.",
    retryable: true,
  },
  {
    what: "an unknown network error",
    error: new TypeError("strange"),
    words: "api.openai.com cannot be reached.",
    retryable: true,
  },
  {
    what: "an error the API reports in the stream",
    error: new SSEError("provider", "Overloaded.", { code: "overloaded_error", retryable: true }),
    words: "api.openai.com reported an error: Overloaded (overloaded_error).",
    retryable: true,
  },
  {
    what: "an error in the stream without a code, for good",
    error: new SSEError("provider", "No.", { retryable: false }),
    words: "api.openai.com reported an error: No.",
  },
  {
    what: "a format that is not known",
    error: new SSEError("provider", "no known provider", { code: "unknown" }),
    words: "api.openai.com streams in a format that this program does not know.",
  },
  {
    what: "an answer that is cut off",
    error: new SSEError("incomplete", "the stream ended before the answer", { retryable: true }),
    words: "api.openai.com broke off before the answer was complete.",
    retryable: true,
  },
  {
    what: "words where a stream should be",
    error: new SSEError("content-type", "not an event stream: Sign in first"),
    words: "api.openai.com sent a stream that failed: not an event stream: Sign in first.",
  },
  {
    what: "a piece that is cut off",
    error: new SSEError("json", "a payload is not JSON"),
    words: "api.openai.com sent an event that is not valid JSON.",
    retryable: true,
  },
  {
    what: "an event without an end",
    error: new SSEError("limit", "too large", { limit: "maxEventBytes" }),
    words: "api.openai.com sent a stream that failed: too large.",
  },
  {
    what: "the sandbox by its name and not by the host it plays",
    error: refused(401),
    setup: setupOf("openai", { sandbox: true }),
    words: "The sandbox responded with status 401. Check OPENAI_API_KEY.",
  },
];

for (const { what, error, setup = setupOf("openai"), ...wanted } of CASES) {
  Deno.test(`${what} is explained in plain words`, () => {
    const { words, isPassing } = explain(error, setup, NOW);
    assertStrictEquals(words, wanted.words);
    assertStrictEquals(isPassing, wanted.retryable ?? false);
  });
}
