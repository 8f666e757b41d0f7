/** One question and one answer, for scripts: its output and exit code. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { apis } from "../../../examples/apis/mod.ts";
import type { Deps } from "../../../examples/chat/chat.ts";
import { run } from "../../../examples/chat/main.ts";
import { answerTo } from "../../../examples/chat/sandbox.ts";
import { deps, FakeTerminal, piece, STOP, streamed } from "./support.ts";

const AT_A_SERVER = ["--url", "http://localhost:1234", "--model", "m"];

async function once(words: readonly string[], piped = "", more: Partial<Deps> = {}) {
  const terminal = new FakeTerminal(piped ? [piped] : [], false);
  const code = await run(words, deps(terminal, more));
  assertStrictEquals(terminal.listeners, 0);
  return { code, out: terminal.out, notes: terminal.notes };
}

for (const { names: [name] } of apis) {
  Deno.test(`--prompt prints the answer in ${name}'s format, and nothing else`, async () => {
    const words = ["--sandbox", "--provider", name, "--prompt", "Why?"];
    const { code, out, notes } = await once(words);
    assertStrictEquals(code, 0);
    assertStrictEquals(out, answerTo(["Why?"]) + "\n");
    assertStrictEquals(notes.length, 1);
    assertMatch(
      notes[0]!,
      / in, ~?\d+ out · first token [\d.]+ s · .* · cost ~?\$0\.\d+ at list price/,
    );
  });
}

Deno.test("piped input is one question, line breaks included", async () => {
  const { code, out } = await once(["--sandbox"], "One?\nTwo?\n");
  assertStrictEquals(code, 0);
  assertMatch(out, /^You asked: “One\? Two\?”/);
});

Deno.test("--prompt overrides piped input", async () => {
  assertMatch((await once(["--sandbox", "--prompt", "A?"], "B?")).out, /^You asked: “A\?”/);
});

Deno.test("empty piped input is reported with exit code 2", async () => {
  const { code, out, notes } = await once(["--sandbox"], " \n");
  assertEquals({ code, out }, { code: 2, out: "" });
  assertMatch(notes[0]!, /The question is empty/);
});

for (
  const [words, note] of [
    [["--prompt"], /--prompt <value>.*argument missing/],
    [["--provider", "nobody"], /Unknown provider “nobody”/],
    [["--prompt", "a"], /No API key: set OPENAI_API_KEY or ANTHROPIC_API_KEY/],
    [["--url", "nowhere"], /--url must begin with/],
  ] as const
) {
  Deno.test(`${words.join(" ")} exits with 2 before anything is sent`, async () => {
    const { code, out, notes } = await once(words);
    assertEquals({ code, out }, { code: 2, out: "" });
    assertMatch(notes[0]!, note);
  });
}

for (const fault of ["401", "429", "error", "cut"]) {
  Deno.test(`a failure (${fault}) exits with 1 and a reason`, async () => {
    const { code, out, notes } = await once(["--sandbox", "--prompt", `Why [${fault}]?`]);
    assertStrictEquals(code, 1);
    assertStrictEquals(out === "", fault.length === 3 && fault !== "cut");
    assertMatch(
      notes[0]!,
      fault === "cut" ? /broke off before the answer was complete/ : /sandbox|429/,
    );
    assertNotMatch(notes.join(), /retry/);
  });
}

Deno.test("a truncated answer is not a success", async () => {
  const cut = STOP.replace('"stop"', '"length"');
  const fetch = () => Promise.resolve(streamed([piece("Half"), cut]));
  const { code, notes } = await once([...AT_A_SERVER, "--prompt", "a"], "", { fetch });
  assertStrictEquals(code, 1);
  assertMatch(notes[0]!, /cut short/);
});

Deno.test("Ctrl-C exits with 130 and the text so far", async () => {
  const terminal = new FakeTerminal([], false);
  terminal.onWrite = () => queueMicrotask(() => terminal.interrupt());
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(piece("Half"))),
  });
  const response = new Response(body, { headers: { "content-type": "text/event-stream" } });
  const fetch = () => Promise.resolve(response);
  const code = await run([...AT_A_SERVER, "--prompt", "a"], deps(terminal, { fetch }));
  assertStrictEquals(code, 130);
  assertStrictEquals(terminal.out, "Half\n");
});

Deno.test("an answer that ends its last line gets no second line break", async () => {
  const fetch = () => Promise.resolve(streamed([piece("Yes.\n"), STOP]));
  assertStrictEquals((await once([...AT_A_SERVER, "--prompt", "a"], "", { fetch })).out, "Yes.\n");
});

Deno.test("a last event without its blank line counts, because some servers omit it", async () => {
  const fetch = () => Promise.resolve(streamed([piece("Yes"), piece(".").trimEnd()]));
  assertStrictEquals((await once([...AT_A_SERVER, "--prompt", "a"], "", { fetch })).out, "Yes.\n");
});

Deno.test("--help names every provider, variable and option, and sends nothing", async () => {
  const { code, out } = await once(["--help", "--prompt", "a"]);
  assertStrictEquals(code, 0);
  for (const { names, keys, model } of apis) {
    for (const word of [names[0], ...keys, model]) assert(out.includes(word), word);
  }
  for (const option of ["provider", "url", "model", "system", "prompt", "sandbox"]) {
    assert(out.includes(`--${option}`), option);
  }
  assert(out.endsWith("\n"));
  for (const line of out.split("\n")) assert(line.length <= 100, line);
});

const answering = (...pieces: string[]) => ({ fetch: () => Promise.resolve(streamed(pieces)) });

for (
  const [what, more, out, note] of [
    [
      "an error in the stream",
      answering(piece("Half"), 'data: {"object":"error","message":"too long","code":400}\n\n'),
      "Half\n",
      /reported an error: too long/,
    ],
    ["a stream that is cut", answering(piece("Half")), "Half\n", /before the answer was complete/],
    ["a stream that says nothing", answering(), "", /before the answer was complete/],
    [
      "a refusal",
      answering(
        'data: {"choices":[{"delta":{"refusal":"I cannot."},"finish_reason":"stop"}]}\n\n',
      ),
      "I cannot.\n",
      /the model refused/,
    ],
    [
      "JSON instead of a stream",
      { fetch: () => Promise.resolve(Response.json({ error: { message: "no streaming" } })) },
      "",
      /It said: no streaming It sent application\/json instead of an event stream/,
    ],
    [
      "a refused request",
      {
        fetch: () =>
          Promise.resolve(Response.json({ error: { message: "bad key" } }, { status: 401 })),
      },
      "",
      /bad key Set OPENAI_API_KEY/,
    ],
  ] as const
) {
  Deno.test(`${what} fails: exit code 1 with a reason`, async () => {
    const { code, ...shown } = await once([...AT_A_SERVER, "--prompt", "a"], "", more);
    assertStrictEquals(code, 1);
    assertStrictEquals(shown.out, out);
    assertMatch(shown.notes.join("\n"), note);
  });
}
