/**
 * Keeps the compressed form of pages that many users get. Two responses with such a page differ in a few values
 * alone, as the nonce of their content security policy, so the text around these is compressed once.
 */
type Zlib = typeof import("node:zlib");

/** The longest page that is kept (UTF-16 code units). */
const MAX_CHARS = 64_000;
/** The most pages that are kept: the least recently sent one is dropped first. */
const MAX_PAGES = 16;
/** How far back deflate copies text from (bytes), less the longest copy. */
const WINDOW = 32_768 - 258;
/** For the form 60 bytes less than at level 5, and 25 less than at level 9. A kept page is compressed once. */
const SETTINGS = { level: 8, memLevel: 9 };

/** A page without its values. */
interface Packed {
  /** The text before each place of a value, and after the last one. */
  readonly texts: readonly string[];
  /** Which value is at each place. */
  readonly places: readonly number[];
  /** Deflate blocks of the page, which end where a value must be stored (RFC 1951). */
  readonly blocks: readonly Uint8Array[];
  /** Which value is stored after each block but the last one. Its other places are copies. */
  readonly stored: readonly number[];
  /** The page's length in UTF-8. */
  readonly bytes: number;
}

/** Compresses pages, and keeps those that are sent again. */
export class PackedPages {
  /** By the page's length, which costs nothing to compare. `null`: a page of this length was sent once. */
  readonly #pages = new Map<number, Packed | null>();
  readonly #zlib: Zlib;

  constructor(zlib: Zlib) {
    this.#zlib = zlib;
  }

  /**
   * Returns the page as gzip, or `null` if it is too long or was not sent before. `values` differ between two
   * responses, but not in length: ASCII, none of them a part of another.
   */
  async gzip(text: string, values: readonly string[]): Promise<Uint8Array<ArrayBuffer> | null> {
    const { length } = text;
    if (length > MAX_CHARS) return null;
    const known = this.#pages.get(length);
    if (known && isPage(known, text, values)) {
      this.#keep(length, known);
      return this.#joined(known, text, values);
    }
    // Another page of this length is sent for the first time too.
    this.#keep(length, null);
    if (known !== null) return null;
    const packed = await this.#pack(text, values);
    const file = this.#joined(packed, text, values);
    // Which copies a compressor makes is its own business: it makes none of a page's first byte.
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
      // Nothing to compress gives nothing.
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
      // Two placeholders that meet could look like a piece of another one.
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
      // The block of no bytes at the end gets the value's.
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

/** A stored block of no bytes, which a flush ends in. */
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

/** Bytes that UTF-8 does not have. */
const NO_TEXT = [0xc0, 0xc1, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];

/**
 * What stands for the values while a page is compressed. Deflate copies three bytes or more: no three are the same
 * as others, so a value is only copied from where it stood before.
 */
function placeholdersFor(values: readonly string[]): Uint8Array[] {
  const used = new Set<string>();
  const bytes = [0, 0];
  const next = () => {
    const [a, b] = bytes.slice(-2);
    const byte = NO_TEXT.find((c) => !used.has(`${a} ${b} ${c}`)) ?? 0;
    used.add(`${a} ${b} ${byte}`);
    bytes.push(byte);
    return byte;
  };
  return values.map((value) => Uint8Array.from(value, next));
}

/** Whether `text` is the kept page with other values. */
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
