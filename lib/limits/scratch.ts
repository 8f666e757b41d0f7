/** A file without a name, for data that would fill the memory. The system removes it when the process ends. */

/** Bytes that are written at the end and read from the start. */
export class Scratch implements AsyncDisposable {
  readonly #path: string;
  readonly #writer: Deno.FsFile;
  readonly #reader: Deno.FsFile;
  #isOpen = true;

  private constructor(path: string, writer: Deno.FsFile, reader: Deno.FsFile) {
    this.#path = path;
    this.#writer = writer;
    this.#reader = reader;
  }

  /** Creates a file in a folder (`null`: the system's temporary folder). Returns `null` if that fails. */
  static async open(dir: string | null): Promise<Scratch | null> {
    try {
      const path = await Deno.makeTempFile({
        prefix: "taskstream-scratch-",
        ...(dir === null ? {} : { dir }),
      });
      const writer = await Deno.open(path, { write: true });
      const scratch = new Scratch(path, writer, await Deno.open(path, { read: true }));
      // Windows cannot remove the name of an open file.
      await scratch.#unlink();
      return scratch;
    } catch {
      return null;
    }
  }

  async write(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let at = 0; at < chunk.byteLength;) at += await this.#writer.write(chunk.subarray(at));
  }

  /** Reads the next bytes, up to a limit. Returns `null` if everything was read. */
  async read(bytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const chunk = new Uint8Array(bytes);
    const length = this.#isOpen ? await this.#reader.read(chunk) : null;
    return length === null ? null : chunk.subarray(0, length);
  }

  /** Begins anew, when nothing is being read or written. */
  async reset(): Promise<void> {
    await this.#writer.truncate(0);
    await this.#writer.seek(0, Deno.SeekMode.Start);
    await this.#reader.seek(0, Deno.SeekMode.Start);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#writer.close();
    this.#reader.close();
    await this.#unlink();
  }

  async #unlink(): Promise<void> {
    await Deno.remove(this.#path).catch(() => {});
  }
}
