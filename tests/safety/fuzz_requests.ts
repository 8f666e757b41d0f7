/** Malformed requests from a seed: the same seed gives the same requests. Pure. */
import { ORIGIN } from "../app/test_app.ts";
import { API, FIELDS, FILES, METHODS, NASTY, QUERY_NAMES, TYPES } from "./fuzz_words.ts";

/** A small generator of random numbers (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = this.#state + 0x6d2b79f5 >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ t >>> 15, t | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  }

  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new RangeError("Nothing to pick from");
    return picked;
  }

  /** Between 0 and `most` of them. */
  some<T>(make: () => T, most: number): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

type Place = Ground["places"][number];

/** The parts of requests. */
export interface Ground {
  /** Pages and actions, with the methods that they know. */
  readonly places: readonly { readonly path: string; readonly methods: readonly string[] }[];
  /** A cookie that is a session's. */
  readonly cookie: string;
  readonly apiKey: string;
}

/** The next request; `null` where the platform itself refuses to make one like that. */
export function nextRequest(random: Random, ground: Ground): Request | null {
  const places = [ground.places, ground.places, API, FILES];
  const place = random.pick(random.pick<readonly (Place | string)[]>(places));
  const { path, methods } = typeof place === "string" ? { path: place, methods: METHODS } : place;
  const method = random.pick(random.chance(0.7) ? methods : METHODS);
  const url = ORIGIN + target(random, path);
  const headers: [string, string][] = [];
  for (const [name, value] of headersOf(random, ground)) headers.push([name, value]);
  try {
    const bodiless = method === "GET" || method === "HEAD";
    const [type, body] = bodiless ? [null, null] : bodyOf(random);
    if (type !== null) headers.push(["content-type", type]);
    return new Request(url, { method, headers, body });
  } catch {
    return null;
  }
}

function target(random: Random, plain: string): string {
  let path = plain;
  for (const part of random.chance(0.6) ? [] : random.some(() => random.pick(NASTY), 2)) {
    const at = random.below(path.length + 1);
    path = random.chance(0.5) ? path.slice(0, at) + part + path.slice(at) : `${path}/${part}`;
  }
  const query = random.some(() => `${random.pick(QUERY_NAMES)}=${text(random)}`, 3);
  return (path.startsWith("/") ? path : `/${path}`) +
    (query.length > 0 ? `?${query.join("&")}` : "");
}

function* headersOf(random: Random, { apiKey, cookie }: Ground): Generator<[string, string]> {
  if (random.chance(0.6)) yield ["cookie", random.chance(0.8) ? cookie : mutated(random, cookie)];
  if (random.chance(0.2)) {
    yield ["x-api-key", random.chance(0.5) ? apiKey : mutated(random, apiKey)];
  }
  if (random.chance(0.9)) {
    const site = random.chance(0.9) ? "same-origin" : random.pick(["cross-site", "none", "x"]);
    yield ["sec-fetch-site", site];
  }
  if (random.chance(0.3)) {
    yield ["origin", random.pick([ORIGIN, "null", "https://evil.example", text(random)])];
  }
  const others = [
    "accept",
    "accept-encoding",
    "range",
    "if-none-match",
    "if-range",
    "if-modified-since",
    "last-event-id",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "content-length",
    "transfer-encoding",
    "content-encoding",
    "user-agent",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "authorization",
    "parallel-beta",
    "referer",
    "purpose",
    "traceparent",
    "access-control-request-method",
  ];
  for (const name of random.some(() => random.pick(others), 3)) {
    yield [
      name,
      random.pick([
        text(random),
        "bytes=0-",
        "bytes=9-1,-1",
        "*",
        "W/",
        "gzip;q=nan, br",
        "v1,x",
        "Bearer x",
        "99999999999999999999",
      ]),
    ];
  }
}

function bodyOf(random: Random): [type: string | null, body: BodyInit | null] {
  const type = random.chance(0.1) ? null : random.pick(TYPES);
  switch (random.below(6)) {
    case 0:
      return [type, null];
    case 1:
      return [type, bytesOf(random)];
    case 2:
      return [type, JSON.stringify(value(random, 0))];
    case 3:
      return [type, mutated(random, JSON.stringify({ input: text(random), processor: "lite" }))];
    case 4:
      return [
        TYPES[0] ?? null,
        random.some(() => `${random.pick(FIELDS)}=${text(random)}`, 8).join("&"),
      ];
    default:
      return [
        "multipart/form-data; boundary=x",
        mutated(
          random,
          `--x\r\ncontent-disposition: form-data; name="${random.pick(FIELDS)}"; filename="${
            text(random)
          }"\r\n\r\n${text(random)}\r\n--x--`,
        ),
      ];
  }
}

/** Bytes that are no text. */
function bytesOf(random: Random): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: random.below(400) }, () => random.below(256));
}

function text(random: Random): string {
  return random.some(() => random.pick(NASTY), 3).join("");
}

/** Some characters changed, left out or doubled. */
function mutated(random: Random, from: string): string {
  let shown = from;
  for (let n = random.below(4); n >= 0; n--) {
    const at = random.below(shown.length + 1);
    shown = shown.slice(0, at) + random.pick(NASTY) + shown.slice(at + random.below(3));
  }
  return shown;
}

/** Any JSON, now and then very deep. */
function value(random: Random, depth: number): unknown {
  if (depth === 0 && random.chance(0.02)) {
    let deep: unknown = 1;
    for (let n = 0; n < 2_000; n++) deep = random.chance(0.5) ? [deep] : { a: deep };
    return deep;
  }
  const kind = random.below(depth > 4 ? 4 : 7);
  if (kind === 0) return null;
  if (kind === 1) return random.chance(0.5);
  if (kind === 2) return random.pick([0, -1, 1e308, 0.1, 2 ** 53]);
  if (kind === 3) return text(random);
  if (kind === 4) return random.some(() => value(random, depth + 1), 4);
  const names = [
    "input",
    "inputs",
    "processor",
    "task_spec",
    "output_schema",
    "json_schema",
    "type",
    "properties",
    "metadata",
    "mcp_servers",
    "webhook",
    "url",
    "messages",
    "source_policy",
    "__proto__",
    "enable_events",
  ];
  return Object.fromEntries(
    random.some(() => [random.pick(names), value(random, depth + 1)] as const, 5),
  );
}
