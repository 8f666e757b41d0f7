/** The claims of docs/design/security.md. */
import { assert, assertMatch, assertNotEquals, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { PAYLOADS as PATHS } from "../proxy/payloads.ts";
import { REDIRECTS } from "./redirects.ts";
import { PAYLOADS } from "./xss_payloads.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const text = await Deno.readTextFile(join(ROOT, "docs", "design", "security.md"));

Deno.test("every file that the security page names exists", async () => {
  const named = [...text.matchAll(/`((?:lib|tests)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
  assert(named.length > 30, `${named.length}`);
  for (const path of named) assert((await Deno.stat(join(ROOT, path))).isFile, path);
});

Deno.test("the counts on the security page match the tests", () => {
  const flat = text.replace(/\s+/g, " ");
  assertMatch(flat, new RegExp(`\\b${REDIRECTS.length} payloads in nine places`));
  assertMatch(flat, new RegExp(`\\b${PAYLOADS.length} payloads through every field`));
  assertMatch(flat, new RegExp(`\\b${PATHS.length} path tricks`));
});

Deno.test("every threat has a defence and a test", () => {
  const [, threats = ""] = text.split("\n## Threats\n");
  const sections = threats.split("\n## ")[0]!.split("\n### ").slice(1);
  assert(sections.length > 30, `${sections.length}`);
  for (const section of sections) {
    const cells = section.split(/\n- \*\*(?:Attack|Defence|Tests):\*\* /).map((cell) =>
      cell.trim()
    );
    assertStrictEquals(cells.length, 4, section);
    for (const cell of cells) assertNotEquals(cell, "", section);
    assertMatch(cells[3]!, /`tests\/[^`]+_test\.ts`/, section);
  }
});
