/** Every example works as shown and stays short. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { join } from "node:path";
import { apis } from "../../examples/apis/mod.ts";
import { answerTo, sandbox } from "../../examples/chat/sandbox.ts";
import { chatTurn } from "../../examples/chat_turn.ts";
import { parseByHand } from "../../examples/parse_by_hand.ts";
import { readText } from "../../examples/partial_text.ts";
import { playground } from "../../examples/playground.ts";
import { proxy } from "../../examples/proxy.ts";
import { follow } from "../../examples/reconnect.ts";
import { terminalChat } from "../../examples/terminal_chat.ts";
import { measure } from "../../examples/tokens_and_cost.ts";
import { createSandbox } from "../../lib/sandbox/mod.ts";
import { connectSSE, parseSSE, type SSEEvent } from "../../lib/sse/mod.ts";
import { piece, setupOf, STOP, streamed } from "./chat/support.ts";

const EXAMPLES = join(import.meta.dirname!, "..", "..", "examples");
const atOnce = () => Promise.resolve();

Deno.test("every example has less than 80 lines and says how to run it", async () => {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(EXAMPLES)) {
    if (!isFile || !name.endsWith(".ts")) continue;
    names.push(name);
    const text = await Deno.readTextFile(join(EXAMPLES, name));
    const lines = text.split("\n").length - 1;
    assert(lines < 80, `${name} has ${lines} lines`);
    assert(text.includes(` examples/${name}`), name);
  }
  assertStrictEquals(names.length, 8);
});

Deno.test("the complete terminal chat has at most 750 lines", async () => {
  let lines = 0;
  for await (const { name } of Deno.readDir(join(EXAMPLES, "chat"))) {
    if (!name.endsWith(".ts")) continue;
    lines += (await Deno.readTextFile(join(EXAMPLES, "chat", name))).split("\n").length - 1;
  }
  assert(lines <= 750, `${lines} lines`);
});

Deno.test("the guide quotes all examples exactly and in order", async () => {
  const guide = await Deno.readTextFile(join(EXAMPLES, "..", "docs", "guides", "sse.md"));
  const squeezed = (text: string) => text.replace(/\s+/g, " ").trim();
  const quoted: string[] = [];
  for (const section of guide.split(/^## /m)) {
    const [, name] = /\]\((?:\.\.\/)+examples\/(\w+\.ts)\)/.exec(section) ?? [];
    if (name === undefined) continue;
    quoted.push(name);
    const source = squeezed(await Deno.readTextFile(join(EXAMPLES, name)));
    const blocks = [...section.matchAll(/```ts\n([^]*?)```/g)].map(([, code = ""]) => code);
    assert(blocks.length > 0, name);
    for (const code of blocks) assert(source.includes(squeezed(code)), `${name}:\n${code}`);
  }
  assertEquals(quoted, [
    "parse_by_hand.ts",
    "chat_turn.ts",
    "reconnect.ts",
    "partial_text.ts",
    "tokens_and_cost.ts",
    "proxy.ts",
    "terminal_chat.ts",
    "playground.ts",
  ]);
});

Deno.test("a stream is parsed by hand", async () => {
  const lines: string[] = [];
  const text =
    ": hello\nretry: 3000\nid: 7\nevent: note\ndata: a\ndata: é\n\nwhat?\ndata: b\n\ndata: c";
  await parseByHand(
    streamed([text.slice(0, 30), text.slice(30)]).body!,
    (line) => lines.push(line),
  );
  assertEquals(lines, [
    "comment: hello",
    "reconnect after 3000 ms",
    "note 7: a\né",
    "ignored: what?",
    "message 7: b",
    "the last event was cut off",
  ]);
});

for (const { names: [name] } of apis) {
  Deno.test(`a chat turn with ${name}`, async () => {
    let shown = "";
    const setup = setupOf(name);
    const show = (piece: string) => void (shown += piece);
    const answer = await chatTurn(name, "k", "Why?", show, sandbox(setup, atOnce));
    assertStrictEquals(answer.text, answerTo(["Why?"]));
    assertStrictEquals(shown, answer.text);
    assert(answer.usage.outputTokens > 0);
  });
}

Deno.test("a client reconnects with backoff, resumes, and gives up with the reason", async () => {
  const lines: string[] = [];
  const asked: (string | null)[] = [];
  await follow("https://example.com/events", (line) => lines.push(line), {
    fetch: (_url, { headers }) => {
      asked.push(headers.get("last-event-id"));
      if (asked.length > 1) return Promise.resolve(new Response("no", { status: 503 }));
      return Promise.resolve(streamed(["id: 1\ndata: a\n\n"]));
    },
    reconnect: { initialMs: 100, maxAttempts: 2, random: () => 0.5 },
    // These timers are over at once.
    idleTimeoutMs: undefined,
    timers: { now: () => 0, setTimeout: (run) => void queueMicrotask(run), clearTimeout() {} },
  });
  assertEquals(asked, [null, "1", "1"]);
  assertEquals(lines, [
    "[connecting]",
    "[connected]",
    "1: a",
    "[the server ended the stream: trying again in 1 s]",
    "[reconnecting (attempt 1)]",
    "[status 503: no: trying again in 1 s]",
    "[reconnecting (attempt 2)]",
    "[closed (failed)]",
    "Gave up (attempts): gave up on https://example.com/events after 2 reconnections: status 503: no",
  ]);
});

Deno.test("the partial text of an answer is kept, with the reason it stopped", async () => {
  const error = 'data: {"error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
  assertEquals(await readText(streamed([piece("All of it."), STOP])), {
    isWhole: true,
    text: "All of it.",
  });
  assertEquals(await readText(streamed([piece("Half"), error])), {
    isWhole: false,
    text: "Half",
    why: "provider: Overloaded",
    isPassing: true,
  });
  const cut = await readText(streamed([piece("Half")]));
  assertStrictEquals(cut.text, "Half");
  assert(!cut.isWhole && cut.isPassing);
});

Deno.test("tokens and cost are counted as an answer arrives", async () => {
  const lines: string[] = [];
  let clock = 0;
  const chunk = (more: object) =>
    `data: ${
      JSON.stringify({
        object: "chat.completion.chunk",
        model: "gpt-5.6-luna",
        choices: [],
        ...more,
      })
    }\n\n`;
  const usage = { prompt_tokens: 100, completion_tokens: 50 };
  const last = await measure(
    streamed([
      chunk({ choices: [{ delta: { content: "12345678" } }] }),
      chunk({ choices: [{ delta: {}, finish_reason: "stop" }] }),
      chunk({ usage }),
    ]),
    (line) => lines.push(line),
    () => clock += 100,
  );
  assertStrictEquals(lines[0], "~2 tokens, ~$0.000002");
  assertMatch(lines.at(-1)!, /^50 tokens, \d+ tokens\/s, \$0\.000080$/);
  assertMatch(last, /^50 tokens/);
});

Deno.test("a proxy numbers events, skips those the browser already has, and closes the upstream", async () => {
  let cancelled = false;
  let keys = "";
  const upstream = (_url: unknown, init?: RequestInit) => {
    keys = new Headers(init?.headers).get("x-api-key") ?? "";
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const text = "event: a\ndata: 1\n\ndata: two\ndata: lines\n\ndata: 3\n\n";
        controller.enqueue(new TextEncoder().encode(text));
      },
      cancel: () => void (cancelled = true),
    });
    return Promise.resolve(new Response(body));
  };
  const request = new Request("http://localhost/", { headers: { "last-event-id": "1" } });
  const options = { upstream: "http://u", key: "k", heartbeatMs: 60_000, fetch: upstream };
  const seen: SSEEvent[] = [];
  for await (const event of parseSSE(await proxy(request, options))) {
    seen.push(event);
    if (seen.length === 2) break;
  }
  assertEquals(seen, [
    { id: "2", event: "message", data: "two\nlines" },
    { id: "3", event: "message", data: "3" },
  ]);
  assertStrictEquals(keys, "k");
  assert(cancelled);
});

Deno.test("a proxy whose upstream breaks, or whose client leaves, stops its heartbeat", async () => {
  for (const isBroken of [true, false]) {
    const running = new Set<unknown>();
    using _start = stub(globalThis, "setInterval", () => {
      running.add(7);
      return 7 as never;
    });
    using _stop = stub(globalThis, "clearInterval", (id) => void running.delete(id));
    const leaving = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("data: 1\n\n"));
      },
      pull(controller) {
        if (isBroken) controller.error(new TypeError("reset"));
      },
    });
    const options = {
      upstream: "http://u",
      key: "k",
      heartbeatMs: 60_000,
      fetch: () => Promise.resolve(new Response(body)),
    };
    const request = new Request("http://localhost/", { signal: leaving.signal });
    const events = parseSSE(await proxy(request, options));
    assertStrictEquals((await events.next()).value?.data, "1");
    assertStrictEquals(running.size, 1);
    const next = events.next();
    if (!isBroken) leaving.abort();
    await assertRejects(() => next);
    assertStrictEquals(running.size, 0);
  }
});

Deno.test("a proxy does not pass a rejection on as a stream", async () => {
  const fetch = () => Promise.resolve(new Response("bad key k", { status: 401 }));
  const options = { upstream: "http://u", key: "k", heartbeatMs: 60_000, fetch };
  const response = await proxy(new Request("http://localhost/"), options);
  assertStrictEquals(response.status, 502);
  assert(!(await response.text()).includes("k\n"));
});

Deno.test("a terminal chat remembers the conversation and continues after an error", async () => {
  const asked: string[][] = [];
  const script = ["a", "b", "c", null];
  const answers = [[piece("One."), STOP], [], [piece("Three."), STOP]];
  let out = "";
  await terminalChat(apis[0]!, "k", {
    ask: () => script.shift() ?? null,
    write: (text) => void (out += text),
    fetch: async (request) => {
      const { messages } = await request.json();
      asked.push(messages.map(({ content }: { content: string }) => content));
      return streamed(answers[asked.length - 1]!);
    },
  });
  assertEquals(asked, [["a"], ["a", "One.", "b"], ["a", "One.", "c"]]);
  assertMatch(out, /^One\.\n\n\[.*\]\nThree\.\n$/);
});

Deno.test("the playground creates a run once and shows each of its events once, even after resuming", async () => {
  const kv = await Deno.openKv(":memory:");
  const tasks = createSandbox({ kv, speed: 1000, acceptKey: (key) => key === "sandbox-k" });
  let created = 0;
  const api = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    if (request.method === "POST") created++;
    return tasks.fetch(request);
  });
  const where = { base: `http://127.0.0.1:${api.addr.port}`, key: "sandbox-k" };
  const app = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => playground(request, where),
  );
  const origin = `http://127.0.0.1:${app.addr.port}`;
  try {
    assertMatch(await (await fetch(origin)).text(), /<form method=post>/);
    const body = new FormData();
    body.append("input", "Why?");
    const made = await fetch(origin, { method: "POST", body, redirect: "manual" });
    await made.body?.cancel();
    assertStrictEquals(made.status, 303);
    const [, id] = /\/run\/(.+)$/.exec(made.headers.get("location") ?? "") ?? [];
    assert(id);
    assertMatch(await (await fetch(`${origin}/run/${id}`)).text(), /new EventSource/);
    const events = async (lastEventId = "") => {
      const seen: SSEEvent[] = [];
      const isTerminal = ({ event }: SSEEvent) => event === "over";
      for await (const event of connectSSE(`${origin}/events/${id}`, { lastEventId, isTerminal })) {
        seen.push(event);
      }
      return seen;
    };
    const all = await events();
    const last = JSON.parse(all.at(-2)!.data);
    assertStrictEquals(JSON.parse(last.data).run.status, "completed");
    assertEquals(all.slice(0, -1).map(({ id }) => Number(id)), all.slice(1).map((_, n) => n + 1));
    assertStrictEquals((await events(all.at(-2)!.id)).length, 1);
    assertStrictEquals(created, 1);
  } finally {
    await app.shutdown();
    tasks.close();
    await api.shutdown();
    kv.close();
  }
});
