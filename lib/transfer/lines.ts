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
  let rest = "", whole: boolean | null = null;
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    if (whole === null && rest.trim() !== "") whole = rest.trimStart().startsWith("[");
    if (!whole) {
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    if (rest.length > maxBytes) throw new LongLineError("A line is too long");
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
