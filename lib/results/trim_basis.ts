/**
 * Cuts a basis down to what a page can show: a result may cite more pages than anyone reads. result.json
 * contains all of it. Pure.
 */
import type { Citation, FieldBasis } from "../parallel/mod.ts";
import { htmlBytes } from "./trim.ts";

/** The longest reasoning and excerpt on a page (characters). */
export const REASONING_CHARS = 4_000, EXCERPT_CHARS = 1_000;
/** Citations quoted for one entry. The list of sources contains the others. */
export const CITATIONS_QUOTED = 50;

/** The share of a page's 4 MB for entries and the list of all sources (bytes). */
const BASIS_BYTES = 1_900_000;
/** The markup of an entry, a citation's quotes, an excerpt, a listed source and a field there (bytes). */
const ENTRY_BYTES = 350,
  CITATION_BYTES = 200,
  EXCERPT_BYTES = 60,
  SOURCE_BYTES = 220,
  FIELD_BYTES = 90;
/** Fields listed for one source. */
export const FIELDS_LISTED = 6;
/** Sources listed on a page. */
const SOURCES = 2_000;
/** Citations to examine: pages are cited repeatedly. */
const CITATIONS = 20_000;

/** The part of a basis that a page shows. */
export interface TrimmedBasis {
  readonly basis: FieldBasis[];
  /** The number of omitted entries. */
  readonly entriesLeft: number;
  /** The number of citations omitted from the entries shown. */
  readonly citationsLeft: number;
  /** The most space it takes on a page (bytes). */
  readonly bytes: number;
}

/**
 * Selects the first entries and citations that fit a page. An oversize one is skipped and does not block the
 * others.
 */
export function trimBasis(basis: readonly FieldBasis[]): TrimmedBasis {
  let bytes = BASIS_BYTES, citationsLeft = 0, looked = 0;
  /** By URL: the number of fields that cite it. */
  const urls = new Map<string, number>();
  const kept: FieldBasis[] = [];
  for (const entry of basis) {
    const own = ENTRY_BYTES + 3 * htmlBytes(entry.field) +
      htmlBytes(entry.reasoning, REASONING_CHARS) + htmlBytes(entry.confidence ?? "");
    if (own > bytes) continue;
    bytes -= own;
    const citations: Citation[] = [];
    const named = fieldBytes(entry.field);
    for (const citation of entry.citations ?? []) {
      const uses = urls.get(citation.url) ?? 0;
      const isNew = uses === 0;
      const cost = looked >= CITATIONS || (isNew && urls.size >= SOURCES) ? Infinity : (
        (isNew ? sourceBytes(citation) : 0) + (uses < FIELDS_LISTED ? named : 0) +
        (citations.length < CITATIONS_QUOTED ? quotedBytes(citation, bytes) : 0)
      );
      looked++;
      if (cost > bytes) {
        citationsLeft++;
        continue;
      }
      bytes -= cost;
      urls.set(citation.url, uses + 1);
      citations.push(citation);
    }
    const isWhole = citations.length === (entry.citations ?? []).length;
    kept.push(isWhole ? entry : { ...entry, citations });
  }
  return {
    basis: kept,
    entriesLeft: basis.length - kept.length,
    citationsLeft,
    bytes: BASIS_BYTES - bytes,
  };
}

/** A field in the list of sources, linked to its place in the result. */
function fieldBytes(field: string): number {
  if (field.length > BASIS_BYTES) return Infinity;
  const href = encodeURIComponent(encodeURIComponent(field.toWellFormed()));
  return FIELD_BYTES + htmlBytes(field) + href.length;
}

function sourceBytes({ url, title }: Citation): number {
  return SOURCE_BYTES + 2 * htmlBytes(url) + htmlBytes(title ?? "");
}

function quotedBytes({ url, title, excerpts }: Citation, most: number): number {
  let bytes = CITATION_BYTES + 2 * htmlBytes(url) + htmlBytes(title ?? "");
  for (const excerpt of excerpts ?? []) {
    bytes += EXCERPT_BYTES + htmlBytes(excerpt, EXCERPT_CHARS);
    if (bytes > most) break;
  }
  return bytes;
}
