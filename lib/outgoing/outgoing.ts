/**
 * Sends requests to addresses that users enter, and to no others than public ones.
 *
 * The host name is resolved once for each request. Every address that it leads to is checked, and the
 * connection goes to these addresses: a name that leads elsewhere a moment later (DNS rebinding) changes
 * nothing. Redirects are not followed. `fetch` has no hook for this, so it is done with `node:https`,
 * whose `lookup` Deno calls for names, and not for literal addresses, which are checked before.
 */
import type { LookupAddress } from "node:dns";
import type https from "node:https";
import type { LookupFunction } from "node:net";
import { SYSTEM_TIMERS, type Timers } from "../base/mod.ts";
import { type Allowed, ipVersion, isPublicAddress } from "./addresses.ts";

/** Returns all addresses that a host name leads to. Rejects if there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** What outgoing requests need of the world. */
export interface OutgoingOptions {
  readonly allowed: Allowed;
  /** The system's resolver by default. */
  readonly resolve?: Resolve;
  /** Certificates (PEM) to trust instead of the system's. */
  readonly ca?: string;
  readonly timers?: Timers;
}

/** A POST request. */
export interface OutgoingRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** What became of a request. */
export type Answer =
  | {
    readonly kind: "answered";
    readonly status: number;
    /** The first {@linkcode ANSWER_CHARS} characters of the body. */
    readonly text: string;
    /** From `Retry-After` in seconds (ms); `null` if there is none. */
    readonly retryAfterMs: number | null;
  }
  /** There was no answer: no connection was made, or it broke. `reason` is a sentence without the URL. */
  | { readonly kind: "failed"; readonly reason: string };

/** The parsed URL, or why no request may go there, in one sentence. */
export type UrlCheck =
  | { readonly ok: true; readonly url: URL; readonly host: string }
  | { readonly ok: false; readonly why: string };

/** The time for a request, from the look-up of its host to the end of its answer (ms). */
const REQUEST_MS = 10_000;
/** Of an answer, so much is read (bytes) and kept (characters). */
const ANSWER_BYTES = 2_048;
const ANSWER_CHARS = 300;
const HEADER_BYTES = 8_192;
const URL_CHARS = 2_000;
/** Ports of public hosts. Others belong to services that must not get requests of ours. */
const PORTS = new Set(["", "443", "8443"]);

const NOT_PUBLIC = "The host does not lead to a public address.";

/** Sends requests to addresses that users enter. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #resolve: Resolve;
  readonly #timers: Timers;

  constructor(options: OutgoingOptions) {
    this.#options = options;
    this.#resolve = options.resolve ??
      (async (host) => {
        const { lookup } = await import("node:dns/promises");
        return (await lookup(host, { all: true })).map(({ address }) => address);
      });
    this.#timers = options.timers ?? SYSTEM_TIMERS;
  }

  /** Whether requests may go to a URL as far as its text tells. */
  check(text: string): UrlCheck {
    if (text.length > URL_CHARS) return no(`The URL has more than ${URL_CHARS} characters.`);
    const url = URL.parse(text.trim());
    if (url === null || url.hostname === "" || !/^https?:$/.test(url.protocol)) {
      return no("Enter a URL that starts with https://.");
    }
    if (url.username !== "" || url.password !== "") {
      return no("Leave the user name and password out of the URL.");
    }
    const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
    if (!this.#isAllowedHost(host)) {
      if (url.protocol !== "https:") return no("Enter a URL that starts with https://.");
      if (!PORTS.has(url.port)) return no("The port must be 443 or 8443.");
    }
    if (ipVersion(host) !== 0 && !this.#mayReach(host, host)) return no(NOT_PUBLIC);
    return { ok: true, url, host };
  }

  /** Sends a request. Never rejects. */
  async post(request: OutgoingRequest): Promise<Answer> {
    const checked = this.check(request.url);
    if (!checked.ok) return failed(checked.why);
    const over = new AbortController();
    const late = new Promise<Answer>((resolve) => {
      const timer = this.#timers.setTimeout(() => {
        resolve(failed(`There was no answer within ${REQUEST_MS / 1000} s.`));
        over.abort();
      }, REQUEST_MS);
      over.signal.addEventListener("abort", () => this.#timers.clearTimeout(timer));
    });
    try {
      return await Promise.race([late, this.#send(checked, request, over.signal)]);
    } finally {
      over.abort();
    }
  }

  async #send(
    { url, host }: Extract<UrlCheck, { ok: true }>,
    { headers, body }: OutgoingRequest,
    signal: AbortSignal,
  ): Promise<Answer> {
    const addresses = ipVersion(host) !== 0 ? [host] : await this.#resolve(host).catch(() => []);
    // One address that is not public makes the name suspicious. An unknown name gets the same answer, so
    // that nobody learns which names exist in a private network.
    if (addresses.length === 0 || !addresses.every((address) => this.#mayReach(host, address))) {
      return failed(NOT_PUBLIC);
    }
    if (signal.aborted) return failed("It was stopped.");
    const found = addresses.map((address): LookupAddress => ({
      address,
      family: ipVersion(address),
    }));
    return await exchange(url, host, {
      method: "POST",
      headers: { ...headers, "content-length": String(byteLength(body)) },
      lookup: lookupOf(found),
      // A connection of its own: one that is kept alive might lead elsewhere.
      agent: false,
      maxHeaderSize: HEADER_BYTES,
      signal,
      ...this.#options.ca !== undefined && { ca: this.#options.ca },
    }, body);
  }

  #mayReach(host: string, address: string): boolean {
    const { allowed: { hosts, nets } } = this.#options;
    return hosts.has(host) || isPublicAddress(address, nets);
  }

  /** Whether an operator allowed exactly this host: it may be plain http, at any port. */
  #isAllowedHost(host: string): boolean {
    const { allowed: { hosts, nets } } = this.#options;
    return hosts.has(host) || (ipVersion(host) !== 0 && nets.length > 0 && !isPublicAddress(host) &&
      isPublicAddress(host, nets));
  }
}

/** Makes the request. Never rejects. */
async function exchange(
  url: URL,
  host: string,
  options: https.RequestOptions,
  body: string | Uint8Array,
): Promise<Answer> {
  // Imported when needed: these modules would make each start of the server a fifth slower.
  const { request: make } = url.protocol === "https:"
    ? await import("node:https")
    : await import("node:http");
  return await new Promise((resolve) => {
    const request = make({
      ...options,
      protocol: url.protocol,
      hostname: host,
      port: url.port,
      path: url.pathname + url.search,
      ...url.protocol === "https:" && ipVersion(host) === 0 && { servername: host },
    }, (response) => {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      const done = () => {
        resolve({
          kind: "answered",
          status: response.statusCode ?? 0,
          text: textOf(chunks),
          retryAfterMs: retryAfterMs(response.headers["retry-after"]),
        });
        request.destroy();
      };
      response.on("data", (chunk: Uint8Array) => {
        chunks.push(chunk.slice(0, ANSWER_BYTES - bytes));
        bytes += chunk.byteLength;
        if (bytes >= ANSWER_BYTES) done();
      });
      response.on("end", done);
      response.on("error", done);
    });
    request.on("error", (error) => resolve(failed(failureWords(error))));
    request.end(body);
  });
}

function lookupOf(found: LookupAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = found;
    if (typeof options === "object" && options.all) callback(null, found);
    else callback(null, first?.address ?? "", first?.family);
  };
}

function textOf(chunks: readonly Uint8Array[]): string {
  const text = new TextDecoder().decode(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])));
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " ").trim()
    .slice(0, ANSWER_CHARS).toWellFormed();
}

/** Seconds alone: a date would make the wait depend on two clocks. */
function retryAfterMs(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,6}$/.test(value.trim()) ? Number(value) * 1000 : null;
}

/** Node's error codes in words. Messages of errors may name the address, and are not shown. */
function failureWords(error: Error): string {
  const code = "code" in error ? String(error.code) : "";
  if (code === "ECONNREFUSED") return "The host refused the connection.";
  if (/^(?:ERR_TLS_CERT|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED)/.test(code)) {
    return "The host’s certificate is not valid for it.";
  }
  if (/^ERR_(?:SSL|TLS)/.test(code)) return "The host did not answer in TLS.";
  return "The connection failed.";
}

/** An answer in a few words, for people. */
export function answerWords(answer: Answer): string {
  if (answer.kind === "failed") return answer.reason;
  const redirect = answer.status >= 300 && answer.status < 400
    ? " Redirects are not followed."
    : "";
  return `${answer.status}${answer.text === "" ? "" : ` ${answer.text}`}${redirect}`;
}

function byteLength(body: string | Uint8Array): number {
  return typeof body === "string" ? new TextEncoder().encode(body).byteLength : body.byteLength;
}

function failed(reason: string): Answer {
  return { kind: "failed", reason };
}

function no(why: string): UrlCheck {
  return { ok: false, why };
}
