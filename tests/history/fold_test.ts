/** The folding tables match the collation data. */
import { assert, assertEquals } from "@std/assert";
import { fold } from "../../lib/runs/search/fold.ts";

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
