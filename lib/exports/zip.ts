/** Streams ZIP archives file by file, in UTF-8, compressed. */
import { paced } from "../base/mod.ts";

/** The limits of an archive. */
export interface ZipLimits {
  readonly files: number;
  readonly bytes: number;
}

/** The format's limits without ZIP64 (APPNOTE 4.4.21 and 4.4.24). Larger archives could not be opened. */
export const ZIP_LIMITS: ZipLimits = { files: 0xffff, bytes: 0xffff_ffff };

/** The files exceed an archive's limits. */
export class ZipLimitError extends Error {
  override name = "ZipLimitError";
}

/** A file's name, and its text in pieces that are generated on demand. */
export type ZippedFile = readonly [name: string, text: Iterable<string> | AsyncIterable<string>];

/**
 * Yields the archive's bytes. Throws {@linkcode ZipLimitError}: a failed download is noticed at once, a
 * damaged archive only when it is needed.
 */
export async function* zipped(
  archive: AsyncIterable<ZippedFile>,
  limits: ZipLimits = ZIP_LIMITS,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { Zip, ZipDeflate } = await import("fflate");
  let files = 0, bytes = 0;
  let ready: Uint8Array<ArrayBuffer>[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    failure = error ?? failure;
    if (chunk.length > 0) ready.push(new Uint8Array(chunk));
  });
  const flush = function* () {
    if (failure !== null) throw failure;
    for (const chunk of ready) bytes += chunk.length;
    if (bytes > limits.bytes) throw new ZipLimitError("The archive is too large");
    yield* ready;
    ready = [];
  };
  const encoder = new TextEncoder();
  for await (const [name, text] of archive) {
    if (++files > limits.files) throw new ZipLimitError("The archive has too many files");
    const file = new ZipDeflate(name);
    zip.add(file);
    for await (const chunk of Symbol.iterator in text ? paced(text) : text) {
      file.push(encoder.encode(chunk));
      yield* flush();
    }
    file.push(new Uint8Array(), true);
    yield* flush();
  }
  zip.end();
  yield* flush();
}
