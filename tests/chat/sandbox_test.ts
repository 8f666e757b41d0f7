/** The fake against the library and the request builders: each must understand the other. */
import { assert, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { apis } from "../../lib/chat/apis/mod.ts";
import type { Conversation } from "../../lib/chat/conversation.ts";
import { requestFor } from "../../lib/chat/request.ts";
import { sandbox } from "../../lib/chat/sandbox/mod.ts";
import { script } from "../../lib/chat/sandbox/script.ts";
import {
  collect,
  type Collected,
  detectProvider,
  parseSSE,
  SSEError,
  type SSEEvent,
  streamTokens,
} from "../../lib/sse/mod.ts";
import { setupOf } from "./support.ts";
import { assertError } from "../assert_error.ts";

const atOnce = () => Promise.resolve();
const question = (text: string): Conversation => ({ turns: [{ role: "user", text }] });

function asked(name: string, conversation: Conversation): Promise<Response> {
  return sandbox(name, atOnce)(requestFor(setupOf(name), conversation));
}

for (const api of apis) {
  Deno.test(`the sandbox's ${api.name} is recognised for what it plays`, async () => {
    const events: SSEEvent[] = [];
    for await (const event of parseSSE(await asked(api.name, question("Why?")))) {
      events.push(event);
    }
    assertStrictEquals(detectProvider(events), api.stream);
  });

  Deno.test(`the sandbox's ${api.name} gives text, usage, model and an end`, async () => {
    const answer = await collect(await asked(api.name, question("Why?")), { provider: api.stream });
    assertStrictEquals(answer.text, script(["Why?"]).text);
    assert(answer.finish, "a reason to finish");
    // Cohere streams name no model, Parallel's no usage.
    assertStrictEquals(answer.model, api.name.startsWith("cohere") ? undefined : api.model);
    assertStrictEquals(answer.usage.estimated, api.name === "parallel");
    if (api.name !== "parallel") {
      assertStrictEquals(answer.usage.inputTokens, 1);
      assertStrictEquals(answer.usage.outputTokens, Math.ceil(answer.text.length / 4));
    }
  });

  Deno.test(`the sandbox's ${api.name} sends an answer in many pieces`, async () => {
    let pieces = 0;
    for await (const _ of streamTokens(await asked(api.name, question("Why?")), api.stream)) {
      pieces++;
    }
    assert(pieces > 30, `${pieces} pieces`);
  });

  Deno.test(`the sandbox's ${api.name} reads the turns that came before`, async () => {
    const turns = [
      { role: "user", text: "First?" },
      { role: "assistant", text: "One." },
      { role: "user", text: "Second?" },
    ] as const;
    const { text } = await collect(await asked(api.name, { turns }), { provider: api.stream });
    assertMatch(text, /^You asked: “Second\?”\. With it came 2 earlier messages.*“First\?”/);
  });

  Deno.test(`the sandbox's ${api.name} reports an error half way, in its own format`, async () => {
    const response = await asked(api.name, question("Why [error]?"));
    let outputTokens = 0;
    const onUpdate = ({ usage }: Collected) => void (outputTokens = usage.outputTokens);
    assertError(
      await assertRejects(() => collect(response, { provider: api.stream, onUpdate })),
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

  Deno.test(`the sandbox's ${api.name} breaks the connection half way`, async () => {
    let text = "";
    assertError(
      await assertRejects(async () => {
        const response = await asked(api.name, question("Why [cut]?"));
        for await (const token of streamTokens(response, api.stream)) text += token;
      }),
      { name: "SSEError", kind: "network" },
    );
    assertMatch(text, /^You asked: “Why \[cut\]\?”/);
  });

  for (const [status, said] of [[401, /key/], [429, /Rate limit/]] as const) {
    Deno.test(`the sandbox's ${api.name} refuses with ${status} and says why`, async () => {
      const response = await asked(api.name, question(`Why [${status}]?`));
      assertStrictEquals(response.status, status);
      assertStrictEquals(response.headers.get("retry-after"), status === 429 ? "20" : null);
      assertMatch(await response.text(), said);
    });
  }

  Deno.test(`the sandbox's ${api.name} refuses what is not in its format`, async () => {
    const request = (path: string) =>
      new Request(new URL(path, api.origin), { method: "POST", body: "{}" });
    const { url } = setupOf(api.name);
    const format = await sandbox(api.name, atOnce)(request(url.pathname));
    assertStrictEquals(format.status, 400);
    const place = await sandbox(api.name, atOnce)(request("/elsewhere"));
    assertStrictEquals(place.status, 404);
    await Promise.all([format.body?.cancel(), place.body?.cancel()]);
  });
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
  const response = await sandbox("openai", wait)(request);
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

Deno.test("the sandbox shortens what it quotes", () => {
  const { text } = script(["x".repeat(500) + "\n"]);
  assertMatch(text, /^You asked: “x{79}…”\./);
});
