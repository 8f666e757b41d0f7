/**
 * Takes secrets out of text that is about to be logged: those that this process has handled, by value,
 * and whatever has the shape of one. Callers log names and numbers; this is for the day that an error
 * quotes more than anybody expected.
 */
import { AsyncLocalStorage } from "node:async_hooks";

const MASK = "[redacted]";

/** Values remembered at once; the one not seen for longest is forgotten first. */
const MAX_VALUES = 1_000;
/** A shorter value would take ordinary words out of every line. */
const MIN_VALUE_CHARS = 8;

/** The longest text of a log field: an error may quote a page, and shapes are looked for in all of it. */
const MAX_TEXT_CHARS = 8_000;

/** Shapes of secrets; where there is a first group, it is kept. */
const SHAPES: readonly RegExp[] = [
  // What the keyring seals: compact JWE (RFC 7516).
  /\beyJ[\w-]{8,}\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+/g,
  // The session cookie: 24 random bytes and their HMAC-SHA-256.
  /\b[\w-]{32}\.[\w-]{43}\b/g,
  /\bsandbox-[0-9a-f]{32}\b/g,
  // Webhook secrets and signatures (Standard Webhooks).
  /\bwhsec_[\w+/=-]+/g,
  /\bv1,[A-Za-z0-9+/]{16,}={0,2}/g,
  // Headers, however an error writes them down.
  /\b((?:x-api-key|authorization|webhook-signature)["']?\s*[:=,]\s*["']?(?:bearer\s+)?)[^\s"',;}]+/gi,
  /\b((?:set-)?cookie["']?\s*[:=,]\s*["']?)[^\r\n"'}]+/gi,
  // Queries of sign-in and capability links.
  /([?&](?:code|state|code_verifier|access_token|token|api_key)=)[^&#\s"']+/g,
  /(\/s\/)[\w-]{12,}/g,
];

/** Knows secrets and takes them out of text. */
export class Redactor {
  readonly #values = new Set<string>();
  /** Longest first: one secret may begin another. `null` until it is needed again. */
  #sorted: readonly string[] | null = null;

  constructor(values: readonly (string | null)[] = []) {
    for (const value of values) if (value !== null) this.learn(value);
  }

  /**
   * Remembers a secret's value. Only of what is known to be one, such as a key that its API accepted: a
   * text that a stranger chose would take that text out of every line from then on.
   */
  learn(value: string): void {
    if (!isLong(value)) return;
    // A Set keeps the order of insertion: seen again is seen last.
    if (!this.#values.delete(value)) this.#sorted = null;
    this.#values.add(value);
    if (this.#values.size <= MAX_VALUES) return;
    const [oldest] = this.#values;
    if (oldest !== undefined) this.#values.delete(oldest);
  }

  /** The text without secrets; `own` are those of the request that it tells of. */
  redact(text: string, own: readonly string[] = []): string {
    this.#sorted ??= longestFirst([...this.#values]);
    let shown = without(text, longestFirst(own.filter(isLong)));
    shown = without(shown, this.#sorted);
    shown = clipped(shown);
    for (const shape of SHAPES) {
      shown = shown.replace(
        shape,
        (_, kept: unknown) => typeof kept === "string" ? kept + MASK : MASK,
      );
    }
    return shown;
  }
}

function isLong(value: string): boolean {
  return value.length >= MIN_VALUE_CHARS;
}

function longestFirst(values: readonly string[]): readonly string[] {
  return values.toSorted((a, b) => b.length - a.length);
}

function without(text: string, values: readonly string[]): string {
  let shown = text;
  for (const value of values) {
    if (shown.includes(value)) shown = shown.replaceAll(value, MASK);
  }
  return shown;
}

/** The beginning of a long text, up to a space: half a secret would have no shape. */
function clipped(text: string): string {
  if (text.length <= MAX_TEXT_CHARS) return text;
  const space = text.lastIndexOf(" ", MAX_TEXT_CHARS);
  return `${text.slice(0, space === -1 ? MAX_TEXT_CHARS : space)} …`;
}

// The keys that the request being answered brought, for its own log lines: they are shown nowhere.
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
