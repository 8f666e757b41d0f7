/**
 * Notifies processes that share a KV file of each other's writes, over Unix sockets beside the file:
 * `Deno.Kv.watch` only sees the writes of its own process.
 *
 * A process that follows a key connects to every other process and names the key. After each commit that
 * wrote the key, the other process names it in return. Nothing is sent about keys that no process follows,
 * and no values are sent. A message may be lost, so followers still read the key now and then.
 */
import { SYSTEM_TIMERS, type Timers } from "../base/mod.ts";

/** This process's socket and those of the others. `LocalOwner` knows them. */
export interface WakeupsContext {
  readonly socketPath: string;
  /** Returns the sockets of the other processes on the file. */
  readonly otherSockets: () => readonly string[];
  readonly timers?: Timers | undefined;
}

/** How often a process that follows keys looks for other processes that were started (ms). */
const LOOK_MS = 1_000;
/** Limits on what another process may send. Keys have about 60 characters. */
const MAX_LINE = 4_096;
const MAX_KEYS = 20_000;

/** The wake-ups of one process. */
export class Wakeups {
  readonly #context: WakeupsContext;
  readonly #timers: Timers;
  readonly #listener: Deno.UnixListener;
  /** What this process follows, and its connections for that. `null` while connecting. */
  readonly #followed = new Map<string, Set<() => void>>();
  readonly #outgoing = new Map<string, Line | null>();
  /** The processes that follow each key. */
  readonly #followers = new Map<string, Set<Line>>();
  readonly #incoming = new Set<Line>();
  /** The sockets that the last look found. */
  #others: readonly string[] = [];
  #timer: unknown;
  #closed = false;

  private constructor(context: WakeupsContext, listener: Deno.UnixListener) {
    this.#context = context;
    this.#timers = context.timers ?? SYSTEM_TIMERS;
    this.#listener = listener;
    void this.#accept();
  }

  /**
   * Listens for other processes. Returns `null` where that is impossible: on Windows, or if the path is
   * longer than the 107 bytes that the system allows.
   */
  static open(context: WakeupsContext): Wakeups | null {
    const path = context.socketPath;
    try {
      const listener = Deno.listen({ transport: "unix", path });
      Deno.chmodSync(path, 0o600);
      return new Wakeups(context, listener);
    } catch {
      return null;
    }
  }

  /** Whether every other process on the file notifies this one of its writes. */
  get reachesAll(): boolean {
    return this.#others.every((path) => this.#outgoing.get(path) != null);
  }

  /** Call with each durable write. */
  written(mutations: readonly Pick<Deno.KvMutation, "key">[]): void {
    if (this.#followers.size === 0) return;
    for (const { key } of mutations) {
      const name = nameOf(key);
      for (const line of this.#followers.get(name) ?? []) line.send(name);
    }
  }

  /** Calls back whenever another process may have written a key. Returns a function that stops it. */
  follow(key: Deno.KvKey, onChange: () => void): () => void {
    const name = nameOf(key);
    const callbacks = this.#followed.get(name) ?? new Set();
    callbacks.add(onChange);
    if (callbacks.size === 1) {
      this.#followed.set(name, callbacks);
      for (const line of this.#outgoing.values()) line?.send(`+${name}`);
    }
    if (this.#timer === undefined) this.#look();
    return () => {
      callbacks.delete(onChange);
      if (callbacks.size > 0 || this.#followed.get(name) !== callbacks) return;
      this.#followed.delete(name);
      for (const line of this.#outgoing.values()) line?.send(`-${name}`);
      if (this.#followed.size > 0) return;
      this.#timers.clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  /** Closes every connection and removes the socket. */
  close(): void {
    this.#closed = true;
    this.#timers.clearTimeout(this.#timer);
    this.#listener.close();
    for (const line of [...this.#outgoing.values(), ...this.#incoming]) line?.close();
    try {
      Deno.removeSync(this.#context.socketPath);
    } catch {
      // The next process to start removes it.
    }
  }

  #look(): void {
    if (this.#closed) return;
    this.#others = this.#context.otherSockets();
    for (const path of this.#others) {
      if (!this.#outgoing.has(path)) void this.#connect(path);
    }
    this.#timer = this.#timers.setTimeout(() => this.#look(), LOOK_MS);
  }

  /** Reads what another process names, until the connection ends. */
  async #connect(path: string): Promise<void> {
    this.#outgoing.set(path, null);
    let line: Line | null = null;
    try {
      line = new Line(await Deno.connect({ transport: "unix", path }));
      if (this.#closed) return;
      this.#outgoing.set(path, line);
      for (const name of this.#followed.keys()) line.send(`+${name}`);
      for await (const name of line.read()) {
        for (const onChange of this.#followed.get(name) ?? []) onChange();
      }
    } catch {
      // The other process has ended, or has not started yet. The next check tries again.
    } finally {
      line?.close();
      this.#outgoing.delete(path);
    }
  }

  async #accept(): Promise<void> {
    try {
      for await (const connection of this.#listener) void this.#serve(new Line(connection));
    } catch (error) {
      if (!this.#closed) throw error;
    }
  }

  /** Receives the keys that another process follows, until the connection ends. */
  async #serve(line: Line): Promise<void> {
    const names = new Set<string>();
    this.#incoming.add(line);
    for await (const text of line.read()) {
      const name = text.slice(1);
      if (text.startsWith("-")) {
        names.delete(name);
        this.#forget(name, line);
        continue;
      }
      names.add(name);
      if (names.size > MAX_KEYS) break;
      const lines = this.#followers.get(name) ?? new Set();
      this.#followers.set(name, lines.add(line));
      // It may have been written between the other process's last read and now.
      line.send(name);
    }
    line.close();
    this.#incoming.delete(line);
    for (const name of names) this.#forget(name, line);
  }

  #forget(name: string, line: Line): void {
    const lines = this.#followers.get(name);
    if (lines?.delete(line) && lines.size === 0) this.#followers.delete(name);
  }
}

/** A connection that carries lines. A line that is waiting is sent once. */
class Line {
  readonly #connection: Deno.UnixConn;
  readonly #waiting = new Set<string>();
  #sending = false;

  constructor(connection: Deno.UnixConn) {
    this.#connection = connection;
  }

  send(line: string): void {
    // Its last position counts: `+` and `-` for one key must stay in order.
    this.#waiting.delete(line);
    this.#waiting.add(line);
    if (!this.#sending) void this.#send();
  }

  /** Yields lines until the connection ends, or sends a line that is too long. Never throws. */
  async *read(): AsyncGenerator<string> {
    const decoder = new TextDecoder(), bytes = new Uint8Array(4_096);
    let rest = "";
    while (rest.length <= MAX_LINE) {
      const size = await this.#connection.read(bytes).catch(() => null);
      if (size === null) return;
      const lines = (rest + decoder.decode(bytes.subarray(0, size), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  }

  close(): void {
    try {
      this.#connection.close();
    } catch {
      // It is closed already.
    }
  }

  async #send(): Promise<void> {
    this.#sending = true;
    try {
      while (this.#waiting.size > 0) {
        const bytes = new TextEncoder().encode(`${[...this.#waiting].join("\n")}\n`);
        this.#waiting.clear();
        for (let sent = 0; sent < bytes.length;) {
          sent += await this.#connection.write(bytes.subarray(sent));
        }
      }
    } catch {
      this.close();
    }
    this.#sending = false;
  }
}

/** The same text for equal keys, without line breaks. */
function nameOf(key: Deno.KvKey): string {
  return JSON.stringify(key.map((part) => typeof part === "bigint" ? `${part}n` : part));
}
