/**
 * Converts a capture to the UTF-8 of an event stream. Reverses what shells, proxies and browsers do when
 * they save one to a file, and reports it.
 */

/** The bytes to read and how they were converted, or why they are unreadable. */
export type Decoded =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly note: string | null }
  | { readonly ok: false; readonly problem: string };

/** Files that start like this are not text. A stream may contain any byte, so only these can be detected. */
const FOREIGN: readonly (readonly [begin: readonly number[], what: string])[] = [
  [[0xff, 0xfe, 0, 0], "text in UTF-32. Save it as UTF-8"],
  [[0, 0, 0xfe, 0xff], "text in UTF-32. Save it as UTF-8"],
  [[0x50, 0x4b, 3, 4], "a ZIP file. Unpack it, and choose the capture in it"],
  [[0x28, 0xb5, 0x2f, 0xfd], "compressed with Zstandard. Decompress it first"],
  [[0x42, 0x5a, 0x68], "compressed with bzip2. Decompress it first"],
  [[0xfd, 0x37, 0x7a, 0x58], "compressed with xz. Decompress it first"],
  [[0xd4, 0xc3, 0xb2, 0xa1], "a packet capture. Export the HTTP response's body from it"],
  [[0xa1, 0xb2, 0xc3, 0xd4], "a packet capture. Export the HTTP response's body from it"],
  [[0x0a, 0x0d, 0x0d, 0x0a], "a packet capture. Export the HTTP response's body from it"],
  [[0x25, 0x50, 0x44, 0x46], "a PDF file. Choose the stream as text"],
  [[0x89, 0x50, 0x4e, 0x47], "an image. Choose the stream as text"],
];

const begins = (bytes: Uint8Array, with_: readonly number[]) =>
  with_.every((byte, at) => bytes[at] === byte);

/** Reverses UTF-16 and compression, up to a number of bytes. */
export async function decoded(bytes: Uint8Array<ArrayBuffer>, mostBytes: number): Promise<Decoded> {
  const foreign = FOREIGN.find(([begin]) => begins(bytes, begin));
  if (foreign) return { ok: false, problem: `This is ${foreign[1]}.` };
  const format = begins(bytes, [0x1f, 0x8b])
    ? "gzip"
    : bytes[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(bytes[1]!)
    ? "deflate"
    : null;
  if (format !== null) {
    const { whole, plain } = await inflated(bytes, format, mostBytes);
    if (plain.length === 0) {
      return { ok: false, problem: `This starts like ${format} data but cannot be decompressed.` };
    }
    const note = `The file was compressed (${format})${whole ? "" : " and ends in the middle"}.`;
    const inner = await decoded(plain, mostBytes);
    return inner.ok ? { ...inner, note: [note, inner.note].filter(Boolean).join(" ") } : inner;
  }
  const utf16 = utf16Of(bytes);
  if (utf16 === null) return withoutHttp(bytes);
  // TextDecoder removes the byte order mark.
  const text = new TextDecoder(utf16).decode(bytes);
  const inner = withoutHttp(new TextEncoder().encode(text));
  const note =
    "The file is UTF-16, as PowerShell writes it with “>”. It was converted back to UTF-8; " +
    "a client could not read it as it is.";
  return { ...inner, note: inner.note === null ? note : `${note} ${inner.note}` };
}

/** The headers that `curl -i` writes before a stream, several times after redirects. */
const HTTP_HEAD = /^(HTTP\/\d[^\r\n]*\r?\n([^\r\n]+\r?\n)*\r?\n)+/;
/** Headers are never longer. */
const MAX_HEAD = 1 << 16;

function withoutHttp(bytes: Uint8Array): Extract<Decoded, { ok: true }> {
  // One character per byte, so the length is in bytes.
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, MAX_HEAD));
  const [found] = HTTP_HEAD.exec(head) ?? [];
  return found === undefined ? { ok: true, bytes, note: null } : {
    ok: true,
    bytes: bytes.subarray(found.length),
    note: "The HTTP headers before it were removed.",
  };
}

/** Detected by its mark, or by the zeros in the first field's name in ASCII: `data`, `id: `. */
function utf16Of(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (begins(bytes, [0xff, 0xfe])) return "utf-16le";
  if (begins(bytes, [0xfe, 0xff])) return "utf-16be";
  const head = bytes.subarray(0, 8);
  const zeros = (parity: number) =>
    head.length === 8 && head.every((byte, at) => (at % 2 === parity) === (byte === 0));
  return zeros(1) ? "utf-16le" : zeros(0) ? "utf-16be" : null;
}

/** Decompresses as much as possible: an interrupted capture lacks the end. */
async function inflated(
  bytes: Uint8Array<ArrayBuffer>,
  format: CompressionFormat,
  mostBytes: number,
): Promise<{ readonly plain: Uint8Array<ArrayBuffer>; readonly whole: boolean }> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0, whole = true;
  let taken = 0;
  // Use small pieces: each may expand a thousandfold at once.
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (taken < bytes.length) controller.enqueue(bytes.subarray(taken, taken += 4096));
      else controller.close();
    },
  });
  const reader = compressed.pipeThrough(new DecompressionStream(format)).getReader();
  try {
    while (length <= mostBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      length += value.length;
    }
  } catch {
    whole = false;
  }
  await reader.cancel().catch(() => {});
  const plain = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    plain.set(part, at);
    at += part.length;
  }
  return { plain, whole };
}

/** Returns whether a text is a capture in JSON rather than a stream. */
export function isCapture(text: string): boolean {
  return /^\uFEFF?\s*[{[]/.test(text);
}
