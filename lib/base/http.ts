/**
 * HTTP headers: `Content-Disposition` for names from people and models (RFC 6266, RFC 8187), the origin of
 * requests, and event streams. Pure.
 */
import { create } from "content-disposition";

/** Longest stem (UTF-8 bytes): file systems take 255 for the whole name, browsers add ` (12)`. */
const MAX_STEM_BYTES = 120;

/** Characters that file systems or shells interpret: separators, wildcards, quotes, and `%` for decoders. */
const RESERVED = /[/\\:*?"<>|%$`']+/g;

/**
 * Control and invisible characters: zero width, and marks that turn `fdp.exe` into `exe.pdf`. Keep the two
 * joiners: Persian, Indic scripts and family emoji need them.
 */
const UNSEEN = /[[\p{Cc}\p{Cf}\p{Co}\p{Cn}]--[\u200c\u200d]]+/gv;

/** Windows device names, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * The header's value for a file `stem.extension`. The stem may be any text: characters that could leave the
 * downloads folder, hide an extension, split the header or mislead the reader are removed. An empty stem
 * becomes `taskstream`. `extension` has 1 to 10 lower-case letters and digits.
 *
 * @throws {TypeError} if the extension is invalid.
 *
 * @example
 * ```ts
 * console.assert(
 *   attachment("GDP of France", "csv") === 'attachment; filename="GDP of France.csv"',
 * );
 * ```
 */
export function attachment(stem: string, extension: string): string {
  return create(fileName(stem, extension));
}

/** The file name that {@linkcode attachment} sends. */
export function fileName(stem: string, extension: string): string {
  if (!/^[a-z0-9]{1,10}$/.test(extension)) throw new TypeError(`No file extension: ${extension}`);
  const plain = stem.toWellFormed().normalize("NFC")
    .replace(RESERVED, " ").replace(/\s+/g, " ").replace(UNSEEN, "");
  // A name that begins with a dot is hidden, one with a dash is an option; dots at the end vanish.
  const short = cutBytes(plain.replace(/^[\s.\-~\u200c\u200d]+/, ""), MAX_STEM_BYTES).replace(
    /[\s.\u200c\u200d]+$/,
    "",
  );
  const safe = DEVICE.test(short) ? `${short.replace(".", " ")} file` : short;
  return `${safe === "" ? "taskstream" : safe}.${extension}`;
}

/** The longest beginning that fits, cut between whole characters with their marks. */
function cutBytes(text: string, limit: number): string {
  const encoder = new TextEncoder();
  let bytes = 0, end = 0;
  for (const { segment, index } of new Intl.Segmenter("en").segment(text)) {
    bytes += encoder.encode(segment).byteLength;
    if (bytes > limit) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

/** Methods that change nothing (RFC 9110, section 9.2.1). */
export const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether the browser marks a request as same-origin (Fetch Metadata, otherwise the `Origin` header). */
export function isOwnRequest(headers: Headers, origin: string): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  return headers.get("origin") === origin;
}

/** Headers that keep proxies and this server from compressing, storing or buffering a stream. */
export const UNBUFFERED = {
  "cache-control": "no-cache, no-transform",
  // nginx would otherwise hold events back until its buffer is full.
  "x-accel-buffering": "no",
} as const;

/** The headers of every event stream that this app sends. */
export const EVENT_STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  ...UNBUFFERED,
} as const;

/** Whether a response is an event stream. */
export function isEventStream(headers: Headers): boolean {
  return headers.get("content-type")?.startsWith("text/event-stream") === true;
}

/** Headers that mark a prefetch or a preview. The first is the current one (Fetch, section 3.6). */
const PURPOSE = ["sec-purpose", "purpose", "x-purpose", "x-moz"] as const;

/**
 * Whether a browser, a proxy or a link scanner makes a request without a user's action: HEAD, and GETs that are
 * marked as prefetches. Such a request must not consume or store anything.
 */
export function isSpeculative({ method, headers }: Request): boolean {
  return method === "HEAD" ||
    PURPOSE.some((name) => /\b(?:prefetch|prerender|preview)\b/i.test(headers.get(name) ?? ""));
}
