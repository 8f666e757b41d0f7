/**
 * Reads the fields of a posted form in steps. `Response.formData()` blocks the process until it has read the whole
 * body: 100 ms for a table of 20 MiB, and ten seconds for a body of that size with millions of fields.
 */
import { decoding, inTurns, pauses } from "./paced.ts";

/** The body is not a form, or has too many fields. */
export class FormError extends Error {
  override name = "FormError";
  readonly hasTooMany: boolean;

  constructor(hasTooMany: boolean) {
    super(hasTooMany ? "The form has too many fields" : "The body is not a form");
    this.hasTooMany = hasTooMany;
  }
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes to read before a pause. */
const STEP_BYTES = 64 * 1024;
/** Bytes to copy before a pause. */
const COPY_BYTES = 1024 * 1024;
/** The largest headers of a part (bytes). */
const MAX_HEADERS = 8 * 1024;
/** The largest headers of all parts together (bytes). A browser sends about 100 for each part. */
const ALL_HEADERS = 1024 * 1024;
/** Parts whose headers are read at once: headers of 8 KiB take up to 2 ms. */
const AT_ONCE = 32;
const encoder = new TextEncoder();

/** Reads `multipart/form-data` or `application/x-www-form-urlencoded`. Throws {@linkcode FormError}. */
export async function formData(
  bytes: Bytes,
  contentType: string,
  maxFields: number,
  now?: () => number,
): Promise<FormData> {
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded") {
    return await inTurns(urlEncoded(bytes, maxFields), now);
  }
  const boundary = boundaryOf(contentType);
  if (type !== "multipart/form-data" || boundary === null) throw new FormError(false);
  const parts = await inTurns(partsOf(bytes, encoder.encode(`\r\n--${boundary}`), maxFields), now);
  return await multipart(parts, boundary, now);
}

/** The boundary in a content type; `null` if it has none. */
export function boundaryOf(contentType: string): string | null {
  return /boundary="?([^";]{1,200})"?/i.exec(contentType)?.[1] ?? null;
}

function* urlEncoded(bytes: Bytes, maxFields: number): Generator<"", FormData> {
  const form = new FormData();
  for (let at = 0, separators = 0; at <= bytes.length; separators++) {
    if (separators > maxFields) throw new FormError(true);
    const next = bytes.indexOf(AMPERSAND, at);
    const field = bytes.subarray(at, next === -1 ? bytes.length : next);
    at += field.length + 1;
    if (field.length === 0) continue;
    const equals = field.indexOf(EQUALS);
    const [name, value] = equals === -1
      ? [field, NOTHING]
      : [field.subarray(0, equals), field.subarray(equals + 1)];
    form.append(yield* decoded(name), yield* decoded(value));
    yield "";
  }
  return form;
}

function* decoded(bytes: Bytes): Generator<"", string> {
  const plain = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    const code = byte === PERCENT ? hexAt(bytes, at + 1) : null;
    if (code !== null) at += 2;
    plain[length++] = code ?? (byte === PLUS ? SPACE : byte);
    if (length % STEP_BYTES === 0) yield "";
  }
  // Like `Response.formData()`, drop a byte order mark only in a multipart form.
  return yield* decoding(plain.subarray(0, length), { ignoreBOM: true });
}

/** The byte that two hexadecimal digits encode; `null` if they are not digits. */
function hexAt(bytes: Bytes, at: number): number | null {
  const digits = String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0);
  return /^[\da-f]{2}$/i.test(digits) ? parseInt(digits, 16) : null;
}

/** A field of a multipart form. */
interface Part {
  /** The headers, from the end of the delimiter to the content. */
  readonly head: Bytes;
  readonly content: Bytes;
}

function* partsOf(bytes: Bytes, delimiter: Bytes, maxFields: number): Generator<"", Part[]> {
  const parts: Part[] = [];
  let headers = 0;
  // No line break precedes the first delimiter.
  const opening = delimiter.subarray(2);
  let at = indexOfBytes(bytes.subarray(0, opening.length), opening) === 0
    ? opening.length
    : (yield* find(bytes, delimiter, 0)) + delimiter.length;
  while (bytes[at] !== DASH || bytes[at + 1] !== DASH) {
    const end = indexOfBytes(bytes.subarray(at, at + MAX_HEADERS), BLANK_LINE);
    if (end === -1) throw new FormError(false);
    const start = at + end + BLANK_LINE.length;
    const next = yield* find(bytes, delimiter, start);
    parts.push({ head: bytes.subarray(at, start), content: bytes.subarray(start, next) });
    headers += start - at;
    if (parts.length > maxFields || headers > ALL_HEADERS) throw new FormError(true);
    at = next + delimiter.length;
    yield "";
  }
  return parts;
}

function* find(bytes: Bytes, mark: Bytes, from: number): Generator<"", number> {
  for (let start = from; start < bytes.length; start += STEP_BYTES) {
    const at = indexOfBytes(bytes.subarray(start, start + STEP_BYTES + mark.length - 1), mark);
    if (at !== -1) return start + at;
    yield "";
  }
  throw new FormError(false);
}

async function multipart(
  parts: readonly Part[],
  boundary: string,
  now?: () => number,
): Promise<FormData> {
  const form = new FormData();
  const pause = pauses(now);
  for (let at = 0; at < parts.length; at += AT_ONCE) {
    await addParts(form, parts.slice(at, at + AT_ONCE), boundary);
    await pause();
  }
  return form;
}

/**
 * Lets `Response.formData()` parse the headers. For that, each part's content is its number, which is then
 * replaced by the real content.
 */
async function addParts(form: FormData, parts: readonly Part[], boundary: string): Promise<void> {
  const heads = parts.flatMap(({ head }, at) => [`--${boundary}`, head, `${at}\r\n`]);
  const headers = { "content-type": `multipart/form-data; boundary="${boundary}"` };
  const body = new Blob([...heads, `--${boundary}--\r\n`]);
  const read = await new Response(body, { headers }).formData();
  for (const [name, value] of read) {
    const content = parts[Number(value instanceof File ? await value.text() : value)]?.content;
    if (content === undefined) throw new FormError(false);
    if (value instanceof File) {
      const pieces = await inTurns(copies(content));
      form.append(name, new File(pieces, value.name, { type: value.type }));
    } else form.append(name, await inTurns(decoding(content)));
  }
}

/** Copies the content of a file in pieces: a single copy may take 100 ms. */
function* copies(bytes: Bytes): Generator<"", Blob[]> {
  const pieces: Blob[] = [];
  for (let at = 0; at < bytes.length; at += COPY_BYTES) {
    pieces.push(new Blob([bytes.subarray(at, at + COPY_BYTES)]));
    yield "";
  }
  return pieces;
}

/** The index at which a sequence of bytes first occurs; -1 if it does not. */
export function indexOfBytes(bytes: Uint8Array, mark: Uint8Array): number {
  for (let at = bytes.indexOf(mark[0]!); at !== -1; at = bytes.indexOf(mark[0]!, at + 1)) {
    let length = 1;
    while (length < mark.length && bytes[at + length] === mark[length]) length++;
    if (length === mark.length) return at;
  }
  return -1;
}

const AMPERSAND = 0x26, EQUALS = 0x3d, PERCENT = 0x25, PLUS = 0x2b, SPACE = 0x20, DASH = 0x2d;
const NOTHING = new Uint8Array();
const BLANK_LINE = encoder.encode("\r\n\r\n");
