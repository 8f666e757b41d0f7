/** A receiver of notifications on a local port. */
import { readAllowed } from "../../lib/outgoing/mod.ts";
import type { Config } from "../../lib/config.ts";

/** What arrived. */
export interface Arrived {
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Responds as the test sets it, and keeps the requests. */
export class Receiver {
  readonly arrived: Arrived[] = [];
  readonly url: string;
  /** The answer to the nth request, from 0. */
  answer: (n: number, arrived: Arrived) => Response | Promise<Response> = () => new Response("ok");
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #bell = Promise.withResolvers<void>();

  constructor() {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      async (request) => {
        const { pathname, search } = new URL(request.url);
        const arrived = {
          path: pathname + search,
          headers: request.headers,
          body: await request.text(),
        };
        const n = this.arrived.push(arrived) - 1;
        this.#bell.resolve();
        this.#bell = Promise.withResolvers();
        return await this.answer(n, arrived);
      },
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Resolves when this many requests have arrived. */
  async until(count: number): Promise<readonly Arrived[]> {
    while (this.arrived.length < count) await this.#bell.promise;
    return this.arrived;
  }

  /** The body of a request. */
  json(n: number): Record<string, unknown> {
    return JSON.parse(this.arrived[n]?.body ?? "null");
  }

  close(): Promise<void> {
    return this.#server.shutdown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A configuration that lets notifications reach this machine, as `NOTIFY_ALLOW` does. */
export function allowing(list = "127.0.0.1"): Pick<Config, "notifyAllowed"> {
  const read = readAllowed(list);
  if (!read.ok) throw new Error(read.wrong);
  return { notifyAllowed: read.allowed };
}
