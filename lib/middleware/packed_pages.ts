/**
 * Keeps the compressed form of pages that many visitors get. Two responses with such a page differ in the
 * nonce of their content security policy alone, so the text around it is compressed once.
 */

type Zlib = typeof import("node:zlib");

/** The longest page that is kept (UTF-16 code units). */
const MAX_CHARS = 64_000;
/** The most pages that are kept: the least recently sent one is dropped first. */
const MAX_PAGES = 16;

/** A page without its nonces. */
interface Packed {
  readonly pieces: readonly string[];
  /** The deflate blocks of each piece, which end at a byte (RFC 1951). */
  readonly blocks: readonly Uint8Array[];
  /** The length of all pieces in UTF-8. */
  readonly bytes: number;
}

/** Compresses pages, and keeps those that are sent again. */
export class PackedPages {
  /** By the page's length, which costs nothing to compare. `null`: a page of this length was sent once. */
  readonly #pages = new Map<number, Packed | null>();
  readonly #zlib: Zlib;
  readonly #settings: { readonly level: number; readonly memLevel: number };

  constructor(zlib: Zlib, settings: { readonly level: number; readonly memLevel: number }) {
    this.#zlib = zlib;
    this.#settings = settings;
  }

  /** Returns the page as gzip, or `null` if it is too long or was not sent before. */
  gzip(text: string, nonce: string): Uint8Array<ArrayBuffer> | null {
    const { length } = text;
    if (length > MAX_CHARS) return null;
    const known = this.#pages.get(length);
    let packed: Packed | null = null;
    if (known !== undefined) {
      packed = known !== null && isPage(known, text, nonce) ? known : this.#pack(text.split(nonce));
    }
    // A Map keeps insertion order, so re-adding moves the page to the end.
    this.#pages.delete(length);
    this.#pages.set(length, packed);
    if (this.#pages.size > MAX_PAGES) {
      const [oldest = length] = this.#pages.keys();
      this.#pages.delete(oldest);
    }
    return packed === null ? null : this.#joined(packed, text, nonce);
  }

  #pack(pieces: readonly string[]): Packed {
    const { constants, deflateRawSync } = this.#zlib;
    const texts = pieces.map((piece) => new TextEncoder().encode(piece));
    return {
      pieces,
      blocks: texts.map((text, at) =>
        deflateRawSync(text, {
          ...this.#settings,
          // Up to a byte, and without references to text before it, whose nonce will be another.
          finishFlush: at < texts.length - 1 ? constants.Z_FULL_FLUSH : constants.Z_FINISH,
        })
      ),
      bytes: texts.reduce((sum, { byteLength }) => sum + byteLength, 0),
    };
  }

  /** Makes a gzip file (RFC 1952): each nonce is a stored block between the blocks of two pieces. */
  #joined({ blocks, bytes }: Packed, text: string, nonce: string): Uint8Array<ArrayBuffer> {
    const stored = storedBlock(nonce);
    const nonces = blocks.length - 1;
    const packed = blocks.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const file = new Uint8Array(HEADER.length + packed + nonces * stored.byteLength + 8);
    file.set(HEADER);
    let at = HEADER.length;
    for (const [index, block] of blocks.entries()) {
      file.set(block, at);
      at += block.byteLength;
      if (index === nonces) break;
      file.set(stored, at);
      at += stored.byteLength;
    }
    const trailer = new DataView(file.buffer, at);
    trailer.setUint32(0, this.#zlib.crc32(text), true);
    trailer.setUint32(4, bytes + nonces * nonce.length, true);
    return file;
  }
}

/** Deflate, no flags, no time, no file name, from an unknown system. */
const HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/** A deflate block of ASCII text, not compressed and not the last one. */
function storedBlock(text: string): Uint8Array {
  const { length } = text;
  const block = new Uint8Array(5 + length);
  new DataView(block.buffer).setUint16(1, length, true);
  new DataView(block.buffer).setUint16(3, ~length, true);
  for (let at = 0; at < length; at++) block[5 + at] = text.charCodeAt(at);
  return block;
}

/** Whether `text` is the kept page, with `nonce` between its pieces. */
function isPage({ pieces }: Packed, text: string, nonce: string): boolean {
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) {
      if (text.slice(at, at + nonce.length) !== nonce) return false;
      at += nonce.length;
    }
    if (text.slice(at, at + piece.length) !== piece) return false;
    at += piece.length;
  }
  return at === text.length;
}
