/**
 * Removes secrets from log text: known secrets by value, and anything with the format of one. Callers log
 * only names and numbers. This covers errors that unexpectedly quote more.
 */
import type { AsyncLocalStorage } from "node:async_hooks";

const MASK = "[redacted]";

/** The most values remembered. The least recently seen is dropped first. */
const MAX_VALUES = 1_000;
/** A shorter value would remove ordinary words from log lines. */
const MIN_VALUE_CHARS = 8;

/** The longest text of a log field: an error may quote a page, and all of it is searched. */
const MAX_TEXT_CHARS = 8_000;

/** Formats of secrets. The first group, if any, is kept. */
const SHAPES: readonly RegExp[] = [
  // Values sealed by the keyring: compact JWE (RFC 7516).
  /\beyJ[\w-]{8,}\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+/g,
  // The session cookie: 24 random bytes and their HMAC-SHA-256. `\b` does not work here: both may begin or
  // end with `-`, which is not a word character.
  /(?<![\w-])[\w-]{32}\.[\w-]{43}(?![\w-])/g,
  /\bsandbox-[0-9a-f]{32}\b/g,
  // Webhook secrets and signatures (Standard Webhooks).
  /\bwhsec_[\w+/=-]+/g,
  /\bv1,[A-Za-z0-9+/]{16,}={0,2}/g,
  // Headers, in any notation that an error may use.
  /\b((?:x-api-key|authorization|webhook-signature)["']?\s*[:=,]\s*["']?(?:bearer\s+)?)[^\s"',;}]+/gi,
  /\b((?:set-)?cookie["']?\s*[:=,]\s*["']?)[^\r\n"'}]+/gi,
  // Query parameters of sign-in and capability links.
  /([?&](?:code|state|code_verifier|access_token|token|api_key)=)[^&#\s"']+/g,
  /(\/s\/)[\w-]{12,}/g,
];

/** Remembers secrets and removes them from text. */
export class Redactor {
  readonly #values = new Set<string>();
  /** Longest first, because one secret may be a prefix of another. `null` until needed again. */
  #sorted: readonly string[] | null = null;

  constructor(values: readonly (string | null)[] = []) {
    for (const value of values) if (value !== null) this.learn(value);
  }

  /**
   * Remembers a secret's value. Call it only with known secrets, such as a key that its API accepted. A text
   * chosen by a stranger would disappear from every later log line.
   */
  learn(value: string): void {
    if (!isLong(value)) return;
    // A Set keeps insertion order, so re-adding moves the value to the end.
    if (!this.#values.delete(value)) this.#sorted = null;
    this.#values.add(value);
    if (this.#values.size <= MAX_VALUES) return;
    const [oldest] = this.#values;
    if (oldest !== undefined) this.#values.delete(oldest);
  }

  /** Returns the text without secrets. `own` are the secrets of the request that the text is about. */
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
  return values.length === 0 || !ESCAPES.test(shown) ? shown : withoutEncoded(shown, values);
}

/** Percent-encoded bytes. */
const ESCAPES = /(?:%[\da-f]{2})+/i;
const ALL_ESCAPES = new RegExp(ESCAPES, "gi");
/** How often a text may be encoded. */
const MAX_ENCODINGS = 8;

/**
 * Masks the parts of addresses that contain a secret once they are decoded. A client chooses which characters
 * it encodes, in which notation and how often, so encoded forms cannot be compared.
 */
function withoutEncoded(text: string, values: readonly string[]): string {
  const hides = (part: string) => {
    for (let round = 0, plain = part; round < MAX_ENCODINGS && ESCAPES.test(plain); round++) {
      plain = plain.replace(ALL_ESCAPES, decoded);
      if (values.some((value) => plain.includes(value))) return true;
    }
    return false;
  };
  return text.replace(/[^\s"']+/g, (word) => {
    if (!word.includes("%")) return word;
    const shown = word.replace(/[^/?&=#]+/g, (part) => hides(part) ? MASK : part);
    // A secret that contains one of these separators spans several parts.
    return hides(shown) ? MASK : shown;
  });
}

/** Decodes the bytes as UTF-8, or as Latin-1 if they are not UTF-8: header values are Latin-1. */
function decoded(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    return escapes.replace(
      /%(..)/g,
      (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16)),
    );
  }
}

/** Cuts a long text at a space: half a secret would not match a format. */
function clipped(text: string): string {
  if (text.length <= MAX_TEXT_CHARS) return text;
  const space = text.lastIndexOf(" ", MAX_TEXT_CHARS);
  return `${text.slice(0, space === -1 ? MAX_TEXT_CHARS : space)} …`;
}

/** Remembers the keys that a request sent, while it is being handled. */
export class RequestSecrets {
  #storage: AsyncLocalStorage<Set<string>> | null = null;

  /**
   * Handles a request. Keys passed to {@linkcode add} meanwhile belong to it. A request without a key in its
   * headers and without a body cannot have one, so the first page need not wait for `node:async_hooks`.
   */
  run<T>(request: Request, handle: () => Promise<T>): Promise<T> {
    const values = headerSecrets(request.headers);
    if (values.length === 0 && /^(?:GET|HEAD)$/.test(request.method)) return handle();
    const secrets = new Set(values);
    return this.#storage?.run(secrets, handle) ??
      this.#open().then((storage) => storage.run(secrets, handle));
  }

  /** Remembers another key of this request, from its form. */
  add(value: string): void {
    this.#storage?.getStore()?.add(value);
  }

  /** Returns this request's keys. */
  values(): readonly string[] {
    return [...this.#storage?.getStore() ?? []];
  }

  async #open(): Promise<AsyncLocalStorage<Set<string>>> {
    const { AsyncLocalStorage } = await import("node:async_hooks");
    return this.#storage ??= new AsyncLocalStorage();
  }
}

/** Returns the keys in a request's headers. */
function headerSecrets(headers: Headers): string[] {
  const bearer = /^\s*bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1]?.trim();
  return [headers.get("x-api-key"), bearer].filter((value) =>
    value !== null && value !== undefined
  );
}
