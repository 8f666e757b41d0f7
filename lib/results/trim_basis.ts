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
  // An excerpt has four lines, and on paper 400 characters.
  quotes: [{ reasoning: 4_000, excerpt: 400, excerpts: 50, citations: 50 }],
};

/** The markup of an entry, a citation's quotes, an excerpt, a listed source and a field there (bytes). */
const ENTRY_BYTES = 420,
  CITATION_BYTES = 230,
  NUMBER_BYTES = 75,
  EXCERPT_BYTES = 60,
  SOURCE_BYTES = 420,
  FIELD_BYTES = 90;
/** The most source numbers beside one entry. */
export const NUMBERS_SHOWN = 8;
/** The most fields listed for one source. */
export const FIELDS_LISTED = 6;
/** The excerpt in the list of sources (characters): two lines. */
export const SOURCE_EXCERPT_CHARS = 300;
/** The most citations to examine: pages are cited repeatedly. */
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

/**
 * Selects as much of a basis as fits. Shortens quotes before it leaves anything out. If it must leave something
 * out, it takes the longest quotes with which every entry keeps a source.
 */
export function trimBasis(basis: readonly FieldBasis[], room = WHOLE_ROOM): TrimmedBasis {
  let last: TrimmedBasis | null = null, fair: TrimmedBasis | null = null;
  for (const quotes of room.quotes) {
    last = fitting(basis, room, quotes);
    if (last.entriesLeft + last.citationsLeft === 0) return last;
    if (last.entriesLeft === 0 && last.basis.every(hasSource(basis))) fair ??= last;
  }
  if (last === null) throw new RangeError("A room without quotes");
  return fair ?? last;
}

/** Whether an entry, if it had citations, still has one. For entries in the order of the basis. */
function hasSource(basis: readonly FieldBasis[]) {
  return ({ citations }: FieldBasis, at: number): boolean =>
    (citations ?? []).length > 0 || (basis[at]?.citations ?? []).length === 0;
}

/**
 * Selects the entries that fit a page, then their citations in turn: the first of each entry, the second of each.
 * Otherwise the first fields would take all the room, and the others would lack even their confidence. Skips
 * what is too large, so that it does not block the others.
 */
function fitting(
  basis: readonly FieldBasis[],
  room: ResultRoom,
  quotes: Quotes,
): TrimmedBasis {
  let bytes = room.basisBytes, looked = 0;
  const entries: { readonly entry: FieldBasis; readonly citations: Citation[] }[] = [];
  for (const entry of basis) {
    const own = ENTRY_BYTES + 3 * htmlBytes(entry.field, bytes) +
      htmlBytes(entry.reasoning, bytes, quotes.reasoning) +
      htmlBytes(entry.confidence ?? "", bytes);
    if (own > bytes) continue;
    bytes -= own;
    entries.push({ entry, citations: [] });
  }
  /** By URL: the number of fields that cite it. */
  const urls = new Map<string, number>();
  const costOf = (citation: Citation, field: string, shown: number): number => {
    const uses = urls.get(citation.url) ?? 0;
    if (looked++ >= CITATIONS || (uses === 0 && urls.size >= room.sources)) return Infinity;
    return (uses === 0 ? sourceBytes(citation, bytes) : 0) +
      (uses < FIELDS_LISTED ? fieldBytes(field, room.basisBytes) : 0) +
      (shown < NUMBERS_SHOWN ? NUMBER_BYTES : 0) +
      (shown < quotes.citations ? quotedBytes(citation, quotes, bytes) : 0);
  };
  let all = 0, kept = 0;
  for (let turn = 0, open = entries; open.length > 0; turn++) {
    open = open.filter(({ entry }) => turn < (entry.citations ?? []).length);
    for (const { entry, citations } of open) {
      const citation = entry.citations![turn]!;
      const cost = costOf(citation, entry.field, citations.length);
      all++;
      if (cost > bytes) continue;
      kept++;
      bytes -= cost;
      urls.set(citation.url, (urls.get(citation.url) ?? 0) + 1);
      citations.push(citation);
    }
  }
  return {
    basis: entries.map(({ entry, citations }) =>
      citations.length === (entry.citations ?? []).length ? entry : { ...entry, citations }
    ),
    entriesLeft: basis.length - entries.length,
    citationsLeft: all - kept,
    quotes,
    bytes: room.basisBytes - bytes,
  };
}

/** A field in the list of sources, linked to its place in the result. */
function fieldBytes(field: string, most: number): number {
  if (field.length > most) return Infinity;
  const href = encodeURIComponent(encodeURIComponent(field.toWellFormed()));
  return FIELD_BYTES + htmlBytes(field, most) + href.length;
}

function sourceBytes({ url, title, excerpts }: Citation, most: number): number {
  return SOURCE_BYTES + 2 * htmlBytes(url, most) + htmlBytes(title ?? "", most) +
    htmlBytes(excerpts?.[0] ?? "", most, SOURCE_EXCERPT_CHARS);
}

function quotedBytes(
  { url, excerpts }: Citation,
  { excerpt: chars, excerpts: count }: Quotes,
  most: number,
): number {
  let bytes = CITATION_BYTES + htmlBytes(url, most);
  for (const excerpt of (excerpts ?? []).slice(0, count)) {
    bytes += EXCERPT_BYTES + htmlBytes(excerpt, most, chars);
    if (bytes > most) break;
  }
  return bytes;
}
