/** A server process with a sandbox account. Measures its memory and the times of `/healthz` during other work. */
import { Server } from "../../tests/process/server.ts";
import { Health } from "./health.ts";

/** The memory of a process and the times of `/healthz` during some work. */
export interface Watched {
  /** The most resident memory (MB). Linux only. */
  readonly peak: number;
  /** The times of `/healthz`, in order (ms). */
  readonly waits: readonly number[];
}

/** A server, and a visitor who tries its sandbox. */
export class WatchedServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(server: Server, headers: Readonly<Record<string, string>>) {
    this.#server = server;
    this.#headers = headers;
  }

  static async start(): Promise<WatchedServer> {
    const server = await Server.start({ SANDBOX_SPEED: "100" });
    const signedIn = await fetch(`${server.url}/auth/sandbox`, {
      method: "POST",
      body: new URLSearchParams({ next: "/" }),
      headers: { "sec-fetch-site": "same-origin" },
      redirect: "manual",
    });
    await signedIn.body?.cancel();
    const cookie = signedIn.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ");
    return new WatchedServer(server, { cookie, "sec-fetch-site": "same-origin" });
  }

  /** Sends a request as the visitor. */
  fetch(path: string, init: RequestInit & { headers?: Record<string, string> } = {}) {
    const headers = { ...this.#headers, ...init.headers };
    return fetch(this.#server.url + path, { ...init, headers });
  }

  /** Reads and discards a response. A run without a result has no table, so 409 is allowed. */
  async read(path: string, init: RequestInit = {}): Promise<void> {
    const response = await this.fetch(path, { method: init.method, body: init.body });
    if (response.status !== 200 && response.status !== 409) {
      throw new Error(`${path} answered ${response.status}`);
    }
    for await (const _chunk of response.body ?? []) { /* It is read as it comes. */ }
  }

  /** Imports a file of runs. Returns the page that reports the import. */
  async import(file: BodyInit): Promise<string> {
    const headers = { "content-type": "application/x-ndjson" };
    const response = await this.fetch("/tasks/transfer", { method: "POST", body: file, headers });
    return await response.text();
  }

  /** Megabytes that the process holds now (Linux only). */
  resident(): Promise<number> {
    return this.#status("VmRSS");
  }

  /** Asks for `/healthz` again and again until the work is done. */
  async watch(work: () => Promise<unknown>): Promise<Watched> {
    const health = await Health.ask(this.#server.url);
    await Deno.writeTextFile(`/proc/${this.#server.pid}/clear_refs`, "5");
    const worked = await Promise.allSettled([work()]);
    const waits = await health.stop();
    if (worked[0].status === "rejected") throw worked[0].reason;
    return { peak: await this.#status("VmHWM"), waits };
  }

  async #status(name: string): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${this.#server.pid}/status`);
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? NaN) / 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
