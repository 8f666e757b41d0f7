/** Builds the excerpt of a run's text around a search match. Pure. */
import type { Excerpt } from "../model/mod.ts";
import { piecesOf, rangeOf, termsOf } from "./tokens.ts";
import { PLACES, type SearchText } from "./text.ts";

/** The approximate length of an excerpt (characters), and how much of it precedes the first match. */
const WINDOW = 180;
const BEFORE = 50;

interface Match {
  readonly at: number;
  readonly end: number;
  readonly term: string;
}

/**
 * Returns the passage with the most terms, the earliest on a tie. Returns `null` if the stored part of
 * the text contains none.
 */
export function excerptOf(text: SearchText, terms: readonly string[]): Excerpt | null {
  const wanted = byUnit(terms);
  let best: { place: (typeof PLACES)[number]; at: number; found: number } | null = null;
  for (const place of PLACES) {
    // The matches that fit before the end of the current one, and how many each term has.
    const window: Match[] = [], counts = new Map<string, number>();
    for (const match of matchesOf(text[place], wanted)) {
      while (window[0] !== undefined && match.end - window[0].at > WINDOW - BEFORE) {
        const { term } = window.shift()!;
        const left = counts.get(term)! - 1;
        if (left === 0) counts.delete(term);
        else counts.set(term, left);
      }
      window.push(match);
      counts.set(match.term, (counts.get(match.term) ?? 0) + 1);
      if (counts.size > (best?.found ?? 0)) {
        best = { place, at: window[0]!.at, found: counts.size };
      }
      if (counts.size === terms.length) break;
    }
    if (best?.found === terms.length) break;
  }
  if (best === null) return null;
  return { place: best.place, pieces: passage(text[best.place], best.at, wanted) };
}

/** Indexes terms by their first code unit: a search may have hundreds. */
type TermsByUnit = ReadonlyMap<string, readonly string[]>;

function byUnit(terms: readonly string[]): TermsByUnit {
  return Map.groupBy(terms, (term) => term[0] ?? "");
}

function* matchesOf(text: string, terms: TermsByUnit): Generator<Match> {
  for (const piece of piecesOf(text)) {
    const { length } = piece.text;
    const own = piece.kind === "unspaced" ? piece.text : termsOf(piece)[0] ?? "";
    // A term matches the beginning of a word.
    const places = piece.kind === "unspaced" ? length : Math.min(1, length);
    for (let from = 0; from < places; from++) {
      for (const term of terms.get(own[from] ?? "") ?? []) {
        if (own.startsWith(term, from)) {
          yield { ...rangeOf(piece, from, from + term.length), term };
        }
      }
    }
  }
}

function passage(text: string, at: number, terms: TermsByUnit): Excerpt["pieces"] {
  const start = at <= BEFORE ? 0 : wordStart(text, at - BEFORE);
  const end = Math.min(text.length, start + WINDOW);
  const shown = text.slice(start, end);
  const pieces: { text: string; hit: boolean }[] = [];
  let done = 0;
  for (const match of matchesOf(shown, terms)) {
    if (match.end <= done) continue;
    const from = Math.max(match.at, done);
    if (from > done) pieces.push({ text: shown.slice(done, from), hit: false });
    pieces.push({ text: shown.slice(from, match.end), hit: true });
    done = match.end;
  }
  if (done < shown.length) pieces.push({ text: shown.slice(done), hit: false });
  if (start > 0) pieces.unshift({ text: "…", hit: false });
  if (end < text.length) pieces.push({ text: "…", hit: false });
  return pieces;
}

/** Returns the next start of a word, if one is near. */
function wordStart(text: string, from: number): number {
  const space = text.slice(from, from + 20).search(/\s/);
  const start = space === -1 ? from : from + space + 1;
  // Do not split a surrogate pair.
  return /[\udc00-\udfff]/.test(text[start] ?? "") ? start - 1 : start;
}
