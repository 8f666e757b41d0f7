/** What SECURITY.md says is so. */
import { assert, assertMatch, assertNotEquals } from "@std/assert";
import { join } from "node:path";
import { PAYLOADS as PATHS } from "../proxy/payloads.ts";
import { REDIRECTS } from "./redirects.ts";
import { PAYLOADS } from "./xss_payloads.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const text = await Deno.readTextFile(join(ROOT, "SECURITY.md"));

Deno.test("every file that SECURITY.md names is there", async () => {
  const named = [...text.matchAll(/`((?:lib|tests)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
  assert(named.length > 30, `${named.length}`);
  for (const path of named) assert((await Deno.stat(join(ROOT, path))).isFile, path);
});

Deno.test("the counts that SECURITY.md gives are those of the tests", () => {
  assertMatch(text, new RegExp(`\\b${REDIRECTS.length} payloads in nine places`));
  assertMatch(text, new RegExp(`\\b${PAYLOADS.length} payloads through every field`));
  assertMatch(text, new RegExp(`\\b${PATHS.length} path tricks`));
});

Deno.test("every threat has a defence and a test", () => {
  const rows = text.split("\n").filter((line) => /^\|(?! ?-| Asset)/.test(line));
  assert(rows.length >= 12, `${rows.length}`);
  for (const row of rows) {
    const [, asset, attack, defence, test] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
    for (const cell of [asset, attack, defence]) assertNotEquals(cell, "", row);
    assertMatch(test ?? "", /`tests\/[^`]+_test\.ts`/, row);
  }
});
