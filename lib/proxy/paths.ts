/**
 * Decides which requests may go to the Task API, by the raw request target. `Deno.serve` keeps it
 * unchanged in `request.url`, including dots, escapes and backslashes. `new URL()` would resolve them,
 * so the checked path would differ from the received one. Pure.
 */
import { RESULT_TIMEOUT_SECONDS } from "../parallel/mod.ts";

/** How a request is handled. */
export type TargetKind =
  /** Creates a run: finished even if the caller disconnects, and recorded. */
  | "create"
  /** Reads a run's events, from our own log. */
  | "events"
  /**
   * Adds runs to a group: finished even if the caller disconnects, because they are billed, and recorded.
   */
  | "group-runs"
  /** Reads a run: forwarded. A run that is not known here is adopted. */
  | "run"
  /** Only forwarded. */
  | "pass";

/** A request that is allowed. */
export interface ApiTarget {
  readonly kind: TargetKind;
  /** Path and query at the upstream. A URL parser would not change them. */
  readonly path: string;
  /** The run id, if the path has one. */
  readonly runId: string | null;
  /** The group to which runs are added. */
  readonly groupId: string | null;
  readonly query: URLSearchParams;
  /** The longest wait for the response's headers (ms). */
  readonly headersMs: number;
}

/** What a target is: allowed, a resource without this method, or no resource of the API. */
export type TargetCheck =
  | { readonly verdict: "pass"; readonly target: ApiTarget }
  | { readonly verdict: "method"; readonly allow: readonly string[] }
  | { readonly verdict: "unknown" };

/** How long an upstream may take to start its response (ms). `/result` adds its own `timeout`. */
const HEADERS_MS = 60_000;
/** A chat without streaming starts its response only when it has finished: ten minutes (ms). */
const CHAT_MS = 600_000;
/** Timers hold at most 2^31 ms, and no run takes a day (s). */
const MAX_RESULT_SECONDS = 86_400;

const ID = "[A-Za-z0-9_-]{1,100}";

interface Resource {
  readonly pattern: RegExp;
  readonly methods: Readonly<Record<string, TargetKind>>;
  /** The longest wait for headers, if it is not the usual one. */
  readonly headersMs?: (query: URLSearchParams) => number;
}

const RESOURCES: readonly Resource[] = [
  { pattern: /^\/tasks\/runs$/, methods: { POST: "create" } },
  { pattern: new RegExp(`^/tasks/runs/(?<run>${ID})(?:/input)?$`), methods: { GET: "run" } },
  {
    pattern: new RegExp(`^/tasks/runs/(?<run>${ID})/result$`),
    methods: { GET: "run" },
    headersMs: resultMs,
  },
  { pattern: new RegExp(`^/tasks/runs/(?<run>${ID})/events$`), methods: { GET: "events" } },
  { pattern: /^\/tasks\/groups$/, methods: { POST: "pass" } },
  { pattern: new RegExp(`^/tasks/groups/${ID}(?:/events)?$`), methods: { GET: "pass" } },
  {
    pattern: new RegExp(`^/tasks/groups/(?<group>${ID})/runs$`),
    methods: { GET: "pass", POST: "group-runs" },
  },
  { pattern: new RegExp(`^/tasks/groups/${ID}/runs/(?<run>${ID})$`), methods: { GET: "pass" } },
  { pattern: /^\/tasks\/suggest(?:-processor)?$/, methods: { POST: "pass" } },
  { pattern: /^\/chat\/completions$/, methods: { POST: "pass" }, headersMs: () => CHAT_MS },
];

/** RFC 3986 section 3.4, without escapes of control characters. */
const QUERY =
  /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[2-6][0-9A-Fa-f]|%7[0-9A-Ea-e]|%[89A-Fa-f][0-9A-Fa-f])*$/;

/** Checks a method and a raw target (path and query). */
export function checkTarget(method: string, rawTarget: string): TargetCheck {
  const parts = /^\/api(\/(?:v1|v1beta))(\/[^?]*)(?:\?(.*))?$/.exec(rawTarget);
  const [, version = "", path = "", rawQuery = ""] = parts ?? [];
  if (parts === null || !QUERY.test(rawQuery)) return { verdict: "unknown" };
  for (const { pattern, methods, headersMs } of RESOURCES) {
    const match = pattern.exec(path);
    if (match === null) continue;
    // An object also has inherited members such as `constructor`.
    const kind = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (kind === undefined) return { verdict: "method", allow: Object.keys(methods) };
    const query = new URLSearchParams(rawQuery);
    const target = {
      kind,
      path: version + path + (rawQuery === "" ? "" : `?${rawQuery}`),
      runId: match.groups?.run ?? null,
      groupId: match.groups?.group ?? null,
      query,
      headersMs: headersMs?.(query) ?? HEADERS_MS,
    };
    return { verdict: "pass", target };
  }
  return { verdict: "unknown" };
}

/**
 * The raw target of a request; `null` if the request line has credentials, or another host than the
 * Host header (absolute-form, RFC 9112 section 3.2.2).
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
  // The upstream rejects any other value at once.
  const seconds = /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : RESULT_TIMEOUT_SECONDS;
  return HEADERS_MS + Math.min(seconds, MAX_RESULT_SECONDS) * 1000;
}
