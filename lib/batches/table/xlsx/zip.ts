/**
 * Reads files of a ZIP archive in memory (APPNOTE 6.3.10). Inflates in pieces up to a limit, and does not
 * trust the sizes stated in the archive.
 *
 * Two libraries were tried for workbooks. With a sheet of 300 KB that unpacks to 300 MiB, `hucre` 1.0.0
 * took 630 MB and held the event loop for 2.5 s, `read-excel-file` 9.3.17 took 2 GB and 129 s.
 */
import type { Inflate } from "fflate";
import { nextTurn } from "../../../base/mod.ts";
import { mebibytes } from "../../model/mod.ts";
import { TableError } from "../raw.ts";

interface Entry {
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly compressed: number;
  readonly size: number;
  readonly offset: number;
}

const DAMAGED = "The workbook is damaged. Open it in your spreadsheet program and save it again.";
const END_SIGNATURE = 0x06054b50, ENTRY_SIGNATURE = 0x02014b50, LOCAL_SIGNATURE = 0x04034b50;
/** The end record and its comment. */
const END_BYTES = 22, COMMENT_BYTES = 0xffff;
/** Enough for a workbook with thousands of sheets. */
const MAX_ENTRIES = 20_000;
/** Compressed bytes to inflate at a time. At DEFLATE's best ratio they become 4 MiB. */
const INPUT_SLICE = 4 * 1024;
/** Inflated bytes to pass on before yielding to the event loop. */
const OUTPUT_SLICE = 256 * 1024;

/** The files of an archive. */
export class ZipFiles {
  readonly #bytes: Uint8Array;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #maxInflated: number;
  #inflated = 0;

  /** @throws {TableError} if the bytes are not a readable ZIP archive. */
  constructor(bytes: Uint8Array, maxInflated: number) {
    this.#bytes = bytes;
    this.#maxInflated = maxInflated;
    this.#entries = readDirectory(bytes);
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /**
   * Reads a file's bytes, yielding to the event loop between pieces.
   *
   * @throws {TableError} if the file is damaged, or if all files read so far exceed the limit.
   */
  async *read(name: string): AsyncGenerator<Uint8Array> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new TableError(DAMAGED);
    if (entry.isEncrypted) {
      throw new TableError("The workbook is protected by a password. Save it without one.");
    }
    if (entry.size + this.#inflated > this.#maxInflated) throw this.#tooLarge();
    const fflate = await import("fflate");
    let size = 0, unpaced = 0;
    for (const piece of this.#pieces(entry, fflate.Inflate)) {
      size += piece.length;
      this.#inflated += piece.length;
      if (this.#inflated > this.#maxInflated || size > entry.size) {
        throw size > entry.size ? new TableError(DAMAGED) : this.#tooLarge();
      }
      // A piece can be a thousand times larger than its input.
      for (let at = 0; at < piece.length; at += OUTPUT_SLICE) {
        const slice = piece.subarray(at, at + OUTPUT_SLICE);
        yield slice;
        unpaced += slice.length;
        if (unpaced < OUTPUT_SLICE) continue;
        unpaced = 0;
        await nextTurn();
      }
    }
    if (size !== entry.size) throw new TableError(DAMAGED);
  }

  *#pieces(entry: Entry, Inflater: typeof Inflate): Generator<Uint8Array> {
    const start = dataStart(this.#bytes, entry);
    const data = this.#bytes.subarray(start, start + entry.compressed);
    if (entry.method !== 0 && entry.method !== 8) throw new TableError(DAMAGED);
    let ready: Uint8Array[] = [];
    const inflate = new Inflater((chunk) => void ready.push(chunk));
    for (let at = 0; at < data.length; at += INPUT_SLICE) {
      const slice = data.subarray(at, at + INPUT_SLICE);
      if (entry.method === 0) {
        yield slice;
        continue;
      }
      try {
        inflate.push(slice, at + INPUT_SLICE >= data.length);
      } catch {
        throw new TableError(DAMAGED);
      }
      yield* ready;
      ready = [];
    }
  }

  #tooLarge(): TableError {
    return new TableError(
      `The workbook unpacks to more than ${mebibytes(this.#maxInflated)}. ` +
        "Copy the rows into a new workbook, or save the sheet as CSV.",
    );
  }
}

function readDirectory(bytes: Uint8Array): Map<string, Entry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const { count, offset } = directoryPlace(view, end);
  if (count > MAX_ENTRIES) throw new TableError(DAMAGED);
  const entries = new Map<string, Entry>();
  const decoder = new TextDecoder();
  for (let at = offset, n = 0; n < count; n++) {
    if (at + 46 > end || view.getUint32(at, true) !== ENTRY_SIGNATURE) {
      throw new TableError(DAMAGED);
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const name = decoder.decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (at + 46 + nameLength + extraLength > end) throw new TableError(DAMAGED);
    const extra = new DataView(
      bytes.buffer,
      bytes.byteOffset + at + 46 + nameLength,
      extraLength,
    );
    const sizes = withZip64(extra, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]);
    entries.set(name, {
      method: view.getUint16(at + 10, true),
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      size: sizes[0],
      compressed: sizes[1],
      offset: sizes[2],
    });
    at += 46 + nameLength + extraLength + view.getUint16(at + 32, true);
  }
  return entries;
}

function findEnd(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  }
  throw new TableError(
    "The workbook is cut off or damaged. Save it again, and upload it once more.",
  );
}

const FULL_16 = 0xffff, FULL_32 = 0xffff_ffff;
const END64_SIGNATURE = 0x06064b50, LOCATOR_BYTES = 20;

/** Locates the directory. Programs that stream their output use ZIP64 for small files too. */
function directoryPlace(view: DataView, end: number): { count: number; offset: number } {
  const count = view.getUint16(end + 10, true), offset = view.getUint32(end + 16, true);
  if ((count !== FULL_16 && offset !== FULL_32) || end < LOCATOR_BYTES) return { count, offset };
  const at = Number(view.getBigUint64(end - LOCATOR_BYTES + 8, true));
  if (at + 56 > end || view.getUint32(at, true) !== END64_SIGNATURE) return { count, offset };
  return {
    count: Number(view.getBigUint64(at + 32, true)),
    offset: Number(view.getBigUint64(at + 48, true)),
  };
}

/** Values that do not fit 32 bits are in an extra field, in this order. */
function withZip64(
  extra: DataView,
  values: readonly [number, number, number],
): [number, number, number] {
  const whole: [number, number, number] = [...values];
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === 1) {
      let from = at + 4;
      for (const [index, value] of values.entries()) {
        if (value !== FULL_32 || from + 8 > extra.byteLength) continue;
        whole[index as 0 | 1 | 2] = Number(extra.getBigUint64(from, true));
        from += 8;
      }
    }
    at += 4 + length;
  }
  return whole;
}

function dataStart(bytes: Uint8Array, { offset, compressed }: Entry): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== LOCAL_SIGNATURE) {
    throw new TableError(DAMAGED);
  }
  const start = offset + 30 + view.getUint16(offset + 26, true) +
    view.getUint16(offset + 28, true);
  if (start + compressed > bytes.length) throw new TableError(DAMAGED);
  return start;
}
