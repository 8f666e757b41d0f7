/** Reads single keys of a local database, several per request. */

/** Keys of one request, which KV bounds. */
const MOST_KEYS = 10;

interface Waiting {
  readonly key: Deno.KvKey;
  readonly resolve: (entry: Deno.KvEntryMaybe<unknown>) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Sends reads that are asked for in the same moment together, ten to a request. A request to a local database
 * costs a thread's turn, however small it is: a thousand runs that end at once ask for more than ten thousand
 * keys. Changes the database that it is given.
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
      // A key that KV refuses fails its own read alone.
      () => readEach(reads),
    );
  };
  const flush = () => {
    const reads = waiting;
    waiting = [];
    for (let from = 0; from < reads.length; from += MOST_KEYS) {
      send(reads.slice(from, from + MOST_KEYS));
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
