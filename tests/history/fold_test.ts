/** The folding tables match the collation data. */
import { assert, assertEquals } from "@std/assert";
import { fold } from "../../lib/runs/search/fold.ts";
import { indexTerms, queryTerms } from "../../lib/runs/search/tokens.ts";

const LETTERS = new Intl.Collator("und", { sensitivity: "base" });

Deno.test("a letter that collates as a plain letter is found by it", () => {
  const plain = [..."abcdefghijklmnopqrstuvwxyz", "ae", "oe"];
  let compared = 0;
  // Latin-1 Supplement, Latin Extended-A and -B.
  for (let code = 0x80; code <= 0x24f; code++) {
    const letter = String.fromCharCode(code);
    if (!/\p{Ll}/u.test(letter)) continue;
    const same = plain.find((each) => LETTERS.compare(letter, each) === 0);
    if (same === undefined) continue;
    compared++;
    assertEquals(fold(letter).text, same, letter);
  }
  assert(compared > 100);
});

Deno.test("the digits 0 to 9 find digits of any script", () => {
  let compared = 0;
  for (let code = 0x80; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const digit = String.fromCodePoint(code);
    if (!/\p{Nd}/u.test(digit)) continue;
    compared++;
    const value = [..."0123456789"].find((each) => LETTERS.compare(digit, each) === 0);
    if (value !== undefined) assertEquals(fold(digit).text, value, code.toString(16));
  }
  assert(compared > 600);
});

Deno.test("a letter of Arabic script is found by the Arabic letter that it collates as in Persian", () => {
  const persian = new Intl.Collator("fa", { sensitivity: "base" });
  const plain = [..."ابتثجحخدذرزسشصضطظعغفقكلمنهوي"];
  let compared = 0;
  for (let code = 0x620; code < 0x700; code++) {
    const letter = String.fromCharCode(code);
    const same = plain.find((each) => persian.compare(letter, each) === 0);
    if (!/\p{Lo}/u.test(letter) || same === undefined) continue;
    compared++;
    assertEquals(fold(letter).text, same, code.toString(16));
  }
  assert(compared > 45);
});

Deno.test("a letter is found without its nukta, as it collates", () => {
  let compared = 0;
  for (let code = 0x900; code < 0xd00; code++) {
    const letter = String.fromCharCode(code);
    const [plain = "", mark = "", ...others] = letter.normalize("NFD");
    if (!/\p{Lo}/u.test(plain) || !/\p{Mn}/u.test(mark) || others.length > 0) continue;
    if (LETTERS.compare(letter, plain) !== 0) continue;
    compared++;
    assertEquals([fold(letter).text, fold(plain + mark).text], [plain, plain], letter);
  }
  assert(compared > 15);
});

/** A text, and queries that find it. */
const FINDS: readonly (readonly [string, readonly string[]])[] = [
  ["क़लम की ख़बर", ["कलम", "क\u093cलम", "खबर"]],
  ["ज़िंदगी", ["जिंदगी"]],
  ["ਸ਼ਹਿਰ", ["ਸਹਿਰ"]],
  ["کتاب فارسی", ["كتاب", "فارسي", "فارسى", "ﮐﺘﺎﺏ"]],
  ["كتاب فارسي", ["کتاب", "فارسی"]],
  ["ہندوستان", ["هندوستان"]],
  ["مدرسة", ["مدرسه"]],
  ["Þórður Þorsteinsson", ["thordur", "Thorsteinsson", "þorst"]],
  ["Thor", ["Þór"]],
  ["重さ5㌔の箱", ["キロ", "5キロ", "㌔", "ｷﾛ"]],
  ["㈱東京 ㍿大阪", ["株", "東京", "株式会社"]],
  ["12㎏ 30㎡", ["12kg", "30m2"]],
  ["⽇本の⼈⼝", ["日本", "人口"]],
];
Deno.test("a text is found in the spellings of its language", () => {
  for (const [text, queries] of FINDS) {
    const terms = indexTerms([text]);
    for (const query of queries) {
      const wanted = queryTerms(query);
      assert(wanted.length > 0, query);
      for (const { text: term, whole } of wanted) {
        assert(
          terms.some((each) => whole ? each === term : each.startsWith(term)),
          `${query} in ${text}: ${term} in ${terms.join(" ")}`,
        );
      }
    }
  }
});
