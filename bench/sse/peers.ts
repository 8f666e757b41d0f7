import { createParser } from "eventsource-parser";
import { EventSourceParserStream } from "eventsource-parser/stream";
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

const count = async (events: AsyncIterable<{ data: string }>) => {
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
