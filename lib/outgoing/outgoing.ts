/**
 * Sends requests to user-supplied URLs, and only to public addresses.
 *
 * The host name is resolved once per request. Every resolved address is checked, and the connection uses
 * these addresses, which prevents DNS rebinding. Redirects are not followed. `fetch` has no hook for this, so
 * we use `node:https`. Deno calls its `lookup` for names but not for literal addresses, which are checked
 * separately.
 */
import type { LookupAddress } from "node:dns";
import type https from "node:https";
import type { LookupFunction } from "node:net";
import { count, SYSTEM_TIMERS, type Timers } from "../base/mod.ts";
import { type Allowed, ipVersion, isPublicAddress } from "./addresses.ts";

/** Resolves a host name to all its addresses. Rejects if there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Dependencies of outgoing requests. */
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

/** The outcome of a request. */
export type OutgoingResult =
  | {
    readonly kind: "answered";
    readonly status: number;
    /** The first {@linkcode ANSWER_CHARS} characters of the body. */
    readonly text: string;
    /** From `Retry-After` in seconds (ms); `null` if there is none. */
    readonly retryAfterMs: number | null;
  }
  /** No response: the connection failed or broke. `reason` is a sentence without the URL. */
  | { readonly kind: "failed"; readonly reason: string };

/** The parsed URL, or one sentence on why it is not allowed. */
export type UrlCheck =
  | { readonly ok: true; readonly url: URL; readonly host: string }
  | { readonly ok: false; readonly why: string };

/** Time limit of a request, from resolving the host to the end of the response (ms). */
const REQUEST_MS = 10_000;
/** How much of a response is read (bytes) and kept (characters). */
const ANSWER_BYTES = 2_048;
const ANSWER_CHARS = 300;
const HEADER_BYTES = 8_192;
const URL_CHARS = 2_000;
/** The allowed ports of public hosts. Other ports belong to services that must not get such requests. */
const PORTS = new Set(["", "443", "8443"]);

const NOT_PUBLIC = "The host does not resolve to a public address.";

/** Sends requests to user-supplied URLs. */
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

  /** Checks a URL without resolving its host. */
  check(text: string): UrlCheck {
    if (text.length > URL_CHARS) return no(`The URL has more than ${count(URL_CHARS)} characters.`);
    const url = URL.parse(text.trim());
    if (url === null || url.hostname === "" || !/^https?:$/.test(url.protocol)) {
      return no("Enter a URL that starts with https://.");
    }
    if (url.username !== "" || url.password !== "") {
      return no("Remove the user name and password from the URL.");
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
  async post(request: OutgoingRequest): Promise<OutgoingResult> {
    const checked = this.check(request.url);
    if (!checked.ok) return failed(checked.why);
    const over = new AbortController();
    const late = new Promise<OutgoingResult>((resolve) => {
      const timer = this.#timers.setTimeout(() => {
        resolve(failed(`No response within ${REQUEST_MS / 1000} s.`));
        over.abort();
      }, REQUEST_MS);
      over.signal.addEventListener("abort", () => this.#timers.clearTimeout(timer));
    });
    try {
      const sent = this.#send(checked, request, over.signal);
      return await Promise.race([late, sent.catch((error) => failed(failureWords(error)))]);
    } finally {
      over.abort();
    }
  }

  async #send(
    { url, host }: Extract<UrlCheck, { ok: true }>,
    { headers, body }: OutgoingRequest,
    signal: AbortSignal,
  ): Promise<OutgoingResult> {
    const addresses = ipVersion(host) !== 0 ? [host] : await this.#resolve(host).catch(() => []);
    // Reject a name with any non-public address. An unknown name gets the same message, so users cannot probe
    // which names exist in a private network.
    if (addresses.length === 0 || !addresses.every((address) => this.#mayReach(host, address))) {
      return failed(NOT_PUBLIC);
    }
    if (signal.aborted) return failed("The request was stopped.");
    const found = addresses.map((address): LookupAddress => ({
      address,
      family: ipVersion(address),
    }));
    return await exchange(url, host, {
      method: "POST",
      headers: { ...headers, "content-length": String(byteLength(body)) },
      lookup: lookupOf(found),
      // Use a new connection: a kept-alive one might go elsewhere.
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

  /** Whether an operator allowed exactly this host. It may use plain http and any port. */
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
): Promise<OutgoingResult> {
  // Import these modules on use: they would make server start a fifth slower.
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

/**
 * Returns a look-up that gives a connection the checked addresses. It calls back later, like a real look-up:
 * Node adds its error listener meanwhile. Without it, an error such as a missing permission ends the process.
 */
function lookupOf(found: readonly LookupAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = found;
    setTimeout(() => {
      if (typeof options === "object" && options.all) callback(null, [...found]);
      else callback(null, first?.address ?? "", first?.family);
    });
  };
}

function textOf(chunks: readonly Uint8Array[]): string {
  const text = new TextDecoder().decode(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])));
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " ").trim()
    .slice(0, ANSWER_CHARS).toWellFormed();
}

/** Accept only seconds: a date would make the delay depend on two clocks. */
function retryAfterMs(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,6}$/.test(value.trim()) ? Number(value) * 1000 : null;
}

/** Describes Node's error codes. Error messages may contain the address, so they are not shown. */
function failureWords(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ECONNREFUSED") return "The host refused the connection.";
  if (/^(?:ERR_TLS_CERT|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED)/.test(code)) {
    return "The host’s certificate is not valid for it.";
  }
  if (/^ERR_(?:SSL|TLS)/.test(code)) return "The host does not speak TLS.";
  return "The connection failed.";
}

/** A short description of a response, for users. */
export function describeResponse(answer: OutgoingResult): string {
  if (answer.kind === "failed") return answer.reason;
  const redirect = answer.status >= 300 && answer.status < 400
    ? " Redirects are not followed."
    : "";
  return `${answer.status}${answer.text === "" ? "" : ` ${answer.text}`}${redirect}`;
}

function byteLength(body: string | Uint8Array): number {
  return typeof body === "string" ? new TextEncoder().encode(body).byteLength : body.byteLength;
}

function failed(reason: string): OutgoingResult {
  return { kind: "failed", reason };
}

function no(why: string): UrlCheck {
  return { ok: false, why };
}
