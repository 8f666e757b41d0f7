/** Gathers small texts into chunks for a response. */
import { nextTurn } from "../../base/mod.ts";

const CHUNK_CHARS = 32 * 1024;

/** The same text in larger chunks. The first piece goes at once; the event loop gets a turn after each chunk. */
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
