/** Streams other than plain answers: tool calls, reasoning, refusals, truncated answers. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  anthropic,
  cohere,
  collect,
  google,
  openai,
  parallel,
  type Provider,
  SSEError,
} from "../../lib/sse/mod.ts";
import { body } from "./support/body.ts";
import { pieces } from "./support/read.ts";
import { assertError } from "../assert_error.ts";

const SHAPES: readonly {
  file: string;
  says: string;
  provider: Provider;
  text: string;
  finish: string;
  /** Tokens of the request and of the answer, where the provider counts them. */
  tokens?: readonly [number, number];
  /** Thoughts, a plan: what is apart from the text. */
  reasoning?: string;
  /** Whether a tool is called, with `{"river":"Elbe"}`. */
  calls?: true;
}[] = [
  {
    file: "anthropic-tools",
    says: "a tool's input is no text, and what is said before it is",
    provider: anthropic,
    text: "Let me look.",
    finish: "tool_use",
    tokens: [472, 89],
    calls: true,
  },
  {
    file: "openai-chat-tools",
    says: "content is null where there are only tool calls",
    provider: openai,
    text: "",
    finish: "tool_calls",
    tokens: [61, 17],
    calls: true,
  },
  {
    file: "openai-responses-incomplete",
    says: "a summary of thoughts is no text, and an answer cut short says why",
    provider: openai,
    text: "Rivers",
    finish: "max_output_tokens",
    tokens: [37, 16],
    reasoning: "Water goes downhill.",
  },
  {
    file: "google-tools",
    says: "a function call is no text, nor is a signature",
    provider: google,
    text: "Let me look.",
    finish: "STOP",
    tokens: [65, 17],
    calls: true,
  },
  {
    file: "google-blocked",
    says: "a question that is blocked has no candidates and says why",
    provider: google,
    text: "",
    finish: "SAFETY",
  },
  {
    file: "cohere-v2-tools",
    says: "neither plan nor calls are text",
    provider: cohere,
    text: "",
    finish: "TOOL_CALL",
    tokens: [37, 28],
    calls: true,
    reasoning: "I will look up the depth.",
  },
  {
    file: "cohere-v2-thinking",
    says: "thoughts and citations are no text",
    provider: cohere,
    text: "Rivers",
    finish: "MAX_TOKENS",
    tokens: [5, 8],
    reasoning: "Water goes downhill.",
  },
  {
    file: "cohere-v1-tools",
    says: "the plan of a tool call is no text",
    provider: cohere,
    text: "",
    finish: "COMPLETE",
    tokens: [37, 28],
    calls: true,
    reasoning: "I will look up the depth.",
  },
];

const fixture = (file: string) =>
  Deno.readFileSync(new URL(`./fixtures/${file}.sse`, import.meta.url));

for (const { file, says, provider, text, finish, tokens, reasoning, calls } of SHAPES) {
  Deno.test(`${file}: ${says}`, async () => {
    for (const size of [1, 64, 1e6]) {
      const answer = await collect(body(pieces(fixture(file), size)).stream);
      assertEquals(
        [answer.provider, answer.text, answer.finish],
        [provider.name, text, finish],
      );
      assertStrictEquals(answer.reasoning, reasoning);
      assertEquals(
        answer.toolCalls?.map((call) => [call.name, JSON.parse(call.arguments)]),
        calls && [["get_depth", { river: "Elbe" }]],
      );
      if (tokens) {
        const [inputTokens, outputTokens] = tokens;
        assertEquals(answer.usage, { inputTokens, outputTokens, estimated: false });
      } else assertStrictEquals(answer.usage.estimated, true);
    }
  });
}

Deno.test("a failed task is an error with the run's own message", async () => {
  const stream = body([fixture("parallel-task-failed")]).stream;
  assertError(await assertRejects(() => collect(stream, { provider: parallel })), (error) => {
    assert(error instanceof SSEError);
    assertEquals([error.kind, error.message, error.code], [
      "provider",
      "Task run failed",
      "fcb2b4f3",
    ]);
    return true;
  });
});

Deno.test("every stream in the folder is read by a test", async () => {
  const source = await Promise.all(
    ["shapes_test.ts", "providers_test.ts"].map((file) =>
      Deno.readTextFile(new URL(file, import.meta.url))
    ),
  );
  for await (const { name } of Deno.readDir(new URL("./fixtures/", import.meta.url))) {
    if (!name.endsWith(".sse")) continue;
    assert(source.some((text) => text.includes(`"${name.replace(/\.sse$/, "")}"`)), name);
  }
});
