/**
 * Words as a search compares them. Pure.
 *
 * Case, accents and width make no difference. Scripts that are written without spaces are cut into
 * pairs of characters, each overlapping the next, so that any two characters can be found.
 */

/** Longest term (UTF-16 units): what goes on after that is seldom typed. */
const TERM_LENGTH = 24;

const WORDS = /[\p{L}\p{N}\p{M}]+/gu;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;
/** Accents of alphabets. Marks of other scripts stay: without them か would be が. */
const ACCENTS = /[\u0300-\u036f]/g;
const PLAIN = /^\p{ASCII}*$/u;

/** The text without case, accents and width. */
export function fold(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return text.normalize("NFKD").replace(ACCENTS, "").normalize("NFC").toLowerCase();
}

/** A piece of a word in one way of writing, where it stands in the text. */
export interface Piece {
  readonly at: number;
  readonly length: number;
  /** Folded. */
  readonly text: string;
  readonly unspaced: boolean;
}

/** The pieces of a text in order. */
export function* piecesOf(text: string): Generator<Piece> {
  for (const { 0: word, index } of text.matchAll(WORDS)) {
    if (PLAIN.test(word)) {
      yield { at: index, length: word.length, text: word.toLowerCase(), unspaced: false };
      continue;
    }
    let end = 0;
    for (const { 0: run, index: start } of word.matchAll(UNSPACED)) {
      if (start > end) yield piece(word.slice(end, start), index + end, false);
      yield piece(run, index + start, true);
      end = start + run.length;
    }
    if (end < word.length) yield piece(word.slice(end), index + end, false);
  }
}

function piece(text: string, at: number, unspaced: boolean): Piece {
  return { at, length: text.length, text: fold(text), unspaced };
}

/** The terms under which a piece can be found. */
export function termsOf({ text, unspaced }: Piece): string[] {
  if (!unspaced) return [text.slice(0, TERM_LENGTH)];
  const characters = [...text];
  // The last character by itself: it begins no pair.
  return characters.map((character, index) => character + (characters[index + 1] ?? ""));
}

/** The different terms of a text in order, at most `limit`. */
export function indexTerms(texts: readonly string[], limit: number): string[] {
  const terms = new Set<string>();
  for (const text of texts) {
    for (const each of piecesOf(text)) {
      for (const term of termsOf(each)) {
        if (terms.size >= limit) return [...terms];
        terms.add(term);
      }
    }
  }
  return [...terms];
}

/** Most terms of a search; what is typed beyond them is left out. */
const QUERY_TERMS = 8;

/** What a search asks for: runs with a term that begins with each of these. */
export function queryTerms(query: string): string[] {
  const terms = new Set<string>();
  for (const each of piecesOf(query)) {
    const own = termsOf(each);
    // The single last character would only repeat the pair before it.
    for (const term of each.unspaced && own.length > 1 ? own.slice(0, -1) : own) terms.add(term);
  }
  return [...terms].slice(0, QUERY_TERMS);
}
