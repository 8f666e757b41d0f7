/**
 * Parses a stream by hand: you read the bytes, the parser calls you back.
 *
 *     deno run --allow-net examples/parse_by_hand.ts https://example.com/events
 */
import { SSEParser } from "../lib/sse/mod.ts";

/** Writes one line for everything that the stream says. */
export async function parseByHand(
  body: ReadableStream<Uint8Array>,
  print: (line: string) => void,
): Promise<void> {
  const parser = new SSEParser({
    onEvent: ({ id, event, data }) => print(`${event} ${id || "(no id)"}: ${data}`),
    onComment: (text) => print(`comment: ${text}`),
    onRetry: (ms) => print(`reconnect after ${ms} ms`),
    onIgnored: (line) => print(`ignored: ${line}`),
  });
  // A chunk may end anywhere: inside a line, a character or a line end.
  for await (const chunk of body) parser.push(chunk);
  if (parser.end()) print("the last event was cut off");
}

if (import.meta.main) {
  const response = await fetch(Deno.args[0]!);
  // deno-lint-ignore no-console -- this is a program for the terminal
  await parseByHand(response.body!, console.log);
}
