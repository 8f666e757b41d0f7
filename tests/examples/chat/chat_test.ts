/** A whole conversation in process: a scripted user, and the sandbox or a fake server. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import type { Deps } from "../../../examples/chat/chat.ts";
import { run } from "../../../examples/chat/main.ts";
import { deps, FakeTerminal, piece, STOP, streamed, type Typed } from "./support.ts";

interface Talk {
  terminal: FakeTerminal;
  code: number;
}

async function talk(
  script: readonly Typed[],
  words: readonly string[] = ["--sandbox"],
  more: Partial<Deps> = {},
  prepare: (terminal: FakeTerminal) => void = () => {},
): Promise<Talk> {
  const terminal = new FakeTerminal(script);
  prepare(terminal);
  const code = await run(words, deps(terminal, more));
  assertStrictEquals(terminal.listeners, 0, "Ctrl-C is let go");
  return { terminal, code };
}

/** A server that answers with the next of the responses, and keeps what it was asked. */
function server(...responses: (() => Response)[]) {
  const bodies: { messages: { role: string; content: string }[] }[] = [];
  const fetch = async (request: Request) => {
    bodies.push(await request.json());
    const next = responses[bodies.length - 1] ?? responses.at(-1);
    if (!next) throw new TypeError("no answer");
    return next();
  };
  return { bodies, fetch };
}

const contents = (body: { messages: { content: string }[] } | undefined) =>
  body?.messages.map(({ content }) => content);
const AT_A_SERVER = ["--url", "http://localhost:1234", "--model", "m"];
const answers = (text: string) => () => streamed([piece(text), STOP]);

Deno.test("it greets with provider, model and host, then prompts", async () => {
  const { terminal, code } = await talk([], ["--sandbox", "--provider", "anthropic"]);
  assertStrictEquals(code, 0);
  assertMatch(terminal.notes[0]!, /^anthropic, claude-sonnet-5-5, at the sandbox/);
  assertMatch(terminal.notes[0]!, /Ctrl-C stops an answer; at the prompt it quits/);
  assertEquals(terminal.prompts, ["> "]);
});

Deno.test("tokens are shown as they arrive, followed by a line of figures", async () => {
  const seen: string[] = [];
  const { fetch } = server(() => streamed([piece("Be"), piece("cause"), STOP]));
  const { terminal } = await talk(["Why?"], AT_A_SERVER, { fetch }, (terminal) => {
    terminal.onWrite = (soFar) => seen.push(soFar);
  });
  assertEquals(seen, ["Be", "Because", "Because\n"]);
  assertMatch(
    terminal.notes[1]!,
    /^m · ~1 in, ~2 out · first token [\d.]+ s · ~\d+ tokens\/s · cost –$/,
  );
});

Deno.test("the next question is sent with the whole conversation", async () => {
  const { bodies, fetch } = server(answers("One."), answers("Two."), answers("Three."));
  await talk(["a", "b", "c"], [...AT_A_SERVER, "--system", "Be brief."], { fetch });
  assertEquals(bodies[2]!.messages, [
    { role: "system", content: "Be brief." },
    { role: "user", content: "a" },
    { role: "assistant", content: "One." },
    { role: "user", content: "b" },
    { role: "assistant", content: "Two." },
    { role: "user", content: "c" },
  ]);
});

Deno.test("Ctrl-C stops an answer, keeps its text, and sends it with the next question", async () => {
  let cancelled = false;
  const hanging = () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(piece("Half of"))),
      cancel: () => void (cancelled = true),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  const { bodies, fetch } = server(hanging, answers("Yes."));
  const { terminal, code } = await talk(["a", "b"], AT_A_SERVER, { fetch }, (terminal) => {
    terminal.onWrite = (soFar) => {
      if (soFar === "Half of") queueMicrotask(() => terminal.interrupt());
    };
  });
  assertStrictEquals(code, 0);
  assert(cancelled, "the connection is closed");
  assertStrictEquals(terminal.out, "Half of\nYes.\n");
  assert(terminal.notes.includes("[stopped] The answer so far is kept."));
  assertEquals(contents(bodies[1]), ["a", "Half of", "b"]);
});

Deno.test("Ctrl-C before the first token cancels the question", async () => {
  let interrupt = () => {};
  const { bodies, fetch } = server(answers("Yes."));
  const slow = (request: Request) => {
    if (bodies.length > 0) return fetch(request);
    bodies.push({ messages: [] });
    queueMicrotask(() => interrupt());
    return new Promise<Response>((_, reject) =>
      request.signal.addEventListener("abort", () => reject(request.signal.reason))
    );
  };
  const { terminal } = await talk(["a", "b"], AT_A_SERVER, { fetch: slow }, (terminal) => {
    interrupt = () => terminal.interrupt();
  });
  assert(terminal.notes.includes("[stopped]"));
  assertEquals(contents(bodies[1]), ["b"]);
});

Deno.test("Ctrl-C at the prompt quits", async () => {
  const person: Typed[] = ["a"];
  const terminal = new FakeTerminal([...person, () => terminal.interrupt()]);
  assertStrictEquals(await run(["--sandbox"], deps(terminal)), 0);
  assertStrictEquals(terminal.listeners, 0);
});

Deno.test("one press of Ctrl-C that arrives as two signals only stops the answer", async () => {
  let clock = 0;
  let left = false;
  const terminal: FakeTerminal = new FakeTerminal(["a", () => {
    clock += 149;
    terminal.interrupt(); // the second signal of the press
    queueMicrotask(() => {
      assert(!left, "one press does not leave as well");
      clock += 2;
      terminal.interrupt(); // a press of its own
    });
  }]);
  const fetch = () => {
    queueMicrotask(() => terminal.interrupt());
    return Promise.resolve(streamed([piece("Half")], new TypeError("never read")));
  };
  const running = run(AT_A_SERVER, deps(terminal, { fetch, now: () => clock }));
  assertStrictEquals(await running.finally(() => left = true), 0);
  assertStrictEquals(clock, 151);
});

Deno.test("the end of input quits", async () => {
  assertStrictEquals((await talk([])).code, 0);
});

for (const command of ["/quit", "/exit", "  /quit  "]) {
  Deno.test(`${command} quits without a request`, async () => {
    const { bodies, fetch } = server(answers("?"));
    const { terminal, code } = await talk([command, "never"], AT_A_SERVER, { fetch });
    assertStrictEquals(code, 0);
    assertStrictEquals(terminal.prompts.length, 1);
    assertStrictEquals(bodies.length, 0);
  });
}

Deno.test("an error in the middle is explained, and earlier text is kept", async () => {
  const error = 'data: {"error":{"type":"server_error","message":"Overloaded"}}\n\n';
  const { bodies, fetch } = server(() => streamed([piece("Half"), error]), answers("Yes."));
  const { terminal } = await talk(["a", "b"], AT_A_SERVER, { fetch });
  assertStrictEquals(terminal.out, "Half\nYes.\n");
  assertStrictEquals(
    terminal.notes[1],
    "localhost:1234 reported an error: Overloaded (server_error). The answer so far is kept.",
  );
  assertMatch(terminal.notes[2]!, /^m · ~1 in, ~1 out/);
  assertStrictEquals(terminal.notes[3], "/retry asks again.");
  assertEquals(contents(bodies[1]), ["a", "Half", "b"]);
});

Deno.test("/retry replaces a partial answer by asking again", async () => {
  const { bodies, fetch } = server(
    answers("One."),
    () => streamed([piece("Half")], new TypeError("connection reset")),
    answers("Two."),
  );
  const { terminal } = await talk(["a", "b", "/retry"], AT_A_SERVER, { fetch });
  assertEquals(contents(bodies[2]), ["a", "One.", "b"]);
  assertStrictEquals(terminal.out, "One.\nHalf\nTwo.\n");
});

Deno.test("/retry resends a rejected question, and says if there is none", async () => {
  const busy = () => new Response('{"error":{"message":"Slow down."}}', { status: 429 });
  const { bodies, fetch } = server(busy, answers("Yes."));
  const { terminal } = await talk(["/retry", "a", "/retry"], AT_A_SERVER, { fetch });
  assertStrictEquals(terminal.notes[1], "There is no question to retry.");
  assertMatch(
    terminal.notes[2]!,
    /responded with status 429\. It said: Slow down\. Try again later\.$/,
  );
  assertStrictEquals(terminal.notes[3], "/retry asks again.");
  assertEquals(bodies.map(contents), [["a"], ["a"]]);
});

Deno.test("a permanent rejection offers no retry and removes the question", async () => {
  const no = () => new Response('{"error":"No such key."}', { status: 401 });
  const { bodies, fetch } = server(no, answers("Yes."));
  const { terminal } = await talk(["a", "b"], AT_A_SERVER, { fetch });
  assertMatch(terminal.notes[1]!, /status 401.*Set OPENAI_API_KEY/);
  assert(!terminal.notes.includes("/retry asks again."));
  assertEquals(contents(bodies[1]), ["b"]);
});

Deno.test("/new forgets the conversation and keeps the instructions", async () => {
  const { bodies, fetch } = server(answers("One."));
  const words = [...AT_A_SERVER, "--system", "Be brief."];
  await talk(["a", "/new", "b"], words, { fetch });
  assertEquals(contents(bodies[1]), ["Be brief.", "b"]);
});

Deno.test("/help lists the commands; an unknown one is not sent to anyone", async () => {
  const { bodies, fetch } = server(answers("?"));
  const { terminal } = await talk(["/help", "/hlep", ""], AT_A_SERVER, { fetch });
  assertMatch(terminal.notes[1]!, /\/retry, \/new, \/help, \/quit/);
  assertMatch(terminal.notes[2]!, /^Unknown command \/hlep\./);
  assertStrictEquals(bodies.length, 0);
});

Deno.test("a question may start with a path", async () => {
  const { bodies, fetch } = server(answers("A file."));
  await talk(["/etc/hosts is what?"], AT_A_SERVER, { fetch });
  assertEquals(contents(bodies[0]), ["/etc/hosts is what?"]);
});

Deno.test("a line that ends in a backslash continues on the next line", async () => {
  const { bodies, fetch } = server(answers("Yes."));
  const { terminal } = await talk(["one\\", "two\\", "three", "half\\"], AT_A_SERVER, { fetch });
  assertEquals(contents(bodies[0]), ["one\ntwo\nthree"]);
  assertEquals(contents(bodies[1]), ["one\ntwo\nthree", "Yes.", "half"]);
  assertEquals(terminal.prompts.slice(0, 3), ["> ", ". ", ". "]);
});

const ENDINGS:
  readonly (readonly [finish: string | null, text: string, note: RegExp | undefined])[] = [
    ["stop", "Yes.", undefined],
    ["length", "Yes and", /^\[cut short by the token limit \(length\)\]$/],
    ["content_filter", "", /^\[withheld by the provider \(content_filter\)\]$/],
    ["stop", "", /^\[the answer is empty\]$/],
  ];

for (const [finish, text, note] of ENDINGS) {
  Deno.test(`an answer ${JSON.stringify(text)} that ends with ${finish} is ${note ? "explained" : "complete"}`, async () => {
    const { fetch } = server(() => streamed([piece(text), STOP.replace('"stop"', `"${finish}"`)]));
    const { terminal } = await talk(["a"], AT_A_SERVER, { fetch });
    if (note) assertMatch(terminal.notes[1]!, note);
    else assertMatch(terminal.notes[1]!, /^m · /);
  });
}

Deno.test("a provider's stream without its terminal event counts as incomplete", async () => {
  const { fetch } = server(() => streamed([piece("Half")]));
  const env = (name: string) => name === "OPENAI_API_KEY" ? "k" : undefined;
  const { terminal } = await talk(["a"], [], { fetch, env });
  assertStrictEquals(
    terminal.notes[1],
    "api.openai.com broke off before the answer was complete. The answer so far is kept.",
  );
});

Deno.test("a warning comes before a key would be sent unencrypted", async () => {
  const env = () => "k";
  const { terminal } = await talk([], ["--url", "http://example.com"], { env });
  assertMatch(terminal.notes[0]!, /^The key goes to example\.com unencrypted/);
});

Deno.test("the time to the first token starts before the request is sent", async () => {
  let clock = 0;
  const { terminal } = await talk(["a"], AT_A_SERVER, {
    now: () => clock,
    fetch: () => {
      clock = 700;
      return Promise.resolve(streamed([piece("Yes."), STOP]));
    },
  });
  assertMatch(terminal.notes[1]!, /first token 0\.70 s/);
});

Deno.test("a closed terminal ends the chat with an error and closes the connection", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(piece("Half"))),
    cancel: () => void (cancelled = true),
  });
  const response = new Response(body, { headers: { "content-type": "text/event-stream" } });
  await assertRejects(
    () =>
      talk(["a"], AT_A_SERVER, { fetch: () => Promise.resolve(response) }, (terminal) => {
        terminal.onWrite = () => {
          throw new Deno.errors.BrokenPipe("gone");
        };
      }),
    Deno.errors.BrokenPipe,
  );
  assert(cancelled);
});
