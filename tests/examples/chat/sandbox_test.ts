/** The sandbox against the library and the request builders: each must understand the other. */
import { assert, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { apis, requestFor, type Turn } from "../../../examples/apis/mod.ts";
import { answerTo, sandbox } from "../../../examples/chat/sandbox.ts";
import {
  collect,
  type Collected,
  detectProvider,
  parseSSE,
  SSEError,
  type SSEEvent,
  streamTokens,
} from "../../../lib/sse/mod.ts";
import { setupOf } from "./support.ts";
import { assertError } from "../../assert_error.ts";

const atOnce = () => Promise.resolve();
const question = (text: string): Turn[] => [{ role: "user", text }];

function asked(name: string, turns: readonly Turn[]): Promise<Response> {
  return sandbox(setupOf(name), atOnce)(requestFor(setupOf(name), turns));
}

for (const api of apis) {
  const name = api.names[0];

  Deno.test(`the sandbox's ${name} is detected as the provider that it simulates`, async () => {
    const events: SSEEvent[] = [];
    for await (const event of parseSSE(await asked(name, question("Why?")))) {
      events.push(event);
    }
    assertStrictEquals(detectProvider(events), api.provider);
  });

  Deno.test(`the sandbox's ${name} sends text, usage, model and an end`, async () => {
    const answer = await collect(await asked(name, question("Why?")), { provider: api.provider });
    assertStrictEquals(answer.text, answerTo(["Why?"]));
    assert(answer.finish, "a reason to finish");
    // Cohere streams name no model, Parallel's no usage.
    assertStrictEquals(answer.model, name === "cohere" ? undefined : api.model);
    assertStrictEquals(answer.usage.estimated, name === "parallel");
    if (name !== "parallel") {
      assertStrictEquals(answer.usage.inputTokens, 1);
      assertStrictEquals(answer.usage.outputTokens, Math.ceil(answer.text.length / 4));
    }
  });

  Deno.test(`the sandbox's ${name} sends an answer in many pieces`, async () => {
    let pieces = 0;
    for await (const _ of streamTokens(await asked(name, question("Why?")), api.provider)) {
      pieces++;
    }
    assert(pieces > 30, `${pieces} pieces`);
  });

  Deno.test(`the sandbox's ${name} reads the previous turns`, async () => {
    const turns = [
      { role: "user", text: "First?" },
      { role: "assistant", text: "One." },
      { role: "user", text: "Second?" },
    ] as const;
    const { text } = await collect(await asked(name, turns), { provider: api.provider });
    assertMatch(text, /^You asked: “Second\?”\. With it came 2 earlier message.*“First\?”/);
  });

  Deno.test(`the sandbox's ${name} reports an error in the middle, in its own format`, async () => {
    const response = await asked(name, question("Why [error]?"));
    let outputTokens = 0;
    const onUpdate = ({ usage }: Collected) => void (outputTokens = usage.outputTokens);
    assertError(
      await assertRejects(() => collect(response, { provider: api.provider, onUpdate })),
      (error) => {
        assert(error instanceof SSEError);
        assertStrictEquals(error.kind, "provider");
        const { text = "" } = error;
        assertMatch(text, /^You asked: “Why \[error\]\?”/);
        // What came has its figure, too.
        assertStrictEquals(outputTokens, Math.ceil(text.length / 4));
        return true;
      },
    );
  });

  Deno.test(`the sandbox's ${name} breaks the connection in the middle`, async () => {
    let text = "";
    assertError(
      await assertRejects(async () => {
        const response = await asked(name, question("Why [cut]?"));
        for await (const token of streamTokens(response, api.provider)) text += token;
      }),
      { name: "SSEError", kind: "network" },
    );
    assertMatch(text, /^You asked: “Why \[cut\]\?”/);
  });

  for (const [status, said] of [[401, /key/], [429, /Rate limit/]] as const) {
    Deno.test(`the sandbox's ${name} rejects with ${status} and a reason`, async () => {
      const response = await asked(name, question(`Why [${status}]?`));
      assertStrictEquals(response.status, status);
      assertStrictEquals(response.headers.get("retry-after"), "20");
      assertMatch(await response.text(), said);
    });
  }
}

Deno.test("the sandbox stops at once when the request is aborted", async () => {
  const controller = new AbortController();
  let waits = 0;
  const wait = (_ms: number, signal: AbortSignal) => {
    if (++waits < 5) return Promise.resolve();
    queueMicrotask(() => controller.abort());
    return new Promise<void>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  };
  const request = requestFor(setupOf("openai"), question("Why?"), controller.signal);
  const response = await sandbox(setupOf("openai"), wait)(request);
  let tokens = 0;
  assertError(
    await assertRejects(async () => {
      for await (const _ of streamTokens(response)) tokens++;
    }),
    { name: "AbortError" },
  );
  assertStrictEquals(tokens, 4);
  assertStrictEquals(waits, 5);
});

Deno.test("the sandbox shortens the text that it quotes", () => {
  assertMatch(answerTo(["x".repeat(500) + "\n"]), /^You asked: “x{79}…”\./);
});
