/** Made-up text whose words are as unevenly common as those of a language. Deterministic. */

const VOCABULARY = 8_000;

const ONSETS = [
  "b",
  "br",
  "c",
  "cl",
  "d",
  "f",
  "g",
  "gr",
  "h",
  "k",
  "l",
  "m",
  "n",
  "p",
  "pr",
  "r",
  "s",
  "st",
  "t",
  "tr",
  "v",
  "w",
];
const VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "io", "ou"];
const CODAS = ["", "l", "m", "n", "nd", "r", "rt", "s", "st", "t"];

/** The word of a rank; 0 is the most common. */
export function wordOf(rank: number): string {
  let word = "", rest = rank + 7;
  const take = (from: readonly string[]) => {
    word += from[rest % from.length];
    rest = Math.floor(rest / from.length);
  };
  do {
    take(ONSETS);
    take(VOWELS);
    take(CODAS);
  } while (rest > 0);
  return word;
}

/** The words of a run's text, by its index: rank r comes up about as often as 1/r (Zipf). */
export function words(index: number, count: number): string[] {
  let state = index * 2_654_435_761 + 12_345;
  return Array.from({ length: count }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5 | 0;
    const random = ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
    return wordOf(Math.floor(VOCABULARY ** random) - 1);
  });
}
