/**
 * Cheap viewers: raw sockets that speak HTTP/1.0. Its responses are not chunked, so a viewer only counts
 * bytes.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What happens as a viewer reads. */
export type OnBytes = (viewer: number, bytes: Uint8Array) => void;

/** Many open streams of one address each. */
export class RawViewers implements Disposable {
  readonly #sockets: Deno.TcpConn[] = [];
  readonly #onBytes: OnBytes;

  constructor(onBytes: OnBytes) {
    this.#onBytes = onBytes;
  }

  /** Connects one more viewer; resolves when the head of its answer is there. */
  async connect(url: string, headers: Record<string, string> = {}): Promise<void> {
    const { hostname, port, pathname } = new URL(url);
    const socket = await Deno.connect({ hostname, port: Number(port) });
    const viewer = this.#sockets.push(socket) - 1;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    await socket.write(
      encoder.encode(`GET ${pathname} HTTP/1.0\r\nhost: ${hostname}\r\n${lines.join("")}\r\n`),
    );
    const buffer = new Uint8Array(16 * 1024);
    let head = "";
    for (;;) {
      const size = await socket.read(buffer);
      if (size === null) throw new Error(`The server hung up: ${head}`);
      head += decoder.decode(buffer.subarray(0, size));
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) continue;
      if (!/^HTTP\/1\.\d 200 /.test(head)) throw new Error(`Refused: ${head.slice(0, 300)}`);
      const rest = encoder.encode(head.slice(end + 4));
      if (rest.byteLength > 0) this.#onBytes(viewer, rest);
      break;
    }
    void this.#read(viewer, socket, buffer);
  }

  /** Connects many, some at a time. */
  async connectAll(count: number, connect: (n: number) => Promise<void>): Promise<void> {
    let next = 0;
    const worker = async () => {
      while (next < count) await connect(next++);
    };
    await Promise.all(Array.from({ length: 32 }, worker));
  }

  async #read(viewer: number, socket: Deno.TcpConn, buffer: Uint8Array): Promise<void> {
    try {
      for (;;) {
        const size = await socket.read(buffer);
        if (size === null) return;
        this.#onBytes(viewer, buffer.subarray(0, size));
      }
    } catch {
      // Closed from here.
    }
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) {
      try {
        socket.close();
      } catch {
        // The server closed it first.
      }
    }
  }
}
