import { getLines, getMessages } from "@microsoft/fetch-event-source/parse";
import { createParser } from "eventsource-parser";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { events } from "fetch-event-stream";
import { _iterSSEMessages } from "parallel-web/core/streaming";
import { parseServerSentEvents } from "parse-sse";
import { parseSSE, SSEParser, SSEParserStream } from "../../lib/sse/mod.ts";
import type { Contender } from "./measure.ts";

type Chunks = readonly Uint8Array<ArrayBuffer>[];

const body = (chunks: Chunks) => {
  let next = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const chunk = chunks[next++];
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
};

const count = async (events: AsyncIterable<{ data?: string }>) => {
  let seen = 0;
  for await (const event of events) if (event.data !== undefined) seen++;
  return seen;
};

/** Callback parsers, from bytes. */
export const parsers = {
  ours: (chunks: Chunks): Contender => ({
    name: "SSEParser",
    pass() {
      let seen = 0;
      const parser = new SSEParser({
        onEvent: (event) => void (event.data !== "-" && seen++),
        maxEventBytes: 16 << 20,
      });
      for (const chunk of chunks) parser.push(chunk);
      parser.end();
      return seen;
    },
  }),
  eventsourceParser: (chunks: Chunks): Contender => ({
    name: "eventsource-parser feed()",
    pass() {
      let seen = 0;
      const parser = createParser({ onEvent: (event) => void (event.data !== "-" && seen++) });
      const decoder = new TextDecoder();
      for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
      return seen;
    },
  }),
};

/** Another callback parser from bytes; it has no end and no BOM. */
export const fetchEventSource = (chunks: Chunks): Contender => ({
  name: "@microsoft/fetch-event-source",
  pass() {
    let seen = 0;
    const none = () => {};
    const push = getLines(getMessages(none, none, (event) => void (event.data !== "-" && seen++)));
    for (const chunk of chunks) push(chunk);
    return seen;
  },
});

/** What else npm has that turns a response into events. */
export const others = [
  (chunks: Chunks): Contender => ({
    name: "parse-sse",
    pass: () => count(parseServerSentEvents(new Response(body(chunks)))),
  }),
  (chunks: Chunks): Contender => ({
    name: "fetch-event-stream",
    pass: () => count(events(new Response(body(chunks)))),
  }),
  // The decoder its generator puts into OpenAI's, Anthropic's and many more SDKs as well.
  (chunks: Chunks): Contender => ({
    name: "parallel-web's decoder",
    pass: () => count(_iterSSEMessages(new Response(body(chunks)), new AbortController())),
  }),
];

/** Loops over a body. */
export const loops = {
  parseSSE: (chunks: Chunks): Contender => ({
    name: "parseSSE",
    pass: () => count(parseSSE(body(chunks))),
  }),
  ourStream: (chunks: Chunks): Contender => ({
    name: "SSEParserStream",
    pass: () => count(body(chunks).pipeThrough(new SSEParserStream())),
  }),
  eventsourceStream: (chunks: Chunks): Contender => ({
    name: "EventSourceParserStream",
    pass: () =>
      count(
        body(chunks).pipeThrough(new TextDecoderStream()).pipeThrough(
          new EventSourceParserStream(),
        ),
      ),
  }),
};
