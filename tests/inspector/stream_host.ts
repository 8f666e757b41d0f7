/** A loopback server with one stream that the test writes, with or without CORS. */

/** What the browser sent. */
export interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-allow-methods": "*",
};

export class StreamHost {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #stream = new TransformStream<Uint8Array, Uint8Array>();
  readonly #writer = this.#stream.writable.getWriter();
  readonly #asked = Promise.withResolvers<Asked>();
  readonly #left = Promise.withResolvers<void>();
  readonly url: string;

  private constructor(allow: boolean) {
    const cors = allow ? CORS : {};
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      async (req) => {
        if (req.method === "OPTIONS") return new Response(null, { status: 204, headers: cors });
        this.#asked.resolve({
          method: req.method,
          headers: Object.fromEntries(req.headers),
          body: await req.text(),
        });
        return new Response(this.#stream.readable, {
          headers: { ...cors, "content-type": "text/event-stream" },
        });
      },
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}/stream`;
    this.#writer.closed.catch(() => this.#left.resolve());
  }

  static start({ allow }: { readonly allow: boolean }): StreamHost {
    return new StreamHost(allow);
  }

  /** The request, once it is here. */
  get asked(): Promise<Asked> {
    return this.#asked.promise;
  }

  /** Settles when the browser has gone. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  send(text: string) {
    this.#writer.write(new TextEncoder().encode(text)).catch(() => {});
  }

  close() {
    this.#writer.close().catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#writer.abort().catch(() => {});
    await this.#server.shutdown();
  }
}
