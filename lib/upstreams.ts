/**
 * Selects the Task API that an API key belongs to, and creates a client for it. The sandbox is one of the
 * upstreams: a key that starts with `sandbox-` selects it.
 */
import { SANDBOX_KEY_PREFIX } from "./accounts/mod.ts";
import { TaskClient } from "./parallel/mod.ts";

/** The target of requests with a key. */
export interface Upstream {
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  /** Whether its runs are simulated. */
  readonly simulated: boolean;
}

/** The upstreams of this instance. */
export interface UpstreamsOptions {
  readonly parallelApiUrl: string;
  readonly fetch: typeof fetch;
  /** The embedded sandbox, or `null` if it is switched off. */
  readonly sandbox: { fetch(request: Request): Promise<Response> } | null;
  /** Called with every response to a request with a key; `null` if there was none. */
  readonly onResponse?: (apiKey: string, simulated: boolean, response: Response | null) => void;
}

/**
 * Opens a `fetch` that sends each request once. Deno's `fetch` may take a connection from its pool, and
 * repeats the request if that connection closes before the response: the API would create, and bill, a second
 * run (https://github.com/denoland/deno/issues/35610). Requests that may have side effects therefore get a
 * new connection each.
 */
export function openFetch(): { readonly fetch: typeof fetch; close(): void } {
  // Created on first use: it takes longer than rendering a page.
  let client: Deno.HttpClient | null = null;
  return {
    fetch(input, init) {
      const method = init?.method ?? (input instanceof Request ? input.method : "GET");
      if (/^(get|head)$/i.test(method)) return fetch(input, init);
      client ??= Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
      return fetch(input, { ...init, client });
    },
    close: () => client?.close(),
  };
}

/** Selects an upstream by key. */
export class Upstreams {
  readonly #parallel: Upstream;
  readonly #sandbox: Upstream;
  readonly #onResponse: NonNullable<UpstreamsOptions["onResponse"]>;

  constructor({ parallelApiUrl, fetch, sandbox, onResponse = () => {} }: UpstreamsOptions) {
    this.#onResponse = onResponse;
    this.#parallel = { baseUrl: parallelApiUrl, fetch, simulated: false };
    this.#sandbox = {
      // A name that does not resolve: the sandbox is never called over a network.
      baseUrl: "http://sandbox.invalid",
      fetch: (input, init) =>
        sandbox === null ? Promise.resolve(sandboxOff()) : sandbox.fetch(new Request(input, init)),
      simulated: true,
    };
  }

  /** Returns the upstream of a key. */
  forKey(apiKey: string): Upstream {
    const upstream = apiKey.startsWith(SANDBOX_KEY_PREFIX) ? this.#sandbox : this.#parallel;
    const observed: Upstream["fetch"] = async (input, init) => {
      let response: Response | null = null;
      try {
        return response = await upstream.fetch(input, init);
      } finally {
        this.#onResponse(apiKey, upstream.simulated, response);
      }
    };
    return { ...upstream, fetch: observed };
  }

  /** Returns a client for the key's upstream. `timeoutMs` is the longest wait. */
  client(apiKey: string, options: { readonly timeoutMs?: number } = {}): TaskClient {
    const { baseUrl, fetch } = this.forKey(apiKey);
    return new TaskClient({ baseUrl, apiKey, fetch, ...options });
  }

  /** The same, and whether its data is real. */
  clientFor(apiKey: string): { readonly client: TaskClient; readonly simulated: boolean } {
    return { client: this.client(apiKey), simulated: this.forKey(apiKey).simulated };
  }
}

function sandboxOff(): Response {
  const error = {
    ref_id: crypto.randomUUID(),
    message: "The sandbox is switched off on this instance (SANDBOX=off)",
    detail: null,
  };
  return Response.json({ type: "error", error }, { status: 401 });
}
