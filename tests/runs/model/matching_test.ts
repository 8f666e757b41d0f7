/** A search in a trace finds what a search in the list of tasks finds. */
import { assertEquals } from "@std/assert";
import { matching } from "../../../lib/runs/model/mod.ts";

const SAID = [
  "Die Großstraße in Łódź",
  "Population: 1,234,567",
  "ＲＥre\u00adsearch: ﾃﾞｰﾀ",
  "مُحَمَّد",
  "A “quoted” line\nand ü",
];

/** The message of each event as `JSON.stringify` writes it, and with every character escaped. */
const WRITTEN: Readonly<Record<string, (text: string) => string>> = {
  "as it is": JSON.stringify,
  "escaped": (text) =>
    `"${
      Array.from({ length: text.length }, (_, at) =>
        `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")
    }"`,
};

const FINDS: readonly (readonly [find: string, at: readonly number[]])[] = [
  ["grossstrasse", [0]],
  ["lodz", [0]],
  ["1234567", [1]],
  ["1.234.567", [1]],
  ["reresearch: データ", [2]],
  ["محمد", [3]],
  ['"QUOTED" line', [4]],
  ["“QUOTED” line", [4]],
  ["PROGRESS_MSG", [0, 1, 2, 3, 4]],
  ["nothing", []],
];

for (const [how, write] of Object.entries(WRITTEN)) {
  Deno.test(`a trace is searched in any spelling, its texts ${how}`, () => {
    const type = "task_run.progress_msg.plan";
    const events = SAID.map((text, at) => ({
      id: at,
      received_ms: null,
      type,
      data: `{"message":${write(text)}}`,
    }));
    for (const [find, at] of FINDS) {
      assertEquals(events.filter(matching(find)).map(({ id }) => id), [...at], find);
    }
  });
}
