/**
 * Folds a word or a text for comparison: removes case, accents, width, Arabic and Hebrew vowel marks, and
 * invisible characters. Every search folds with it. Uses the platform's Unicode data. Pure.
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
 * A character with its marks, the voicing of half-width kana, and invisible characters. Jamo combine into
 * syllables, so a row of them is one cluster.
 */
const CLUSTER = /[\u1100-\u11ff]+|[^][\p{M}\p{DI}\uff9e\uff9f]*/gu;

/**
 * Accents of alphabets, the vowel and reading marks of Arabic, Hebrew and Syriac, the Arabic tatweel,
 * invisible characters such as soft hyphens, and the nukta of Indian scripts, which many people leave out. All
 * other marks stay: without them か would equal が, and a Hindi vowel would vanish.
 */
const IGNORED =
  /[\p{DI}\u0640\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u093c\u09bc\u0a3c\u0abc\u0b3c\u0c3c\u0cbc]|(?=\p{Mn})[\p{scx=Arab}\p{scx=Hebr}\p{scx=Syrc}]/gu;
const NO_WORD = /[^\p{L}\p{N}\p{M}]/gu;
const DIGIT = /^\p{Nd}$/u;
const OTHER_DIGIT = /(?!\d)\p{Nd}/u;

/** Letters of languages that write Arabic script, by the Arabic letter that they collate as (CLDR's `fa`). */
const ARABIC = Object.entries({ ك: "کڪګڬڭڮ", ه: "ةھہۂۃە", ي: "ىیۍێېۑےۓ" });

const pairs = (letters: string, plain: string) =>
  [...letters].map((letter, at) => [letter, plain[at]!] as const);

/**
 * Letters that Unicode does not decompose, and the letters that collation (CLDR's root) treats as equal. A test
 * compares the map with a collator, which would add 10 ms to each start.
 */
const VARIANTS: ReadonlyMap<string, string> = new Map([
  ["æ", "ae"],
  ["ð", "d"],
  ["ø", "o"],
  ["đ", "d"],
  ["ħ", "h"],
  ["ł", "l"],
  ["œ", "oe"],
  // Collation treats it as a separate letter, but outside Iceland it is written like this: Þór, Thor.
  ["þ", "th"],
  ["ٱ", "ا"],
  ["ґ", "г"],
  // Hebrew's final letters, like ς in Greek, and the ligatures of Yiddish.
  ...pairs("ךםןףץ", "כמנפצ"),
  ["װ", "וו"],
  ["ױ", "וי"],
  ["ײ", "יי"],
  // Letters of Malayalam without a vowel.
  ...pairs("ൺൻർൽൾൿൔൕൖ", "ണനരലളകമയഴ").map(([letter, plain]) => [letter, `${plain}്`] as const),
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
  return foldLetters(cluster).replace(NO_WORD, "").replace(OTHER_DIGIT, digitOf);
}

/** Like {@linkcode foldCluster}, but keeps punctuation and symbols, and digits of other scripts. */
function foldLetters(cluster: string): string {
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
  return folded;
}

/** Returns the digit as 0 to 9, in any script: Unicode has each script's digits in a row, from 0 to 9. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (DIGIT.test(String.fromCodePoint(code - before - 1))) before++;
  return String(before % 10);
}

/**
 * Every cluster that folding may change: not kana, Hangul syllables and the common Chinese characters. Short, so
 * that a text of marks alone takes linear time.
 */
const CHANGING =
  /[\u1100-\u11ff]{1,32}|[^][\p{M}\p{DI}\uff9e\uff9f]{1,32}|(?![\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff\uac00-\ud7a3])[^\p{ASCII}]/gu;
/** Digits in groups, once they are folded: see `GROUPED` in `lib/runs/search/tokens.ts`. */
const GROUPS = /(?<!\d)\d{1,3}([.,'\u066c _])(?:\d{2,3}\1){0,30}\d{3}(?!\d)/g;
const QUOTES = /[‘’‛ʼʻ׳]/g, DOUBLE_QUOTES = /[“”„‟״]/g, DASHES = /[‐-―−]/g;
/** The most clusters that one search remembers. */
const MAX_CLUSTERS = 10_000;

/**
 * Returns a function that tells whether a text contains all wanted texts, in any spelling of their letters and
 * numbers: `1,234` contains `1234`. Make one for each search, because it caches what it folds.
 */
export function containing(wanted: readonly string[]): (text: string) => boolean {
  const known = new Map<string, string>();
  const foldKnown = (cluster: string): string => {
    const found = known.get(cluster);
    if (found !== undefined) return found;
    const folded = foldLetters(cluster).replace(OTHER_DIGIT, digitOf)
      .replace(QUOTES, "'")
      .replace(DOUBLE_QUOTES, '"').replace(DASHES, "-");
    if (known.size < MAX_CLUSTERS) known.set(cluster, folded);
    return folded;
  };
  const foldLower = (lower: string, isAscii: boolean): string =>
    (isAscii ? lower : lower.replace(CHANGING, foldKnown))
      .replace(GROUPS, (number) => number.replace(/\D/g, ""));
  const all = wanted.map((text) => {
    const lower = text.toLowerCase();
    return { lower, folded: foldLower(lower, false).trim() };
  });
  const arePlain = all.every(({ lower, folded }) => lower === folded && !/\d/.test(lower));
  return (text) => {
    const lower = text.toLowerCase(), isAscii = ASCII.test(lower);
    // An exact match counts even if the folded form is part of a longer number.
    const left = all.filter((each) => !lower.includes(each.lower));
    if (left.length === 0 || (isAscii && arePlain)) return left.length === 0;
    const whole = foldLower(lower, isAscii);
    return left.every(({ folded }) => folded !== "" && whole.includes(folded));
  };
}
