/** A TCP relay that can be cut: the network between a client and a server. */
export class TcpRelay implements Disposable {
  readonly #target: number;
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Deno.Conn>();
  #isDown = false;

  constructor(target: number) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    void this.#serve();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const connection of this.#connections) close(connection);
    this.#connections.clear();
  }

  /**
   * Cuts every connection and leaves new ones without an answer, until {@linkcode up}. A port that is
   * closed cannot be bound again for seconds, and one that closes what it takes makes clients spin.
   */
  down(): void {
    this.#isDown = true;
    this.cut();
  }

  /** Serves again. */
  up(): void {
    this.#isDown = false;
    this.cut();
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    this.cut();
  }

  async #serve(): Promise<void> {
    for await (const client of this.#listener) {
      if (this.#isDown) this.#connections.add(client);
      else void this.#join(client);
    }
  }

  async #join(client: Deno.Conn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target })
      .catch(() => null);
    // The server is being closed.
    if (server === null) return close(client);
    const both = [client, server];
    for (const connection of both) this.#connections.add(connection);
    await Promise.allSettled([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
    for (const connection of both) {
      this.#connections.delete(connection);
      close(connection);
    }
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed by the other side.
  }
}
