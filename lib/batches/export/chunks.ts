/** Texts that come one by one, gathered into chunks that are worth sending. */
import { nextTurn } from "../../base/paced.ts";

/** Of a chunk (characters). */
const CHUNK_CHARS = 32 * 1024;

/** The same text; the first piece at once, and a turn for everything else behind each chunk. */
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
