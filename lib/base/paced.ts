/** Lets other work run during long work. */

/** The approximate length of a chunk (characters). */
const CHUNK_CHARS = 64 * 1024;
/** The longest time without yielding to other work (ms). */
const STRETCH_MS = 10;
/** Waits one turn per this many milliseconds without yielding, and at most this many turns. */
const MS_PER_TURN = 25, MAX_TURNS = 5;

/**
 * Resolves after all work that is due has run, including requests that have just arrived. Uses a timer, because
 * Deno's event loop polls the network only when it is idle, or in every 61st turn (`event_interval` of Tokio).
 * With `setImmediate` it would never be idle.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 0));
}

/**
 * Resolves after several turns, the more the longer the last stretch of work was (ms). A request needs several
 * turns from its arrival to its response, and would otherwise wait for a long stretch in each of them.
 */
export async function turnsAfter(stretchMs: number): Promise<void> {
  const turns = Math.min(MAX_TURNS, Math.ceil(stretchMs / MS_PER_TURN));
  for (let turn = 0; turn < turns; turn++) await nextTurn();
}

/**
 * Returns a function that long work awaits wherever it can be interrupted. It lets other work run if that has
 * waited for long.
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
 * Yields a text in chunks of about 64 KiB, and regularly lets other work run. An empty piece is a pause in work
 * that has not produced text yet.
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

/** Runs a generator to its end, and lets other work run at its yields. Returns its result. */
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

/** Runs a generator to its end without pausing. Returns its result. */
export function atOnce<Result>(work: Generator<unknown, Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Bytes to decode before a pause, and how many are decoded at once: 40 ms if none of them are UTF-8. */
const DECODED_BYTES = 64 * 1024, DECODED_AT_ONCE = 512 * 1024;

/**
 * Decodes a text in steps. In one step, 20 MiB of mixed UTF-8 take 300 ms, and bytes that are not UTF-8 take
 * seconds, because each wrong byte becomes a character.
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

/** Slices a text between whole characters. */
export function* slices(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    let end = at + CHUNK_CHARS;
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end++;
    yield text.slice(at, end);
    at = end;
  }
}

/** Joins pieces, with a pause after each. */
export function* joinedPieces(pieces: Iterable<string>): Generator<"", string> {
  let text = "";
  for (const piece of pieces) {
    text += piece;
    yield "";
  }
  return text;
}
