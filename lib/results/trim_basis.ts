/**
 * Cuts a basis down to what a page can show: a result may cite more pages than anyone reads. result.json
 * contains all of it. Pure.
 */
import type { Citation, FieldBasis } from "../parallel/mod.ts";
import { htmlBytes, type TrimLimits } from "./trim.ts";

/** How much a page quotes for one entry of a basis (characters and counts). */
export interface Quotes {
  readonly reasoning: number;
  readonly excerpt: number;
  /** Excerpts of one citation. */
  readonly excerpts: number;
  /** Citations quoted for one entry. The list of sources contains the others. */
  readonly citations: number;
}

/** How much of a result a page shows. */
export interface ResultRoom {
  readonly value: TrimLimits;
  /** For entries and the list of all sources (bytes). */
  readonly basisBytes: number;
  readonly sources: number;
  /** In descending order. The first one with which all entries fit is used. */
  readonly quotes: readonly Quotes[];
}

/** The page as it opens: with all else on it, at most 250 KB. */
export const FIRST_ROOM: ResultRoom = {
  // A text of 60,000 characters is 40,000 px high on a phone.
  value: {
    values: 1_000,
    chars: 110_000,
    marks: 8_000,
    paths: 30_000,
    inHtml: true,
    firstPart: 60_000,
  },
  basisBytes: 80_000,
  sources: 120,
  quotes: [
    { reasoning: 2_000, excerpt: 400, excerpts: 3, citations: 12 },
    { reasoning: 600, excerpt: 250, excerpts: 1, citations: 4 },
    { reasoning: 250, excerpt: 120, excerpts: 1, citations: 1 },
    // The list of sources quotes them.
    { reasoning: 250, excerpt: 0, excerpts: 0, citations: 0 },
    { reasoning: 0, excerpt: 0, excerpts: 0, citations: 0 },
  ],
};

/** The page of the whole result: within 4 MB, and rendered within 200 ms, during which other work waits. */
export const WHOLE_ROOM: ResultRoom = {
  value: { values: 3_000, chars: 100_000, marks: 25_000, paths: 200_000 },
  basisBytes: 1_900_000,
  sources: 2_000,
  quotes: [{ reasoning: 4_000, excerpt: 1_000, excerpts: 50, citations: 50 }],
};

/** The markup of an entry, a citation's quotes, an excerpt, a listed source and a field there (bytes). */
const ENTRY_BYTES = 420,
  CITATION_BYTES = 230,
  NUMBER_BYTES = 75,
  EXCERPT_BYTES = 60,
  SOURCE_BYTES = 420,
  FIELD_BYTES = 90;
/** Numbers of sources beside one entry. */
export const NUMBERS_SHOWN = 8;
/** Fields listed for one source. */
export const FIELDS_LISTED = 6;
/** The excerpt in the list of sources (characters): two lines. */
export const SOURCE_EXCERPT_CHARS = 300;
/** Citations to examine: pages are cited repeatedly. */
const CITATIONS = 20_000;

/** The part of a basis that a page shows. */
export interface TrimmedBasis {
  readonly basis: FieldBasis[];
  /** The number of omitted entries. */
  readonly entriesLeft: number;
  /** The number of citations omitted from the entries shown. */
  readonly citationsLeft: number;
  readonly quotes: Quotes;
  /** The most space it takes on a page (bytes). */
  readonly bytes: number;
}

/** Selects as much of a basis as fits. Quotes become shorter before entries are left out. */
export function trimBasis(basis: readonly FieldBasis[], room = WHOLE_ROOM): TrimmedBasis {
  let trimmed: TrimmedBasis | null = null;
  for (const quotes of room.quotes) {
    trimmed = fitting(basis, room, quotes);
    if (trimmed.entriesLeft + trimmed.citationsLeft === 0) break;
  }
  if (trimmed === null) throw new RangeError("A room without quotes");
  return trimmed;
}

/**
 * Selects the first entries and citations that fit a page. An oversize one is skipped and does not block the
 * others.
 */
function fitting(basis: readonly FieldBasis[], room: ResultRoom, quotes: Quotes): TrimmedBasis {
  let bytes = room.basisBytes, citationsLeft = 0, looked = 0;
  /** By URL: the number of fields that cite it. */
  const urls = new Map<string, number>();
  const kept: FieldBasis[] = [];
  for (const entry of basis) {
    const own = ENTRY_BYTES + 3 * htmlBytes(entry.field) +
      htmlBytes(entry.reasoning, quotes.reasoning) + htmlBytes(entry.confidence ?? "");
    if (own > bytes) continue;
    bytes -= own;
    const citations: Citation[] = [];
    const named = fieldBytes(entry.field, room.basisBytes);
    for (const citation of entry.citations ?? []) {
      const uses = urls.get(citation.url) ?? 0;
      const isNew = uses === 0;
      const cost = looked >= CITATIONS || (isNew && urls.size >= room.sources) ? Infinity : (
        (isNew ? sourceBytes(citation) : 0) + (uses < FIELDS_LISTED ? named : 0) +
        (citations.length < NUMBERS_SHOWN ? NUMBER_BYTES : 0) +
        (citations.length < quotes.citations ? quotedBytes(citation, quotes, bytes) : 0)
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
    quotes,
    bytes: room.basisBytes - bytes,
  };
}

/** A field in the list of sources, linked to its place in the result. */
function fieldBytes(field: string, most: number): number {
  if (field.length > most) return Infinity;
  const href = encodeURIComponent(encodeURIComponent(field.toWellFormed()));
  return FIELD_BYTES + htmlBytes(field) + href.length;
}

function sourceBytes({ url, title, excerpts }: Citation): number {
  return SOURCE_BYTES + 2 * htmlBytes(url) + htmlBytes(title ?? "") +
    htmlBytes(excerpts?.[0] ?? "", SOURCE_EXCERPT_CHARS);
}

function quotedBytes(
  { url, excerpts }: Citation,
  { excerpt: chars, excerpts: count }: Quotes,
  most: number,
): number {
  let bytes = CITATION_BYTES + htmlBytes(url);
  for (const excerpt of (excerpts ?? []).slice(0, count)) {
    bytes += EXCERPT_BYTES + htmlBytes(excerpt, chars);
    if (bytes > most) break;
  }
  return bytes;
}
