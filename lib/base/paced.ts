/** Lets everything else have its turn in the middle of long work. */

/** Characters that are made before anything else gets a turn. */
const CHUNK_CHARS = 64 * 1024;
/** Or the time that making them takes (ms): some characters are much dearer than others. */
const STRETCH_MS = 10;

/** Resolves when everything that is due has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/**
 * A text in chunks of about 64 KiB, with a turn for everything else between them, and whenever making
 * the next one takes long. Empty pieces are pauses in work that makes no text yet.
 */
export async function* paced(
  pieces: Iterable<string>,
  now: () => number = () => performance.now(),
): AsyncGenerator<string> {
  let chunk = "", since = now();
  for (const piece of pieces) {
    chunk += piece;
    const isFull = chunk.length >= CHUNK_CHARS;
    if (!isFull && now() - since < STRETCH_MS) continue;
    if (isFull) {
      yield chunk;
      chunk = "";
    }
    await nextTurn();
    since = now();
  }
  if (chunk !== "") yield chunk;
}

/** A text as a body that is made while it is read, in UTF-8. */
export function textStream(pieces: Iterable<string>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(paced(pieces)).pipeThrough(new TextEncoderStream());
}

/** Returns what work with pauses comes to, and gives everything else a turn whenever the work takes long. */
export async function inTurns<Result>(
  work: Generator<unknown, Result>,
  now: () => number = () => performance.now(),
): Promise<Result> {
  for (let since = now();;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (now() - since < STRETCH_MS) continue;
    await nextTurn();
    since = now();
  }
}

/** What work with pauses comes to, without any. */
export function atOnce<Result>(work: Generator<unknown, Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** A text in slices that are short enough to be made one after the other, never within a character. */
export function* slices(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    let end = at + CHUNK_CHARS;
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end++;
    yield text.slice(at, end);
    at = end;
  }
}

/** The whole text, with a pause after each piece. */
export function* gathered(pieces: Iterable<string>): Generator<"", string> {
  let text = "";
  for (const piece of pieces) {
    text += piece;
    yield "";
  }
  return text;
}
