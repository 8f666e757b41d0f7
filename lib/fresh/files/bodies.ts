/**
 * Reads static content from memory, or from disk through a bounded cache.
 */
import type { ByteRange, StaticBody } from "./table.ts";

/** The largest file to cache in memory (bytes). Larger files are streamed. */
const CACHED_FILE = 2 ** 20;
/** The size of the whole cache (bytes). */
const CACHE_SIZE = 32 * 2 ** 20;

/** Makes a body of bytes in memory. */
export function memoryBody(etag: string, bytes: Uint8Array<ArrayBuffer>): StaticBody {
  return { etag, size: bytes.byteLength, read: (range) => Promise.resolve(cut(bytes, range)) };
}

/** Makes bodies of files on disk that share one cache. */
export function diskBodies(): (etag: string, path: URL, size: number) => StaticBody {
  const cache = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  let cached = 0;
  const load = (path: URL, size: number): Promise<Uint8Array<ArrayBuffer>> => {
    const known = cache.get(path.href);
    if (known) {
      // The most recently used file is last.
      cache.delete(path.href);
      cache.set(path.href, known);
      return known;
    }
    const bytes = Deno.readFile(path);
    bytes.catch(() => cache.delete(path.href));
    cache.set(path.href, bytes);
    sizes.set(path.href, size);
    cached += size;
    for (const oldest of cache.keys()) {
      if (cached <= CACHE_SIZE) break;
      cache.delete(oldest);
      cached -= sizes.get(oldest) ?? 0;
    }
    return bytes;
  };
  const sizes = new Map<string, number>();
  return (etag, path, size) => ({
    etag,
    size,
    read: async (range) =>
      size <= CACHED_FILE ? cut(await load(path, size), range) : await stream(path, range),
  });
}

function cut(bytes: Uint8Array<ArrayBuffer>, range?: ByteRange): Uint8Array<ArrayBuffer> {
  return range ? bytes.subarray(range.start, range.end) : bytes;
}

async function stream(path: URL, range?: ByteRange): Promise<ReadableStream<Uint8Array>> {
  const file = await Deno.open(path);
  if (!range) return file.readable;
  await file.seek(range.start, Deno.SeekMode.Start);
  let left = range.end - range.start;
  return file.readable.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, left));
        left -= Math.min(left, chunk.byteLength);
        if (left === 0) controller.terminate();
      },
    }),
  );
}
