/** The lines of a stream of bytes, one at a time. */

/** A line is longer than it may be. */
export class LongLineError extends Error {
  override name = "LongLineError";
}

/** Lines without their ends; a JSON text over many lines that begins with `[` is one. Throws {@linkcode LongLineError}. */
export async function* textLines(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  // Kept in pieces: looking through all of a long line at every chunk would be quadratic.
  let pieces: string[] = [], length = 0, whole: boolean | null = null;
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true });
    if (whole === null && text.trim() !== "") whole = text.trimStart().startsWith("[");
    const lines = whole ? [text] : text.split("\n");
    const rest = lines.pop() ?? "";
    for (const line of lines) {
      yield [...pieces, line].join("");
      [pieces, length] = [[], 0];
    }
    pieces.push(rest);
    length += rest.length;
    if (length > maxBytes) throw new LongLineError("A line is too long");
  }
  const rest = [...pieces, decoder.decode()].join("");
  if (rest !== "") yield rest;
}
