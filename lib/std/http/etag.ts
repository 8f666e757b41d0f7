/**
 * `@std/http/etag`: entity tags, and whether a request knows one (RFC 9110, sections 8.8.3 and 13.1.2).
 *
 * @module
 */

/** Options of {@linkcode eTag}. */
export interface ETagOptions {
  /** Digest of the content. Default: `SHA-256`. */
  algorithm?: AlgorithmIdentifier;
  /** Whether the tag is weak: equal in meaning, not in every byte. Default: false. */
  weak?: boolean;
}

/**
 * The entity tag of some content, text as UTF-8: its length and the beginning of its digest.
 */
export async function eTag(
  entity: string | Uint8Array<ArrayBuffer>,
  { algorithm = "SHA-256", weak = false }: ETagOptions = {},
): Promise<string> {
  const bytes = typeof entity === "string" ? new TextEncoder().encode(entity) : entity;
  const digest = bytes.length === 0
    ? EMPTY
    : new Uint8Array(await crypto.subtle.digest(algorithm, bytes)).toBase64().slice(0, 27);
  const tag = `"${bytes.length.toString(16)}-${digest}"`;
  return weak ? `W/${tag}` : tag;
}

/** The digest of empty content for each algorithm. */
const EMPTY = "47DEQpj8HBSa+/TImW+5JCeuQeR";

/** Whether to send the content: `If-None-Match` does not list `etag` (weak comparison). */
export function ifNoneMatch(value: string | null, etag: string | undefined): boolean {
  if (!value || !etag) return true;
  if (value.trim() === "*") return false;
  const opaque = (tag: string) => tag.replace(/^W\//, "");
  return !value.split(",").some((tag) => opaque(tag.trim()) === opaque(etag));
}
