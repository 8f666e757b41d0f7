/**
 * Caches the compressed form of pages that many users get. Such a page is the same in each response except for a
 * few values of fixed length, such as the nonce of its content security policy.
 *
 * 1. Compress the page with a placeholder for each value. Placeholders have bytes that UTF-8 never has, so
 *    deflate finds them nowhere else in the page.
 * 2. End a deflate block before the first occurrence of a value, and leave room for the value as a stored
 *    (uncompressed) block. Deflate encodes later occurrences as copies of that one.
 * 3. For each response, join the blocks and write its values into the stored blocks. The copies then yield them.
 */
type Zlib = typeof import("node:zlib");

/** The longest page to cache (UTF-16 code units). */
const MAX_CHARS = 64_000;
/** The most pages to cache. The least recently sent one is dropped first. */
const MAX_PAGES = 16;
/** How far back a copy can reach, less the longest copy (bytes). A value that is further away is stored again. */
const WINDOW = 32_768 - 258;
/** The form's page is 60 bytes smaller than at level 5, and 25 than at level 9. It is compressed only once. */
const SETTINGS = { level: 8, memLevel: 9 };

/** A compressed page without its values. Values are named by their indexes. */
interface Packed {
  /** The text before each occurrence of a value, and after the last one. */
  readonly texts: readonly string[];
  /** The value of each occurrence. */
  readonly places: readonly number[];
  /** Compressed pieces of the page. Each but the last one ends where a value is stored (RFC 1951). */
  readonly blocks: readonly Uint8Array[];
  /** The value that is stored after each block but the last one. */
  readonly stored: readonly number[];
  /** The page's length in UTF-8. */
  readonly bytes: number;
}

/** Compresses pages, and caches those that are sent again. */
export class PackedPages {
  /** By length of the page, which is cheap to look up. `null`: one page of this length was sent. */
  readonly #pages = new Map<number, Packed | null>();
  readonly #zlib: Zlib;

  constructor(zlib: Zlib) {
    this.#zlib = zlib;
  }

  /**
   * Returns the page as gzip, or `null` if it is too long or was not sent before. `values` are the parts that
   * differ between responses: ASCII, always of the same length, and none of them contains another.
   */
  async gzip(text: string, values: readonly string[]): Promise<Uint8Array<ArrayBuffer> | null> {
    const { length } = text;
    if (length > MAX_CHARS) return null;
    const known = this.#pages.get(length);
    if (known && isPage(known, text, values)) {
      this.#keep(length, known);
      return this.#joined(known, text, values);
    }
    // A page that is not the cached one of this length is sent for the first time, too.
    this.#keep(length, null);
    if (known !== null) return null;
    const packed = await this.#pack(text, values);
    const file = this.#joined(packed, text, values);
    // Do not rely on which copies zlib makes: it never copies the first byte of a page, for example.
    if (this.#zlib.inflateRawSync(file.subarray(HEADER.length, -8)).toString() !== text) {
      return null;
    }
    this.#keep(length, packed);
    return file;
  }

  #keep(length: number, page: Packed | null): void {
    // A Map keeps insertion order, so re-adding moves the page to the end.
    this.#pages.delete(length);
    this.#pages.set(length, page);
    if (this.#pages.size > MAX_PAGES) {
      const [oldest = length] = this.#pages.keys();
      this.#pages.delete(oldest);
    }
  }

  async #pack(text: string, values: readonly string[]): Promise<Packed> {
    const { constants: { Z_FINISH, Z_SYNC_FLUSH }, createDeflateRaw } = this.#zlib;
    const { texts, places } = split(text, values);
    const placeholders = placeholdersFor(values);
    const deflate = createDeflateRaw(SETTINGS);
    let block: Uint8Array[] = [];
    deflate.on("data", (piece: Uint8Array) => block.push(piece));
    const flushed = async (kind: number) => {
      await new Promise<void>((done) => deflate.flush(kind, done));
      const bytes = block.flatMap((piece) => [...piece]);
      block = [];
      // Without input, zlib writes nothing.
      return Uint8Array.from(bytes.length === 0 ? FLUSHED : bytes);
    };
    const blocks: Uint8Array[] = [], stored: number[] = [];
    const lastAt = values.map(() => -Infinity);
    let at = 0;
    for (const [index, piece] of texts.entries()) {
      const bytes = new TextEncoder().encode(piece);
      deflate.write(bytes);
      at += bytes.byteLength;
      const value = places[index];
      if (value === undefined) break;
      const placeholder = placeholders[value]!;
      // Two adjacent placeholders could equal a part of another one, so deflate could copy them from there.
      const isStored = piece === "" || at - lastAt[value]! > WINDOW;
      if (isStored) {
        blocks.push(await flushed(Z_SYNC_FLUSH));
        stored.push(value);
      }
      deflate.write(placeholder);
      if (isStored) await flushed(Z_SYNC_FLUSH);
      lastAt[value] = at;
      at += placeholder.byteLength;
    }
    blocks.push(await flushed(Z_FINISH));
    deflate.close();
    return { texts, places, blocks, stored, bytes: at };
  }

  /** Makes a gzip file (RFC 1952). */
  #joined(
    { blocks, stored, bytes }: Packed,
    text: string,
    values: readonly string[],
  ): Uint8Array<ArrayBuffer> {
    const size = blocks.reduce((sum, { byteLength }) => sum + byteLength, 0) +
      stored.reduce((sum, value) => sum + values[value]!.length, 0);
    const file = new Uint8Array(HEADER.length + size + 8);
    const view = new DataView(file.buffer);
    file.set(HEADER);
    let at = HEADER.length;
    for (const [index, block] of blocks.entries()) {
      file.set(block, at);
      at += block.byteLength;
      const value = values[stored[index] ?? -1];
      if (value === undefined) break;
      // Turn the empty stored block at the end into one of the value's length.
      view.setUint16(at - 4, value.length, true);
      view.setUint16(at - 2, ~value.length, true);
      new TextEncoder().encodeInto(value, file.subarray(at));
      at += value.length;
    }
    view.setUint32(at, this.#zlib.crc32(text), true);
    view.setUint32(at + 4, bytes, true);
    return file;
  }
}

/** Deflate, no flags, no time, no file name, from an unknown system. */
const HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/** The empty stored block that a flush ends with. */
const FLUSHED = [0, 0, 0, 0xff, 0xff];

function split(text: string, values: readonly string[]): Pick<Packed, "texts" | "places"> {
  const texts: string[] = [], places: number[] = [];
  let from = 0;
  for (
    const { 0: value, index } of text.matchAll(new RegExp(values.map(RegExp.escape).join("|"), "g"))
  ) {
    texts.push(text.slice(from, index));
    places.push(values.indexOf(value));
    from = index + value.length;
  }
  return { texts: [...texts, text.slice(from)], places };
}

/** Bytes that never occur in UTF-8. */
const NOT_UTF8 = [0xc0, 0xc1, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];

/**
 * Placeholders for the values while a page is compressed. The shortest copy that deflate makes has three bytes. No
 * sequence of three bytes occurs twice in the placeholders, so a value is only copied from an earlier occurrence.
 */
function placeholdersFor(values: readonly string[]): Uint8Array[] {
  const used = new Set<string>();
  const bytes = [0, 0];
  const next = () => {
    const [a, b] = bytes.slice(-2);
    const byte = NOT_UTF8.find((c) => !used.has(`${a} ${b} ${c}`)) ?? 0;
    used.add(`${a} ${b} ${byte}`);
    bytes.push(byte);
    return byte;
  };
  return values.map((value) => Uint8Array.from(value, next));
}

/** Whether `text` is the cached page with other values. */
function isPage({ texts, places }: Packed, text: string, values: readonly string[]): boolean {
  let at = 0;
  for (const [index, piece] of texts.entries()) {
    if (text.slice(at, at + piece.length) !== piece) return false;
    at += piece.length;
    const value = values[places[index] ?? -1] ?? "";
    if (text.slice(at, at + value.length) !== value) return false;
    at += value.length;
  }
  return at === text.length;
}
