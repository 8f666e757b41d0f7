/** The keys that the request being answered brought, for its own log lines: they are shown nowhere. */
import { AsyncLocalStorage } from "node:async_hooks";

/** Remembers, for as long as a request is answered, what it brought as keys. */
export class RequestSecrets {
  readonly #storage = new AsyncLocalStorage<Set<string>>();

  /** Answers a request; what {@linkcode add} is told meanwhile belongs to it. */
  run<T>(values: readonly string[], answer: () => T): T {
    return this.#storage.run(new Set(values), answer);
  }

  /** Remembers another one of this request, from its form. */
  add(value: string): void {
    this.#storage.getStore()?.add(value);
  }

  /** What this request brought. */
  values(): readonly string[] {
    return [...this.#storage.getStore() ?? []];
  }
}

/** The keys in a request's headers. */
export function headerSecrets(headers: Headers): string[] {
  const bearer = /^\s*bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1]?.trim();
  return [headers.get("x-api-key"), bearer].filter((value) =>
    value !== null && value !== undefined
  );
}
