/**
 * Times `/healthz` from a thread of its own. The main thread cannot: sending four bodies of 63 MiB or reading
 * six of 15 MB blocks it for seconds.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/** The pause between two requests (ms). */
const PAUSE_MS = 5;

/** A thread that requests `/healthz` until it is stopped. */
export class Health {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Starts the thread. Resolves after the first response, which does not count: it opens the connection. */
  static async ask(url: string): Promise<Health> {
    const worker = new Worker(new URL(import.meta.url), { workerData: url });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    worker.once("message", () => resolve());
    worker.once("error", reject);
    await promise;
    return new Health(worker);
  }

  /** The times of the answers, in order (ms). */
  async stop(): Promise<readonly number[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>();
    this.#worker.once("message", resolve);
    this.#worker.once("error", reject);
    this.#worker.postMessage("stop");
    const waits = await promise;
    await this.#worker.terminate();
    return waits;
  }
}

async function timed(url: string): Promise<number> {
  const started = performance.now();
  await (await fetch(`${url}/healthz`)).body?.cancel();
  return performance.now() - started;
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  let isOver = false;
  port.once("message", () => isOver = true);
  await timed(workerData);
  port.postMessage("ready");
  const waits: number[] = [];
  while (!isOver) {
    waits.push(await timed(workerData));
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  port.postMessage(waits);
}
