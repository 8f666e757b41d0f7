/**
 * A KV Connect server for tests: the public protocol (versions 2 and 3) over an ordered store in memory,
 * with faults that can be switched on. Like Deno's client it speaks only HTTP/2, without TLS.
 */
import { Buffer } from "node:buffer";
import { Entries, keyText } from "./entries.ts";
import { bytesOf, decode, Encoder, messages, Refusal } from "./protobuf.ts";
import { TcpRelay } from "./relay.ts";
import { atomicWrite, encodeEntry, LIMITS, snapshotRead } from "./requests.ts";

/** Faults and limits. */
export const NO_FAULTS = {
  ...LIMITS,
  /** Every data request waits this long before it is served (ms), and up to `jitterMs` more. */
  latencyMs: 0,
  jitterMs: 0,
  /** Writes, or all data requests, are answered as `refuseAs` says. */
  refuseWrites: false,
  refuseAll: false,
  /** `disabled`: the protocol's own refusal; else an HTTP status. */
  refuseAs: "disabled" as "disabled" | number,
  /** Requests are taken and never answered. */
  hang: false,
  /** Every Nth data request is cut before it is served. */
  dropEvery: 0,
  /** Every Nth write is made, then cut before it is answered. */
  dropAfterCommitEvery: 0,
  /** Every Nth data request is taken and never answered. */
  hangEvery: 0,
  /** Watchers are told nothing. */
  watchSilent: false,
};
export type Faults = typeof NO_FAULTS;

/** Long enough for a client that is slow to send all that it asks for at once (ms). */
const WAVE_MS = 100;

interface Watcher {
  readonly keys: readonly string[];
  readonly send: (message: Uint8Array) => void;
  /** The version of each key when it was last told; `null`: not told yet. */
  told: (bigint | undefined | null)[];
}

/**
 * Test files that run at the same time share one environment, and Deno reads the token from there: it is
 * the same for all servers, and stays set.
 */
const TOKEN = "the-token-of-every-stand-in-of-these-tests";

/** A running server; this process's `Deno.openKv(url)` may use it. */
export class KvConnectServer implements AsyncDisposable {
  /** The accepted token: by default that of all clients in this process. */
  token = TOKEN;
  readonly entries = new Entries();
  faults: Faults;
  /** Requests so far, with their content. */
  readonly counters = { reads: 0, writes: 0, refused: 0, cut: 0, failedChecks: 0 };
  #dataToken = crypto.randomUUID();
  readonly #databaseId = crypto.randomUUID();
  readonly #watchers = new Set<Watcher>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #network: TcpRelay;
  #wave: (() => Promise<void>) | null = null;
  #served = 0;
  #written = 0;
  readonly #stop = new AbortController();
  readonly #hung = Promise.withResolvers<void>();
  readonly #expiry: ReturnType<typeof setInterval>;

  constructor(faults: Partial<Faults> = {}) {
    Deno.env.set("DENO_KV_ACCESS_TOKEN", TOKEN);
    this.faults = { ...NO_FAULTS, ...faults };
    // Speaks HTTP/2 to a client that begins with it.
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: this.#stop.signal },
      (request) => this.#handle(request),
    );
    this.#network = new TcpRelay(this.#server.addr.port);
    this.#expiry = setInterval(() => this.#tell(this.entries.expire(Date.now())), 100);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#network.port}`;
  }

  /** Turns faults on and off. */
  change(faults: Partial<Faults>): void {
    this.faults = { ...this.faults, ...faults };
  }

  /** Takes back every data token that it has given: clients must fetch their metadata anew. */
  expireTokens(): void {
    this.#dataToken = crypto.randomUUID();
  }

  /** Cuts every connection and answers no new ones, until {@linkcode up}. */
  down(): void {
    this.#network.down();
  }

  /**
   * From now on, requests that are there at the same time are answered together. Returns a count of how
   * often that has happened: of the round trips that a client has waited for one after the other.
   */
  waves(): () => number {
    let count = 0, wave: Promise<void> | null = null;
    this.#wave = () =>
      wave ??= new Promise((resolve) => {
        setTimeout(() => {
          [wave, count] = [null, count + 1];
          resolve();
        }, WAVE_MS);
      });
    return () => count;
  }

  /** Serves again. */
  up(): void {
    this.#network.up();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#expiry);
    this.#network[Symbol.dispose]();
    this.#hung.resolve();
    // Not shutdown(): waiting for the ends of HTTP/2 connections takes seconds, and all of a core.
    this.#stop.abort();
    await this.#server.finished;
  }

  async #handle(request: Request): Promise<Response> {
    try {
      const { pathname } = new URL(request.url);
      if (request.method !== "POST") throw new Refusal(405, "POST only.");
      const body = await request.bytes();
      if (pathname === "/") return Response.json(this.#metadata(request, body));
      if (request.headers.get("authorization") !== `Bearer ${this.#dataToken}`) {
        throw new Refusal(401, "Invalid access token.");
      }
      return await this.#answer(pathname, body);
    } catch (error) {
      // Past a limit.
      if (error instanceof Refusal && error.status === 400) this.counters.refused++;
      const message = error instanceof Error ? error.message : String(error);
      return new Response(message, { status: error instanceof Refusal ? error.status : 500 });
    }
  }

  #metadata({ headers }: Request, body: Uint8Array): unknown {
    if (headers.get("authorization") !== `Bearer ${this.token}`) {
      throw new Refusal(401, "Invalid access token.");
    }
    const asked: unknown = body.length === 0
      ? [1]
      : JSON.parse(new TextDecoder().decode(body)).supportedVersions;
    const version = [3, 2].find((known) => Array.isArray(asked) && asked.includes(known));
    if (version === undefined) {
      throw new Refusal(400, "The server could not negotiate a protocol version.");
    }
    return {
      version,
      databaseId: this.#databaseId,
      endpoints: [{ url: "/v2", consistency: "strong" }],
      token: this.#dataToken,
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    };
  }

  async #answer(path: string, body: Uint8Array): Promise<Response> {
    const isWrite = path === "/v2/atomic_write";
    const nth = ++this.#served;
    const { latencyMs, jitterMs } = this.faults;
    const waitMs = latencyMs + Math.random() * jitterMs;
    await this.#wave?.();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const { faults } = this;
    if (faults.hang || every(faults.hangEvery, nth)) return await this.#hang();
    if (every(faults.dropEvery, nth)) return this.#cut();
    if (faults.refuseAll || isWrite && faults.refuseWrites) return protobuf(this.#refuse(isWrite));
    if (path === "/v2/snapshot_read") {
      this.counters.reads++;
      return protobuf(snapshotRead(body, this.entries, faults));
    }
    if (isWrite) {
      this.counters.writes++;
      const { answer, keys } = atomicWrite(body, this.entries, faults);
      if (keys.length === 0) this.counters.failedChecks++;
      this.#tell(keys);
      return every(faults.dropAfterCommitEvery, ++this.#written) ? this.#cut() : protobuf(answer);
    }
    if (path === "/v2/watch") return this.#watch(body);
    throw new Refusal(404, "Resource not found.");
  }

  /** No answer, as long as the server lives. */
  async #hang(): Promise<Response> {
    await this.#hung.promise;
    return new Response(null, { status: 503 });
  }

  /** The connection breaks, with all that is under way on it. */
  #cut(): Response {
    this.counters.cut++;
    this.#network.cut();
    return new Response(null, { status: 503 });
  }

  #refuse(isWrite: boolean): Uint8Array {
    this.counters.refused++;
    const { refuseAs } = this.faults;
    if (refuseAs !== "disabled") throw new Refusal(refuseAs, "Told to refuse.");
    return isWrite ? new Encoder().int(1, 5).done() : new Encoder().int(2, 1).int(8, 2).done();
  }

  #watch(body: Uint8Array): Response {
    const keys = messages(decode(body), 1).map((key) => keyText(bytesOf(decode(key), 1)));
    if (keys.length > this.faults.maxWatched) {
      throw new Refusal(400, "Too many keys watched in a single watch request.");
    }
    const { readable, writable } = new TransformStream<
      Uint8Array<ArrayBuffer>,
      Uint8Array<ArrayBuffer>
    >();
    const writer = writable.getWriter();
    const watcher: Watcher = {
      keys,
      send: (message) => void writer.write(frame(message)).catch(() => {}),
      told: keys.map(() => null),
    };
    this.#watchers.add(watcher);
    writer.closed.catch(() => {}).finally(() => this.#watchers.delete(watcher));
    this.#tellOne(watcher);
    return new Response(readable, { headers: { "content-type": "application/octet-stream" } });
  }

  #tell(keys: readonly string[]): void {
    if (this.faults.watchSilent) return;
    for (const watcher of this.#watchers) {
      if (keys.some((key) => watcher.keys.includes(key))) this.#tellOne(watcher);
    }
  }

  #tellOne(watcher: Watcher): void {
    const versions = watcher.keys.map((key) => this.entries.get(key)?.version);
    if (versions.every((version, index) => watcher.told[index] === version)) return;
    watcher.told = versions;
    const output = new Encoder().int(1, 1);
    // Like denokv: each response lists every key.
    for (const key of watcher.keys) {
      const entry = this.entries.get(key), told = new Encoder().int(1, 1);
      if (entry !== undefined) told.bytes(2, encodeEntry(key, entry));
      output.bytes(2, told.done(), true);
    }
    watcher.send(output.done());
  }
}

const every = (n: number, nth: number) => n > 0 && nth % n === 0;

function frame(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(message.length);
  return new Uint8Array(Buffer.concat([length, message]));
}

function protobuf(message: Uint8Array): Response {
  return new Response(new Uint8Array(message), {
    headers: { "content-type": "application/x-protobuf" },
  });
}
