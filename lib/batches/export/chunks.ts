/** Joins small strings into chunks for a response. */
import { nextTurn } from "../../base/mod.ts";

const CHUNK_CHARS = 32 * 1024;

/**
 * Yields the same text in larger chunks. The first piece is sent at once; each chunk yields to the event
 * loop.
 */
export async function* chunks(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = "", isFirst = true;
  for await (const text of texts) {
    chunk += text;
    if (chunk.length < CHUNK_CHARS && !isFirst) continue;
    yield chunk;
    chunk = "";
    isFirst = false;
    await nextTurn();
  }
  if (chunk !== "") yield chunk;
}
