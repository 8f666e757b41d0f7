/** The folding tables match the collation data. */
import { assert, assertEquals } from "@std/assert";
import { containing, fold } from "../../lib/base/fold.ts";
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

Deno.test("a letter of Hebrew, Ukrainian or Malayalam is found by the letters that it collates as", () => {
  const compared = [
    ...[..."ךםןףץ"].map((letter) => [letter, [..."כמנפצ"]] as const),
    ["ґ", ["г"]] as const,
    ...[..."װױײ"].map((letter) => [letter, ["וו", "וי", "יי"]] as const),
    ...[..."ൺൻർൽൾൿൔൕൖ"].map((letter) =>
      [letter, [..."ണനരലളകമയഴ"].map((plain) => `${plain}്`)] as const
    ),
  ];
  for (const [letter, plain] of compared) {
    const same = plain.find((each) => LETTERS.compare(letter, each) === 0);
    assertEquals(fold(letter).text, same, letter);
  }
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
  ["мʼята, обʼєднання", ["м'ята", "м’ята", "мʼята", "об'єднання"]],
  ["Oʻzbekiston, Hawaiʻi", ["O'zbekiston", "O‘zbekiston", "Hawai'i"]],
  ["O'zbekiston", ["Oʻzbekiston"]],
  ["ґрунт", ["грунт"]],
  ["грунт", ["ґрунт"]],
  ["מלכים שלומי", ["מלך", "שלום", "שָׁלוֹם"]],
  ["ײִדיש װאָס", ["יידיש", "ייִדיש", "וואס"]],
  ["അവൻ", ["അവന്\u200d", "അവന്"]],
  ["അവന്\u200d", ["അവൻ"]],
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

/** A text, what finds it, and what does not. */
const CONTAINS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["Große Straße", ["strasse", "STRASSE", "große", "grosse str"], ["strase"]],
  ["Łódź i Øresund", ["lodz", "oresund", "ŁÓDŹ", "Lodz I Ø"], ["lodzi"]],
  ["Diyarbakır IĞDIR", ["diyarbakir", "igdir", "DİYARBAKIR"], []],
  ["cafe\u0301 déjà", ["café", "CAFÉ", "cafe", "deja"], []],
  ["مُحَمَّد كتاب", ["محمد", "کتاب"], []],
  ["שָׁלוֹם", ["שלום"], []],
  ["ｶﾞｽ ﾊﾟﾘ", ["ガス", "パリ", "ﾊﾟﾘ"], ["カス", "ハリ"]],
  ["か", ["か"], ["が"]],
  ["ὁδός ΟΔΟΣ", ["οδοσ", "ΟΔΌΣ", "οδός"], []],
  ["re\u00adsearch co\u200boperate", ["research", "RESEARCH", "cooperate"], []],
  ["research", ["re\u00adsearch"], []],
  ["1,234,567 and 12.345", ["1234567", "1.234.567", "1’234’567", "1,234", "12345", "12,345"], [
    "123456712345",
  ]],
  ["1234567", ["1,234,567", "1\u202f234\u202f567", "١٢٣٤٥٦٧"], []],
  ["٣٤٥ ३४५", ["345"], []],
  ["don’t re‑use “it”", ["don't", "re-use"], []],
  ["C++ or C#", ["c++", "C#"], ["C--"]],
  ["a\u00a0b", ["a b"], []],
  ["“so” „so“ צה״ל צ׳ילי мʼята", ['"so"', 'צה"ל', "צ'ילי", "м'ята"], []],
  ['"so" צה"ל', ["“so”", "„so“", "צה״ל"], []],
  ["数据 東京", ["数据", "東京"], ["京東"]],
  ["x", [], ["\u200b+", "→", "xx"]],
];

Deno.test("a text contains another in any spelling", () => {
  for (const [text, found, missing] of CONTAINS) {
    for (const wanted of found) assert(containing([wanted])(text), `${wanted} in ${text}`);
    for (const wanted of missing) assert(!containing([wanted])(text), `${wanted} not in ${text}`);
  }
  assert(containing(["lodz", "12,345"])("Łódź: 12345"));
  assert(!containing(["lodz", "12,346"])("Łódź: 12345"));
});

Deno.test("a text of marks or groups of digits alone takes linear time", () => {
  for (const unit of ["\u0301\u0316", "\u00ad", "\u1100", "1,", "11,", "111,", "é", "\ud800"]) {
    assert(!containing(["needle 1"])(unit.repeat(300_000)));
  }
});
