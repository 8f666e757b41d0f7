/**
 * Folds a word for comparison: removes case, accents, width, Arabic and Hebrew vowel marks, and
 * invisible characters. Uses the platform's Unicode data. Pure.
 */

/** A folded word, and the origin of each of its UTF-16 units. */
export interface Folded {
  readonly text: string;
  /** Positions in the original word. `null`: unit for unit. */
  readonly spans: {
    readonly starts: readonly number[];
    readonly ends: readonly number[];
  } | null;
}

const ASCII = /^\p{ASCII}*$/u;
/** Scripts without accents, or whose accents are part of their characters. */
const UNACCENTED =
  /^[\p{ASCII}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]*$/u;

/**
 * A character with what belongs to it: marks, the voicing of half-width kana, invisible characters.
 * Jamo, which combine into syllables, are taken together.
 */
const CLUSTER = /[\u1100-\u11ff]+|[^][\p{M}\p{DI}\uff9e\uff9f]*/gu;

/**
 * Accents of alphabets, the vowel and reading marks of Arabic, Hebrew and Syriac, the Arabic tatweel,
 * invisible characters such as soft hyphens, and the nukta of Indian scripts, which many leave out. Other marks
 * of other scripts stay: without them か would equal
 * が, and a Hindi vowel would vanish.
 */
const IGNORED =
  /[\p{DI}\u0640\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u093c\u09bc\u0a3c\u0abc\u0b3c\u0c3c\u0cbc]|(?=\p{Mn})[\p{scx=Arab}\p{scx=Hebr}\p{scx=Syrc}]/gu;
const NO_WORD = /[^\p{L}\p{N}\p{M}]/gu;
const DIGIT = /^\p{Nd}$/u;
const OTHER_DIGIT = /(?!\d)\p{Nd}/u;

/** Letters of languages that write Arabic script, by the Arabic letter that they collate as (CLDR's `fa`). */
const ARABIC = Object.entries({ ك: "کڪګڬڭڮ", ه: "ةھہۂۃە", ي: "ىیۍێېۑےۓ" });

/**
 * Letters that Unicode does not decompose and collation (CLDR's root) does not tell from these. A collator
 * would take 10 ms of each start; a test compares the two.
 */
const VARIANTS: ReadonlyMap<string, string> = new Map([
  ["æ", "ae"],
  ["ð", "d"],
  ["ø", "o"],
  ["đ", "d"],
  ["ħ", "h"],
  ["ł", "l"],
  ["œ", "oe"],
  // Of its own in collation, but written so outside of Iceland: Þór, Thor.
  ["þ", "th"],
  ["ٱ", "ا"],
  ...ARABIC.flatMap(([plain, others]) => [...others].map((other) => [other, plain] as const)),
]);

/** Folds a word. */
export function fold(word: string): Folded {
  if (ASCII.test(word)) return { text: word.toLowerCase(), spans: null };
  if (UNACCENTED.test(word) && word.normalize("NFKC") === word) {
    return { text: word.toLowerCase(), spans: null };
  }
  const starts: number[] = [], ends: number[] = [];
  let text = "";
  for (const { 0: cluster, index } of word.matchAll(CLUSTER)) {
    const folded = foldCluster(cluster);
    for (let unit = 0; unit < folded.length; unit++) {
      starts.push(index);
      ends.push(index + cluster.length);
    }
    text += folded;
  }
  return { text, spans: { starts, ends } };
}

function foldCluster(cluster: string): string {
  const bare = cluster.normalize("NFKD").replace(IGNORED, "").normalize("NFC");
  let folded = "";
  for (const character of bare) {
    // Convert via upper case: ß becomes ss, final ς becomes σ, and dotless ı becomes i. Capital ẞ
    // becomes ß first.
    for (const letter of character.toLowerCase().toUpperCase()) {
      const lower = letter.toLowerCase();
      folded += VARIANTS.get(lower) ?? lower;
    }
  }
  return folded.replace(NO_WORD, "").replace(OTHER_DIGIT, digitOf);
}

/** Returns the digit as 0 to 9, in any script: Unicode has each script's digits in a row, from 0 to 9. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (DIGIT.test(String.fromCodePoint(code - before - 1))) before++;
  return String(before % 10);
}
