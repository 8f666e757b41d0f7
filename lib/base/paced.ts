/** Lets everything else have its turn in the middle of long work. */
import { setImmediate } from "node:timers";

/** Characters that are made before anything else gets a turn. */
const CHUNK_CHARS = 64 * 1024;

/** Resolves when everything that is due has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** A text in chunks of about 64 KiB, with a turn for everything else between them. */
export async function* paced(pieces: Iterable<string>): AsyncGenerator<string> {
  let chunk = "";
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK_CHARS) continue;
    yield chunk;
    chunk = "";
    await nextTurn();
  }
  if (chunk !== "") yield chunk;
}
