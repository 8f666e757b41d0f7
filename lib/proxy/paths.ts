/**
 * Which requests may go to the Task API, judged by the raw request target. `Deno.serve` gives it in
 * `request.url` untouched, dots, escapes and backslashes included; `new URL()` would resolve them, and
 * what was judged would not be what was sent. Pure.
 */
import { RESULT_TIMEOUT_SECONDS } from "../parallel/limits.ts";

/** What is done with a request. */
export type Kind =
  /** A run is created: finished whatever the caller does, and recorded. */
  | "create"
  /** A run's events come from our own log. */
  | "events"
  /** Creates runs of a group: finished whatever the caller does, for they are billed. */
  | "group-runs"
  /** Looks at a run: goes to the upstream and back; a run that is not known here is adopted on the way. */
  | "run"
  /** Everything else goes to the upstream and back. */
  | "pass";

/** A request that may pass. */
export interface ApiTarget {
  readonly kind: Kind;
  /** Path and query at the upstream; nothing in it that a URL parser would change. */
  readonly path: string;
  /** The run, where the path names one. */
  readonly runId: string | null;
  readonly query: URLSearchParams;
  /** The longest wait for the response's headers (ms). */
  readonly headersMs: number;
}

/** What a raw target means. */
export type Judgement =
  | { readonly verdict: "pass"; readonly target: ApiTarget }
  | { readonly verdict: "method"; readonly allow: readonly string[] }
  | { readonly verdict: "nothing" };

/** How long an upstream may take to begin its answer (ms); `/result` adds what it may block. */
const HEADERS_MS = 60_000;
/** A chat that does not stream begins its answer when it ends: up to five minutes, and some more. */
const CHAT_MS = 600_000;
/** Timers hold no more than 2^31 ms; no run takes a day (seconds). */
const MAX_RESULT_SECONDS = 86_400;

const ID = "[A-Za-z0-9_-]{1,100}";

interface Resource {
  readonly pattern: RegExp;
  readonly methods: Readonly<Record<string, Kind>>;
  /** Waiting for headers, where it is not the usual. */
  readonly headersMs?: (query: URLSearchParams) => number;
}

const RESOURCES: readonly Resource[] = [
  { pattern: /^\/tasks\/runs$/, methods: { POST: "create" } },
  { pattern: new RegExp(`^/tasks/runs/(${ID})(?:/input)?$`), methods: { GET: "run" } },
  {
    pattern: new RegExp(`^/tasks/runs/(${ID})/result$`),
    methods: { GET: "run" },
    headersMs: resultMs,
  },
  { pattern: new RegExp(`^/tasks/runs/(${ID})/events$`), methods: { GET: "events" } },
  { pattern: /^\/tasks\/groups$/, methods: { POST: "pass" } },
  { pattern: new RegExp(`^/tasks/groups/${ID}(?:/events)?$`), methods: { GET: "pass" } },
  {
    pattern: new RegExp(`^/tasks/groups/${ID}/runs$`),
    methods: { GET: "pass", POST: "group-runs" },
  },
  { pattern: new RegExp(`^/tasks/groups/${ID}/runs/(${ID})$`), methods: { GET: "pass" } },
  { pattern: /^\/chat\/completions$/, methods: { POST: "pass" }, headersMs: () => CHAT_MS },
];

/** RFC 3986 section 3.4, escapes of control characters left out. */
const QUERY =
  /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[2-6][0-9A-Fa-f]|%7[0-9A-Ea-e]|%[89A-Fa-f][0-9A-Fa-f])*$/;

/** Judges a method and a raw target (path and query). */
export function judge(method: string, rawTarget: string): Judgement {
  const parts = /^\/api(\/(?:v1|v1beta))(\/[^?]*)(?:\?(.*))?$/.exec(rawTarget);
  const [, version = "", path = "", rawQuery = ""] = parts ?? [];
  if (parts === null || !QUERY.test(rawQuery)) return { verdict: "nothing" };
  for (const { pattern, methods, headersMs } of RESOURCES) {
    const match = pattern.exec(path);
    if (match === null) continue;
    // Not every name that an object answers to is a method of it.
    const kind = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (kind === undefined) return { verdict: "method", allow: Object.keys(methods) };
    const query = new URLSearchParams(rawQuery);
    const target = {
      kind,
      path: version + path + (rawQuery === "" ? "" : `?${rawQuery}`),
      runId: match[1] ?? null,
      query,
      headersMs: headersMs?.(query) ?? HEADERS_MS,
    };
    return { verdict: "pass", target };
  }
  return { verdict: "nothing" };
}

/**
 * The raw target of a request, or `null` where the request line names another host than the Host
 * header (absolute-form, RFC 9112 section 3.2.2) or somebody to sign in as.
 */
export function rawTargetOf(request: Request): string | null {
  const [, scheme, authority, target] = /^(https?:)\/\/([^/?#\\@]*)([/?#\\][^]*)$/.exec(
    request.url,
  ) ?? [];
  if (scheme === undefined || authority === undefined || target === undefined) return null;
  const host = request.headers.get("host");
  if (host === null) return target;
  const named = URL.parse(`${scheme}//${authority}`)?.host;
  return named !== undefined && named === URL.parse(`${scheme}//${host}`)?.host ? target : null;
}

function resultMs(query: URLSearchParams): number {
  const text = query.get("timeout") ?? "";
  // What is no number is refused by the upstream, soon.
  const seconds = /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : RESULT_TIMEOUT_SECONDS;
  return HEADERS_MS + Math.min(seconds, MAX_RESULT_SECONDS) * 1000;
}
