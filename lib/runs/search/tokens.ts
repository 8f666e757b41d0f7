/**
 * Splits a text into index terms, and a query into search terms. Pure.
 *
 * Scripts without spaces are cut into overlapping pairs of characters, so that any two characters can be
 * found. A grouped number, such as 1,234,567, is one term in addition to its groups.
 */
import { fold, type Folded } from "../../base/mod.ts";

/** The longest term (UTF-16 units): longer words are seldom typed in full, and KV's keys are bounded. */
const TERM_LENGTH = 24;

/**
 * A word, including invisible characters inside it: soft hyphens, joiners. The symbols are words in one
 * character: squares (㌔, ㈱, ㎏), and radicals, which PDFs have in the place of characters (⼈). An apostrophe ends
 * a word, also one that is a letter to Unicode, as in мʼята and Oʻzbekiston: many write ' and ’ there.
 */
const WORDS =
  /[¼-¾⅐-⅟↉]|[[\p{L}\p{N}\p{M}\u2e80-\u2fd5\u3200-\u33ff]--[ʹ-ʿˈˮꞋꞌ¼-¾⅐-⅟↉]][[\p{L}\p{N}\p{M}\p{DI}\u2e80-\u2fd5\u3200-\u33ff]--[ʹ-ʿˈˮꞋꞌ¼-¾⅐-⅟↉]]*/gv;
/** `½`, whose numbers are the words 1 and 2, as those of 1/2. Never part of a word: 2½ is not 212. */
const FRACTION = /[¼-¾⅐-⅟↉]/u;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;

/** A character with its marks: a Thai vowel alone appears in half of all words. */
const CHARACTER = /[^]\p{M}*/gu;
/** Scripts where a pair of characters takes no following marks. */
const UNMARKED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]+$/u;

/**
 * Digits in groups, as written in any language: the last group has three. At most 32 groups: a list of numbers
 * would be read to its end from each of its numbers.
 */
const GROUPED =
  /(?<!\p{Nd})\p{Nd}{1,3}([.,'’\u00a0\u2009\u202f\u066c， _])(?:\p{Nd}{2,3}\1){0,30}\p{Nd}{3}(?!\p{Nd})/uy;

/** A piece of text that is compared as a unit. */
export interface Piece {
  /** Folded. */
  readonly text: string;
  readonly kind: "word" | "unspaced" | "number";
  /** Its position in the text, or that of the word that `spans` refers to: see {@linkcode rangeOf}. */
  readonly at: number;
  readonly spans: Folded["spans"];
}

/** Returns the text position of a part of a piece's folded text. */
export function rangeOf(
  { at, spans }: Piece,
  from: number,
  to: number,
): { readonly at: number; readonly end: number } {
  if (spans === null) return { at: at + from, end: at + to };
  return { at: at + (spans.starts[from] ?? 0), end: at + (spans.ends[to - 1] ?? 0) };
}

/** Returns the pieces of a text in order. A grouped number precedes its groups. */
export function* piecesOf(text: string): Generator<Piece> {
  let grouped = 0;
  for (const { 0: word, index } of text.matchAll(WORDS)) {
    if (index >= grouped && /^\p{Nd}/u.test(word)) {
      GROUPED.lastIndex = index;
      const found = GROUPED.exec(text)?.[0];
      if (found !== undefined) {
        grouped = index + found.length;
        yield numberOf(found, index);
      }
    }
    if (FRACTION.test(word)) yield* numbersOf(word, index);
    else yield* piecesOfWord(word, index);
  }
}

function* numbersOf(fraction: string, at: number): Generator<Piece> {
  for (const [text] of fraction.normalize("NFKD").matchAll(/\d+/g)) {
    const starts = Array<number>(text.length).fill(0);
    yield { text, kind: "word", at, spans: { starts, ends: starts.map(() => fraction.length) } };
  }
}

function* piecesOfWord(word: string, at: number): Generator<Piece> {
  const { text, spans } = fold(word);
  const piece = (from: number, to: number, kind: Piece["kind"]): Piece => ({
    text: text.slice(from, to),
    kind,
    at: spans === null ? at + from : at,
    spans: spans === null ? null : {
      starts: spans.starts.slice(from, to),
      ends: spans.ends.slice(from, to),
    },
  });
  let end = 0;
  for (const { 0: run, index } of text.matchAll(UNSPACED)) {
    if (index > end) yield piece(end, index, "word");
    end = index + run.length;
    yield piece(index, end, "unspaced");
  }
  if (end < text.length) yield piece(end, text.length, "word");
}

/** A grouped number without its separators. */
function numberOf(found: string, at: number): Piece {
  const starts: number[] = [], ends: number[] = [];
  let text = "";
  for (const { 0: digit, index } of found.matchAll(/\p{Nd}/gu)) {
    starts.push(index);
    ends.push(index + digit.length);
    text += fold(digit).text;
  }
  return { text, kind: "number", at, spans: { starts, ends } };
}

/** The terms that find a piece. */
export function termsOf({ text, kind }: Piece): string[] {
  if (kind !== "unspaced") return [text.slice(0, TERM_LENGTH)];
  const characters = text.match(CHARACTER) ?? [];
  // Add the last character by itself: it starts no pair. A character may have any number of marks.
  return characters.map((character, index) =>
    (character + (characters[index + 1] ?? "")).slice(0, TERM_LENGTH)
  );
}

/** Returns the distinct terms of texts, sorted by code units. */
export function indexTerms(texts: readonly string[]): string[] {
  const terms = new Set<string>();
  for (const text of texts) {
    for (const piece of piecesOf(text)) for (const term of termsOf(piece)) terms.add(term);
  }
  return [...terms].toSorted((a, b) => a < b ? -1 : 1);
}

/** A search term: matches terms that start with it, or only this exact term. */
export interface QueryTerm {
  readonly text: string;
  /** A pair of characters: no longer term starts with it. */
  readonly whole: boolean;
}

/** Groups separated by one space alone: two may be two numbers, three are one. */
const SPACED_PAIR = /^\p{Nd}+ \p{Nd}+$/u;

/** Returns the distinct terms of a query, in order. */
export function queryTerms(query: string): QueryTerm[] {
  const terms = new Map<string, QueryTerm>();
  let numberEnd = 0;
  for (const piece of piecesOf(query)) {
    const { at, end } = rangeOf(piece, 0, piece.text.length);
    if (piece.kind === "number") {
      if (SPACED_PAIR.test(query.slice(at, end))) continue;
      numberEnd = end;
      // Its groups add nothing to the number.
    } else if (at < numberEnd) continue;
    const own = termsOf(piece);
    const paired = piece.kind === "unspaced" && own.length > 1;
    // The single last character would only repeat the pair before it.
    for (const text of paired ? own.slice(0, -1) : own) {
      terms.set(text, { text, whole: paired && UNMARKED.test(text) });
    }
  }
  return [...terms.values()];
}
