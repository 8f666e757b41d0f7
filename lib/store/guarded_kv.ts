/** A `Deno.Kv` over a {@linkcode Connection}: its requests have deadlines, or wait for the store. */
import type { Connection } from "./connection.ts";
import { StoreAwayError } from "./store_errors.ts";

/**
 * A full `Deno.Kv`, so code for a local file also works with a remote store.
 *
 * Every request can throw {@linkcode StoreAwayError}. If `patient`, reads wait for the store without a limit
 * instead: use it for background work, such as recording.
 */
export class GuardedKv implements Deno.Kv {
  readonly connection: Connection;
  readonly #patient: boolean;

  constructor(connection: Connection, { patient = false }: { readonly patient?: boolean } = {}) {
    this.connection = connection;
    this.#patient = patient;
  }

  get<T = unknown>(
    key: Deno.KvKey,
    options?: { consistency?: Deno.KvConsistencyLevel },
  ): Promise<Deno.KvEntryMaybe<T>> {
    return this.#read((kv) => kv.get<T>(key, options));
  }

  getMany<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
    options?: { consistency?: Deno.KvConsistencyLevel },
  ): Promise<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    return this.#read((kv) => kv.getMany<T>(keys, options));
  }

  /**
   * Like `Deno.Kv.list`. If the connection is replaced or a request is abandoned, it continues after the
   * last entry. An abandoned request's response may still reach the iterator that sent it.
   */
  list<T = unknown>(
    selector: Deno.KvListSelector,
    options: Deno.KvListOptions = {},
  ): Deno.KvListIterator<T> {
    let kv = this.connection.kv, from = options.cursor, listed = 0;
    let inner = kv.list<T>(selector, options), isAsking = false;
    const next = async () => {
      const result = await this.#read((current) => {
        if (current !== kv || isAsking) {
          const left = options.limit === undefined ? undefined : options.limit - listed;
          if (left === 0) return Promise.resolve({ done: true, value: undefined } as const);
          const rest: Deno.KvListOptions = { ...options };
          if (left !== undefined) rest.limit = left;
          if (from !== undefined) rest.cursor = from;
          [kv, inner] = [current, current.list<T>(selector, rest)];
        }
        isAsking = true;
        return inner.next();
      });
      isAsking = false;
      // Save the cursor now: an abandoned step may still complete and move it past its entry.
      if (!result.done) [listed, from] = [listed + 1, inner.cursor];
      return result;
    };
    const iterator = {
      next,
      get cursor() {
        return from ?? inner.cursor;
      },
      [Symbol.asyncIterator]: () => iterator,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    return iterator as unknown as Deno.KvListIterator<T>;
  }

  atomic(): Deno.AtomicOperation {
    return new GuardedAtomic(this.connection);
  }

  set(
    key: Deno.KvKey,
    value: unknown,
    options?: { expireIn?: number },
  ): Promise<Deno.KvCommitResult> {
    return this.connection.write((kv) => kv.set(key, value, options));
  }

  delete(key: Deno.KvKey): Promise<void> {
    return this.connection.write((kv) => kv.delete(key));
  }

  /** Like `Deno.Kv.watch`. Watches the keys again if the connection is replaced or the stream breaks. */
  watch<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
    options?: { raw?: boolean },
  ): ReadableStream<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    const { connection } = this;
    const stop = new AbortController();
    async function* changes() {
      while (!connection.closed && !stop.signal.aborted) {
        const reader = connection.kv.watch<T>(keys, options).getReader();
        const over = Promise.withResolvers<null>();
        const forget = connection.onState(({ is }) => is === "ok" && over.resolve(null));
        const cancel = () => over.resolve(null);
        stop.signal.addEventListener("abort", cancel);
        try {
          for (;;) {
            const next = await Promise.race([reader.read().catch(() => null), over.promise]);
            if (next === null || next.done) break;
            yield next.value;
          }
        } finally {
          forget();
          stop.signal.removeEventListener("abort", cancel);
          reader.cancel().catch(() => {});
        }
        // The stream broke although the store seems fine. The next read shows its state, and paces this
        // loop.
        if (!stop.signal.aborted) await connection.read((kv) => kv.get(["schema"])).catch(() => {});
        await connection.back(stop.signal).catch(() => {});
      }
    }
    const stream = changes();
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await stream.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        stop.abort();
        await stream.return();
      },
    });
  }

  enqueue(...args: Parameters<Deno.Kv["enqueue"]>): Promise<Deno.KvCommitResult> {
    return this.connection.write((kv) => kv.enqueue(...args));
  }

  listenQueue(...args: Parameters<Deno.Kv["listenQueue"]>): Promise<void> {
    return this.connection.kv.listenQueue(...args);
  }

  commitVersionstamp(): symbol {
    return this.connection.kv.commitVersionstamp();
  }

  close(): void {
    this.connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #read<T>(ask: (kv: Deno.Kv) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.connection.read(ask);
      } catch (error) {
        if (!this.#patient || !(error instanceof StoreAwayError)) throw error;
        await this.connection.back();
        if (this.connection.closed) throw error;
      }
    }
  }
}

/** Collects operations until commit: the connection may have been replaced by then. */
class GuardedAtomic implements Deno.AtomicOperation {
  readonly #connection: Connection;
  readonly #steps: ((operation: Deno.AtomicOperation) => void)[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  check(...checks: Deno.AtomicCheck[]): this {
    return this.#step((operation) => operation.check(...checks));
  }

  mutate(...mutations: Deno.KvMutation[]): this {
    return this.#step((operation) => operation.mutate(...mutations));
  }

  sum(key: Deno.KvKey, n: bigint): this {
    return this.#step((operation) => operation.sum(key, n));
  }

  min(key: Deno.KvKey, n: bigint): this {
    return this.#step((operation) => operation.min(key, n));
  }

  max(key: Deno.KvKey, n: bigint): this {
    return this.#step((operation) => operation.max(key, n));
  }

  set(key: Deno.KvKey, value: unknown, options?: { expireIn?: number }): this {
    return this.#step((operation) => operation.set(key, value, options));
  }

  delete(key: Deno.KvKey): this {
    return this.#step((operation) => operation.delete(key));
  }

  enqueue(...args: Parameters<Deno.AtomicOperation["enqueue"]>): this {
    return this.#step((operation) => operation.enqueue(...args));
  }

  commit(): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    return this.#connection.write((kv) => {
      const operation = kv.atomic();
      for (const step of this.#steps) step(operation);
      return operation.commit();
    });
  }

  #step(step: (operation: Deno.AtomicOperation) => void): this {
    this.#steps.push(step);
    return this;
  }
}
