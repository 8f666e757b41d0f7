/** Shared by the inspector's tests. */
import { type Block, StreamScanner } from "../../routes/inspect/(_parts)/scan.ts";

/** The blocks of a stream; each piece may come with its time (ms). */
export function blocksOf(
  ...pieces: readonly (string | readonly [text: string, atMs: number])[]
): readonly Block[] {
  const scanner = new StreamScanner();
  for (const piece of pieces) {
    const [text, atMs] = typeof piece === "string" ? [piece, null] : piece;
    scanner.push(new TextEncoder().encode(text), atMs);
  }
  scanner.end();
  return scanner.blocks;
}
