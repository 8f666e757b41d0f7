/** Reads single keys of a local database, several per request. */

/** KV's limit on the keys of one request. */
const MAX_KEYS = 10;

interface Waiting {
  readonly key: Deno.KvKey;
  readonly resolve: (entry: Deno.KvEntryMaybe<unknown>) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Combines simultaneous reads, ten to a request, by replacing the `get` of the given database. Each request
 * to a local database costs a thread's turn, and a thousand runs that end at once read more than ten thousand
 * keys.
 */
export function gatherReads(kv: Deno.Kv): void {
  const readOne = kv.get.bind(kv), readMany = kv.getMany.bind(kv);
  let waiting: Waiting[] = [];

  const readEach = (reads: readonly Waiting[]) => {
    for (const { key, resolve, reject } of reads) readOne(key).then(resolve, reject);
  };
  const send = (reads: readonly Waiting[]) => {
    if (reads.length === 1) return readEach(reads);
    readMany(reads.map(({ key }) => key)).then(
      (entries) => reads.forEach(({ resolve }, at) => resolve(entries[at]!)),
      // A key that KV rejects must only fail its own read.
      () => readEach(reads),
    );
  };
  const flush = () => {
    const reads = waiting;
    waiting = [];
    for (let from = 0; from < reads.length; from += MAX_KEYS) {
      send(reads.slice(from, from + MAX_KEYS));
    }
  };

  kv.get = <T>(key: Deno.KvKey, options?: { consistency?: Deno.KvConsistencyLevel }) => {
    if (options !== undefined) return readOne<T>(key, options);
    return new Promise<Deno.KvEntryMaybe<T>>((resolve, reject) => {
      const isFirst = waiting.length === 0;
      waiting.push({
        key,
        resolve: (entry) => resolve(entry as Deno.KvEntryMaybe<T>),
        reject,
      });
      if (isFirst) queueMicrotask(flush);
    });
  };
}
