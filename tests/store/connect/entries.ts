/** The entries of the stand-in store, ordered by key. */
import { Buffer } from "node:buffer";

/** Encodings of a value. */
export const V8 = 1, LE64 = 2, BYTES = 3;

/** A value with its version. */
export interface Entry {
  readonly value: Uint8Array;
  readonly encoding: number;
  readonly version: bigint;
  /** Unix ms; 0: never. */
  readonly expiresMs: number;
}

/** Keys as Latin-1 strings, one char a byte: their order is that of the bytes. */
export const keyText = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
export const keyBytes = (text: string) => Buffer.from(text, "latin1");

/** An ordered map with logarithmic look-up. Inserting shifts later entries, which is fast enough. */
export class Entries {
  readonly entries = new Map<string, Entry>();
  #keys: string[] = [];
  version = 0n;

  get(key: string): Entry | undefined {
    return this.entries.get(key);
  }
  set(key: string, entry: Entry): void {
    if (!this.entries.has(key)) this.#keys.splice(this.#at(key), 0, key);
    this.entries.set(key, entry);
  }
  delete(key: string): void {
    if (!this.entries.has(key)) return;
    this.entries.delete(key);
    this.#keys.splice(this.#at(key), 1);
  }
  range(start: string, end: string, limit: number, reverse: boolean): [string, Entry][] {
    const from = this.#at(start), to = this.#at(end);
    const picked = reverse
      ? this.#keys.slice(Math.max(from, to - limit), Math.max(from, to)).reverse()
      : this.#keys.slice(from, Math.min(to, from + limit));
    return picked.map((key) => [key, this.entries.get(key)!]);
  }
  expire(now: number): string[] {
    const gone = [...this.entries].filter(([, { expiresMs }]) => expiresMs > 0 && expiresMs <= now)
      .map(([key]) => key);
    for (const key of gone) this.delete(key);
    return gone;
  }
  /** Index of the first key that is not below. */
  #at(key: string): number {
    let low = 0, high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A version as the protocol writes it. */
export function stamp(version: bigint): Uint8Array {
  const bytes = Buffer.alloc(10);
  bytes.writeBigUInt64BE(version, 0);
  return bytes;
}
