/**
 * A word as a search compares it: without case, accents, width, vowel marks of Arabic and Hebrew, and
 * whatever nobody sees. By the platform's own Unicode and collation data. Pure.
 */

/** A folded word, and where each UTF-16 unit of it comes from. */
export interface Folded {
  readonly text: string;
  /** In the word as it was written; `null`: unit for unit. */
  readonly spans: {
    readonly starts: readonly number[];
    readonly ends: readonly number[];
  } | null;
}

const ASCII = /^\p{ASCII}*$/u;
/** Scripts without accents, or whose accents are parts of their characters. */
const UNACCENTED =
  /^[\p{ASCII}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]*$/u;

/**
 * A character with what belongs to it: marks, the voicing of half-width kana, what nobody sees. Jamo,
 * which become syllables together, are taken together.
 */
const CLUSTER = /[\u1100-\u11ff]+|[^][\p{M}\p{DI}\uff9e\uff9f]*/gu;

/**
 * Accents of alphabets, the vowel and reading marks of Arabic, Hebrew and Syriac, the stretched line of
 * Arabic, and what nobody sees, such as soft hyphens. Marks of other scripts stay: without them か would
 * be が, and a vowel of Hindi nothing.
 */
const IGNORED =
  /[\p{DI}\u0640\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]|(?=\p{Mn})[\p{scx=Arab}\p{scx=Hebr}\p{scx=Syrc}]/gu;
const NO_WORD = /[^\p{L}\p{N}\p{M}]/gu;
const OTHER_DIGIT = /(?!\d)\p{Nd}/u;

/** Compares letters without regard to anything but which letter they are (CLDR's root collation). */
const LETTERS = new Intl.Collator("und", { sensitivity: "base" });

/** What Unicode does not decompose although it is a variant of plain letters: ł, ø, đ, æ, œ. */
const VARIANTS: ReadonlyMap<string, string> = new Map(variants());

function* variants(): Generator<[string, string]> {
  const plain = [..."abcdefghijklmnopqrstuvwxyz", "ae", "oe"];
  // Latin-1 Supplement, Latin Extended-A and -B.
  for (let code = 0x80; code <= 0x24f; code++) {
    const letter = String.fromCharCode(code);
    if (letter !== letter.toLowerCase() || !/\p{Ll}/u.test(letter)) continue;
    const same = plain.find((each) => LETTERS.compare(letter, each) === 0);
    if (same !== undefined && letter.normalize("NFKD") === letter) yield [letter, same];
  }
}

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
    // By way of the upper case: ß is ss, the final ς is σ, and the dotless ı is i. The capital ẞ is ß first.
    for (const letter of character.toLowerCase().toUpperCase()) {
      const lower = letter.toLowerCase();
      folded += VARIANTS.get(lower) ?? lower;
    }
  }
  return folded.replace(NO_WORD, "").replace(OTHER_DIGIT, digitOf);
}

/** The digit as 0 to 9, whatever the script. */
function digitOf(digit: string): string {
  for (let value = 0; value <= 9; value++) {
    if (LETTERS.compare(digit, String(value)) === 0) return String(value);
  }
  return digit;
}
