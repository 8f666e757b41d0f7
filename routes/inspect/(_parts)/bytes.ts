/** Bytes that only grow, in one piece. */
export class ByteLog {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(chunk: Uint8Array) {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  /** A view of `from` … `to` (exclusive); valid until the next `append`. */
  slice(from: number, to = this.#length): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(from, Math.min(to, this.#length));
  }
}
