import { assertStrictEquals } from "@std/assert";
import { countWords } from "../../components/result/words.ts";

Deno.test("words are what stands between white space, of every kind", () => {
  for (let char = 0; char <= 0xffff; char++) {
    const text = `a${String.fromCharCode(char)}b`;
    assertStrictEquals(countWords(text), text.match(/\S+/g)?.length, char.toString(16));
  }
  for (const text of ["", " ", "a", " a ", "a\n\n b", "研究 の 結果", "\u3000\ufeff"]) {
    assertStrictEquals(countWords(text), text.match(/\S+/g)?.length ?? 0, text);
  }
});
