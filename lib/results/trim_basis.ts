/**
 * Cuts a basis down to what a page can carry: a result may cite more pages than anybody reads. All of it
 * stays in result.json. Pure.
 */
import type { Citation, FieldBasis } from "../parallel/types.ts";
import { htmlBytes } from "./trim.ts";

/** The longest reasoning and excerpt that a page shows (characters). */
export const REASONING_CHARS = 4_000, EXCERPT_CHARS = 1_000;
/** Citations that a page quotes for one entry; the list of sources has the others. */
export const CITATIONS_QUOTED = 50;

/** Of the 4 MB that a page may have, for entries and for the list of all sources (bytes). */
const BASIS_BYTES = 1_300_000;
/** Markup of an entry, of a citation's quotes, of an excerpt and of a source in the list (bytes). */
const ENTRY_BYTES = 800, CITATION_BYTES = 350, EXCERPT_BYTES = 60, SOURCE_BYTES = 450;
/** Sources that a page lists. */
const SOURCES = 2_000;
/** Citations that are looked at: a page is cited again and again. */
const CITATIONS = 20_000;

/** The part of a basis that a page shows. */
export interface TrimmedBasis {
  readonly basis: FieldBasis[];
  /** Entries left out. */
  readonly entriesLeft: number;
  /** Citations left out of the entries that are shown. */
  readonly citationsLeft: number;
}

/** The first entries and citations that fit a page; one that is too large for it holds none of the others up. */
export function trimBasis(basis: readonly FieldBasis[]): TrimmedBasis {
  let bytes = BASIS_BYTES, citationsLeft = 0, looked = 0;
  const urls = new Set<string>();
  const kept: FieldBasis[] = [];
  for (const entry of basis) {
    const own = ENTRY_BYTES + 3 * htmlBytes(entry.field) +
      htmlBytes(entry.reasoning, REASONING_CHARS) + htmlBytes(entry.confidence ?? "");
    if (own > bytes) continue;
    bytes -= own;
    const citations: Citation[] = [];
    for (const citation of entry.citations ?? []) {
      const isNew = !urls.has(citation.url);
      const cost = looked >= CITATIONS || (isNew && urls.size >= SOURCES) ? Infinity : (
        (isNew ? sourceBytes(citation) : 0) +
        (citations.length < CITATIONS_QUOTED ? quotedBytes(citation, bytes) : 0)
      );
      looked++;
      if (cost > bytes) {
        citationsLeft++;
        continue;
      }
      bytes -= cost;
      urls.add(citation.url);
      citations.push(citation);
    }
    const isWhole = citations.length === (entry.citations ?? []).length;
    kept.push(isWhole ? entry : { ...entry, citations });
  }
  return { basis: kept, entriesLeft: basis.length - kept.length, citationsLeft };
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
