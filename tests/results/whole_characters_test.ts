/** Texts of strangers are cut between characters: half of a pair is shown as a black diamond. */
import { assert } from "@std/assert";
import { cut } from "../../lib/base/mod.ts";
import { trimValue } from "../../lib/results/mod.ts";

/** Every limit ends once in the middle of a pair. */
const TEXTS = ["😀".repeat(200), "x" + "😀".repeat(200)];

for (
  const [name, cutAt] of [
    ["a text of a page", (text: string, at: number) => cut(text, at)],
    [
      "a text of a result",
      (text: string, at: number) => trimValue(text, { values: 10, chars: at }).value,
    ],
    [
      "a member of a result",
      (text: string, at: number) => trimValue([text], { values: 10, chars: at }).value,
    ],
  ] as const
) {
  Deno.test(`${name} is cut between whole characters`, () => {
    for (const text of TEXTS) {
      for (let at = 1; at < 40; at++) {
        const shown = JSON.stringify(cutAt(text, at));
        assert(!/\\ud[89a-f]/i.test(shown), `${at}: ${shown}`);
      }
    }
  });
}
