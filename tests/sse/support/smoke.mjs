/**
 * What every runtime must be able to do with the library, without a server. Run as
 * `node smoke.mjs <module>` (or `bun`), it prints one JSON object of what came out; elsewhere `smoke` is
 * called with the module.
 */
export async function smoke(library) {
  const { collect, connectSSE, encodeSSE, parseSSE, SSEError, SSEParser, SSEParserStream } =
    library;
  const said = {};
  const bytes = (text) => new TextEncoder().encode(text);
  const stream = (text, size = 3) => {
    const all = bytes(text);
    let at = 0;
    return new ReadableStream({
      pull(controller) {
        if (at >= all.length) return controller.close();
        controller.enqueue(all.slice(at, at += size));
      },
    });
  };
  const data = async (events) => {
    const seen = [];
    for await (const event of events) seen.push(event.data);
    return seen;
  };

  const seen = [];
  const parser = new SSEParser({ onEvent: (event) => seen.push(event) });
  for (const byte of bytes("\uFEFFid: 1\revent: n\r\ndata: é😀\n\r\n")) {
    parser.push(Uint8Array.of(byte));
  }
  said.parser = seen;
  said.iterator = await data(parseSSE(new Response(encodeSSE({ data: "two\nlines" }))));
  said.stream = await data(stream("data: a\n\ndata: 日本\n\n").pipeThrough(new SSEParserStream()));

  try {
    await data(parseSSE(stream("data: 123456\n\n"), { maxEventBytes: 5 }));
  } catch (error) {
    said.limit = error instanceof SSEError && [error.kind, error.limit];
  }

  let cancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(bytes("data: 1\n\n")),
    cancel: () => void (cancelled = true),
  });
  for await (const _ of parseSSE(endless)) break;
  said.cancelled = cancelled;

  const asked = [];
  const answers = ["id: 1\ndata: a\n\n", "id: 2\ndata: end\n\n"];
  said.followed = await data(connectSSE("http://example.test/", {
    fetch: (_url, { headers }) => {
      asked.push(headers.get("last-event-id"));
      const headersOut = { "content-type": "text/event-stream" };
      return Promise.resolve(
        new Response(stream(answers[asked.length - 1]), { headers: headersOut }),
      );
    },
    reconnect: { initialMs: 1 },
    isTerminal: (event) => event.data === "end",
  }));
  said.asked = asked;

  const chunk = (text) => `data: {"choices":[{"delta":{"content":"${text}"}}]}\n\n`;
  said.text = (await collect(stream(chunk("Hel") + chunk("lo") + "data: [DONE]\n\n"))).text;

  return said;
}

if (globalThis.process?.argv[2]) {
  const { argv, stdout } = globalThis.process;
  stdout.write(JSON.stringify(await smoke(await import(argv[2]))));
}
