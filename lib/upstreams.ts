/**
 * Which Task API an API key belongs to, and a client for it. The sandbox is an upstream like any other:
 * a key that starts with `sandbox-` selects it.
 */
import { SANDBOX_KEY_PREFIX } from "./accounts/accounts.ts";
import { TaskClient } from "./parallel/client.ts";

/** Where requests with some key go. */
export interface Upstream {
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  /** Nothing that comes from here is real. */
  readonly simulated: boolean;
}

/** The upstreams of this instance. */
export interface UpstreamsOptions {
  readonly parallelApiUrl: string;
  readonly fetch: typeof fetch;
  /** Told every key that passes, so that no log shows it. */
  readonly onKey?: (apiKey: string) => void;
  /** The embedded sandbox, or `null` where it is switched off. */
  readonly sandbox: { fetch(request: Request): Promise<Response> } | null;
  /** Told of every answer; `null` for none at all. */
  readonly onAnswer?: (simulated: boolean, status: number | null) => void;
}

/** Chooses an upstream by key. */
export class Upstreams {
  readonly #parallel: Upstream;
  readonly #sandbox: Upstream;

  readonly #onKey: (apiKey: string) => void;

  constructor({ parallelApiUrl, fetch, sandbox, onKey, onAnswer = () => {} }: UpstreamsOptions) {
    this.#onKey = onKey ?? (() => {});
    const told =
      (simulated: boolean, fetch: Upstream["fetch"]): Upstream["fetch"] => async (input, init) => {
        let status: number | null = null;
        try {
          const response = await fetch(input, init);
          status = response.status;
          return response;
        } finally {
          onAnswer(simulated, status);
        }
      };
    this.#parallel = { baseUrl: parallelApiUrl, fetch: told(false, fetch), simulated: false };
    this.#sandbox = {
      // A name that resolves nowhere: the sandbox is never reached over a network.
      baseUrl: "http://sandbox.invalid",
      fetch: told(
        true,
        (input, init) =>
          sandbox === null
            ? Promise.resolve(sandboxOff())
            : sandbox.fetch(new Request(input, init)),
      ),
      simulated: true,
    };
  }

  /** The upstream of a key. */
  of(apiKey: string): Upstream {
    this.#onKey(apiKey);
    return apiKey.startsWith(SANDBOX_KEY_PREFIX) ? this.#sandbox : this.#parallel;
  }

  /** A client that speaks to the key's upstream with that key. */
  client(apiKey: string): TaskClient {
    const { baseUrl, fetch } = this.of(apiKey);
    return new TaskClient({ baseUrl, apiKey, fetch });
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
