/** A text's words and its index terms agree. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { plainMatcher, type SearchText } from "../../lib/runs/search/text.ts";
import { indexTerms } from "../../lib/runs/search/tokens.ts";

const TEXTS: readonly SearchText[] = [
  { input: "Which banks are in Lyon?", metadata: "", result: "Three: BNP, LCL\nand CIC" },
  { input: "e-mail a_user it's 3rd x2y 1,234,567 v8", metadata: "team: search", result: "" },
  { input: "“quoted” – dashes… prices: 5 € ™ Ⓐbc", metadata: "", result: "done" },
  { input: `${"long".repeat(20)}tail`, metadata: "", result: "" },
  { input: "", metadata: "", result: "" },
];
const OTHERS: readonly string[] = ["café", "日本語", "soft\u00adhyphen", "ﬁle", "\u212aelvin", "ж"];
const BEGINNINGS = [
  ...["b", "ban", "banks", "banksy", "l", "lyon", "and", "cic", "e", "mail", "user", "it", "s"],
  ...["rd", "x", "y", "team", "search", "quoted", "dashes", "tm", "a", "bc", "abc", "d", "tail"],
  ..."longlonglonglonglonglong tail".split(" "),
];

Deno.test("a plain text has a word with a prefix if its terms have one", () => {
  for (const text of TEXTS) {
    const terms = indexTerms([text.input, text.metadata, text.result]);
    for (const beginning of BEGINNINGS) {
      const found = plainMatcher([beginning])!(text);
      const isIndexed = terms.some((term) => term.startsWith(beginning));
      assertStrictEquals(found, isIndexed, `${beginning} in ${text.input}`);
    }
  }
});

Deno.test("all prefixes must be in a text", () => {
  const [text] = TEXTS;
  assertEquals(
    [["ban", "cic"], ["ban", "zz"]].map((beginnings) => plainMatcher(beginnings)!(text!)),
    [true, false],
  );
});

Deno.test("texts with other letters, and prefixes with digits, are left to the terms", () => {
  for (const input of OTHERS) {
    assertStrictEquals(plainMatcher(["a"])!({ input, metadata: "", result: "" }), null, input);
  }
  for (const beginning of ["1", "v8", "é", "日本"]) {
    assertStrictEquals(plainMatcher(["a", beginning]), null, beginning);
  }
});
