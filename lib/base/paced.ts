/** Yields to other work during long work. */

/** Characters of a chunk. */
const CHUNK_CHARS = 64 * 1024;
/** The longest time without yielding to other work (ms). */
const STRETCH_MS = 10;
/** One turn is due for each so many milliseconds without yielding, and at most so many turns. */
const MS_PER_TURN = 25, MOST_TURNS = 5;

/**
 * Resolves after everything that is due has run, requests that have just arrived included. It is a timer
 * because Deno's event loop looks at the network only when it has nothing to do, or in every 61st turn
 * (`event_interval` of Tokio). Work that waits by `setImmediate` always gives it something to do.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 0));
}

/**
 * Resolves after as many turns as a stretch of work has cost other requests (ms): one needs several turns from
 * its arrival to its response, and would else wait for a long stretch in each of them.
 */
export async function turnsAfter(stretchMs: number): Promise<void> {
  const turns = Math.min(MOST_TURNS, Math.ceil(stretchMs / MS_PER_TURN));
  for (let turn = 0; turn < turns; turn++) await nextTurn();
}

/**
 * Returns a function that long work awaits wherever it can be interrupted. It yields to other work if that has
 * not had a turn for long.
 */
export function pauses(
  now: () => number = () => performance.now(),
): () => Promise<void> | undefined {
  let since = now();
  return () => {
    const stretch = now() - since;
    if (stretch < STRETCH_MS) return undefined;
    return turnsAfter(stretch).then(() => void (since = now()));
  };
}

/**
 * Yields a text in chunks of about 64 KiB, and yields to other work regularly. Empty pieces are pauses in work
 * that has produced no text yet.
 */
export async function* paced(
  pieces: Iterable<string>,
  now: () => number = () => performance.now(),
): AsyncGenerator<string> {
  let chunk = "", since = now();
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length >= CHUNK_CHARS) {
      yield chunk;
      chunk = "";
    }
    const stretch = now() - since;
    if (stretch < STRETCH_MS) continue;
    await turnsAfter(stretch);
    since = now();
  }
  if (chunk !== "") yield chunk;
}

/** A text as a body in UTF-8 that is produced while it is read. */
export function textStream(pieces: Iterable<string>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(paced(pieces)).pipeThrough(new TextEncoderStream());
}

/** Runs work with pauses, and yields to other work when it takes long. Returns its result. */
export async function inTurns<Result>(
  work: Generator<unknown, Result>,
  now: () => number = () => performance.now(),
): Promise<Result> {
  for (const pause = pauses(now);;) {
    const step = work.next();
    if (step.done === true) return step.value;
    const paused = pause();
    // Awaiting nothing would cost more than most steps.
    if (paused !== undefined) await paused;
  }
}

/** Runs work with pauses without pausing. Returns its result. */
export function atOnce<Result>(work: Generator<unknown, Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Bytes to decode before a pause, and how many are decoded at once: 40 ms if none of them are UTF-8. */
const DECODED_BYTES = 64 * 1024, DECODED_AT_ONCE = 512 * 1024;

/**
 * Decodes a text in steps. At once, 20 MiB of UTF-8 take 300 ms if they are mixed, and seconds if they are not
 * UTF-8, because each wrong byte becomes a character.
 */
export function* decoding(
  bytes: Uint8Array,
  { encoding = "utf-8", ...options }: TextDecoderOptions & { readonly encoding?: string } = {},
): Generator<"", string> {
  const decoder = new TextDecoder(encoding, options);
  if (bytes.length <= DECODED_AT_ONCE) return decoder.decode(bytes);
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += DECODED_BYTES) {
    pieces.push(decoder.decode(bytes.subarray(at, at + DECODED_BYTES), { stream: true }));
    yield "";
  }
  pieces.push(decoder.decode());
  return pieces.join("");
}

/** Slices a text, never within a character. */
export function* slices(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    let end = at + CHUNK_CHARS;
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end++;
    yield text.slice(at, end);
    at = end;
  }
}

/** Joins pieces, with a pause after each. */
export function* gathered(pieces: Iterable<string>): Generator<"", string> {
  let text = "";
  for (const piece of pieces) {
    text += piece;
    yield "";
  }
  return text;
}
