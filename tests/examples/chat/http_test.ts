/** The chat against a real server on this machine, over the real fetch. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { run } from "../../../examples/chat/main.ts";
import { deps, FakeTerminal, piece, STOP } from "./support.ts";

type Answer = (request: Request) => Response | Promise<Response>;

/** Runs the chat against a server that answers so, with a person who follows the script. */
async function against(
  answer: Answer,
  words: readonly string[],
  {
    script = [],
    env = {},
    prepare = () => {},
  }: {
    script?: readonly string[];
    env?: Readonly<Record<string, string>>;
    prepare?: (terminal: FakeTerminal) => void;
  } = {},
) {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  const terminal = new FakeTerminal(script);
  prepare(terminal);
  const url = `http://127.0.0.1:${server.addr.port}`;
  try {
    const code = await run(
      ["--url", url, "--model", "m", ...words],
      deps(terminal, { fetch: (request) => fetch(request), env: (name) => env[name] }),
    );
    return { code, terminal, url };
  } finally {
    await server.shutdown();
  }
}

const eventStream = { headers: { "content-type": "text/event-stream" } };
const encode = (text: string) => new TextEncoder().encode(text);

/** A body that sends its pieces and then stays open until it is cancelled. */
function open(pieces: readonly string[], onCancel: () => void): Response {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => pieces.forEach((each) => controller.enqueue(encode(each))),
    cancel: onCancel,
  });
  return new Response(body, eventStream);
}

Deno.test("a server's answer is read while it is sent", async () => {
  let asked: { path: string; key: string | null; body: unknown } | undefined;
  const { code, terminal } = await against(
    async (request) => {
      asked = {
        path: new URL(request.url).pathname,
        key: request.headers.get("authorization"),
        body: await request.json(),
      };
      return new Response(piece("Over ") + piece("TCP.") + STOP, eventStream);
    },
    ["--prompt", "How?"],
    { env: { OPENAI_API_KEY: "sk-0123456789" } },
  );
  assertStrictEquals(code, 0);
  assertStrictEquals(terminal.out, "Over TCP.\n");
  assertEquals(asked, {
    path: "/v1/chat/completions",
    key: "Bearer sk-0123456789",
    body: {
      model: "m",
      messages: [{ role: "user", content: "How?" }],
      stream: true,
      stream_options: { include_usage: true },
    },
  });
});

Deno.test("the first token is shown before the rest arrives", async () => {
  const more = Promise.withResolvers<void>();
  const { terminal } = await against(
    () => {
      const body = new ReadableStream<Uint8Array>({
        async start(controller) {
          controller.enqueue(encode(piece("First")));
          await more.promise; // only once the first was shown
          controller.enqueue(encode(piece(", then the rest.") + STOP));
          controller.close();
        },
      });
      return new Response(body, eventStream);
    },
    ["--prompt", "How?"],
    { prepare: (terminal) => terminal.onWrite = () => more.resolve() },
  );
  assertStrictEquals(terminal.out, "First, then the rest.\n");
});

Deno.test("Ctrl-C closes the connection of the answer", async () => {
  const closed = Promise.withResolvers<void>();
  const { code, terminal } = await against(
    () => open([piece("Half")], closed.resolve),
    [],
    { script: ["a"], prepare: (terminal) => terminal.onWrite = () => terminal.interrupt() },
  );
  await closed.promise;
  assertStrictEquals(code, 0);
  assertStrictEquals(terminal.out, "Half\n");
  assert(terminal.notes.includes("[stopped] The answer so far is kept."));
});

Deno.test("Ctrl-C stops waiting for a silent server", async () => {
  let interrupt = () => {};
  const gone = Promise.withResolvers<void>();
  const { code, terminal } = await against(
    async () => {
      interrupt();
      await gone.promise;
      return new Response(null);
    },
    ["--prompt", "a"],
    {
      prepare: (terminal) => {
        interrupt = () => terminal.interrupt();
        terminal.note = (line) => {
          terminal.notes.push(line);
          gone.resolve();
        };
      },
    },
  );
  assertStrictEquals(code, 130);
  assertEquals(terminal.notes, ["[stopped]"]);
});

Deno.test("a broken connection keeps the text received so far", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const serving = (async () => {
    const connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    const head =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n";
    await connection.write(encode(head + piece("Half")));
    connection.close();
    listener.close();
  })();
  const terminal = new FakeTerminal([]);
  const { port } = listener.addr;
  const words = ["--url", `http://127.0.0.1:${port}`, "--prompt", "a"];
  const code = await run(words, deps(terminal, { fetch: (request) => fetch(request) }));
  await serving;
  assertStrictEquals(code, 1);
  assertStrictEquals(terminal.out, "Half\n");
  assertStrictEquals(
    terminal.notes[0],
    `127.0.0.1:${port} broke off before the answer was complete. The answer so far is kept.`,
  );
});

Deno.test("redirects are not followed, so no other server gets the key", async () => {
  const paths: string[] = [];
  const { code, terminal, url } = await against(
    ({ url }) => {
      paths.push(new URL(url).pathname);
      return new Response(null, { status: 307, headers: { location: "http://127.0.0.1:9/else" } });
    },
    ["--provider", "anthropic", "--prompt", "a"],
    { env: { ANTHROPIC_API_KEY: "sk-0123456789" } },
  );
  assertStrictEquals(code, 1);
  assertEquals(paths, ["/v1/messages"]);
  assertMatch(
    terminal.notes[0]!,
    new RegExp(`^${new URL(url).host} responded with status 307`),
  );
  assertMatch(terminal.notes[0]!, /redirects to http:\/\/127\.0\.0\.1:9\/else/);
});

Deno.test("a web page is distinguished from a stream", async () => {
  const page = () => new Response("<html>", { headers: { "content-type": "text/html" } });
  const { code, terminal } = await against(page, ["--prompt", "a"]);
  assertStrictEquals(code, 1);
  assertMatch(terminal.notes[0]!, /sent text\/html instead of an event stream/);
});

Deno.test("at a custom URL a stream in another format is recognised", async () => {
  const delta = {
    type: "content_block_delta",
    index: 0,
    delta: { type: "text_delta", text: "Hi" },
  };
  const stream = () => new Response(`data: ${JSON.stringify(delta)}\n\n`, eventStream);
  const { terminal } = await against(stream, ["--prompt", "a"]);
  assertStrictEquals(terminal.out, "Hi\n");
});

Deno.test("an unknown JSON stream is reported", async () => {
  const stream = () => new Response('data: {"wort":"Hallo"}\n\n', eventStream);
  const { code, terminal } = await against(stream, ["--prompt", "a"]);
  assertStrictEquals(code, 1);
  assertMatch(terminal.notes[0]!, /streams in a format that this program does not know/);
});

Deno.test("a refused connection is explained", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const terminal = new FakeTerminal([]);
  const words = ["--url", `http://127.0.0.1:${port}`, "--prompt", "a"];
  assertStrictEquals(await run(words, deps(terminal, { fetch: (request) => fetch(request) })), 1);
  assertStrictEquals(
    terminal.notes[0],
    `127.0.0.1:${port} cannot be reached: connection refused.`,
  );
});
