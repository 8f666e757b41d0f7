import { assert, assertMatch, assertNotMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { parse } from "content-disposition";
import fc from "fast-check";
import { withApp } from "../app/test_app.ts";
import { attachment, fileName } from "../../lib/base/http.ts";

const NAMES: readonly [stem: string, name: string][] = [
  ["GDP of France", "GDP of France.csv"],
  ["Größe der Städte", "Größe der Städte.csv"],
  ["東京の人口", "東京の人口.csv"],
  ["../../etc/passwd", "etc passwd.csv"],
  ["..\\..\\windows\\system32", "windows system32.csv"],
  ["/etc/passwd", "etc passwd.csv"],
  ["C:\\autoexec", "C autoexec.csv"],
  ["%2e%2e%2fetc", "2e 2e 2fetc.csv"],
  [".bashrc", "bashrc.csv"],
  ["-rf x", "rf x.csv"],
  ["~/x", "x.csv"],
  ["what?*|<now>", "what now.csv"],
  ['a"; filename="evil.exe', "a ; filename= evil.exe.csv"],
  ["a\r\nSet-Cookie: x=1", "a Set-Cookie x=1.csv"],
  ["a\0b", "ab.csv"],
  ["a\u202ecod.exe", "acod.exe.csv"],
  ["zero\u200bwidth\ufeff", "zerowidth.csv"],
  ["$(rm -rf) `id`", "(rm -rf) id.csv"],
  ["dots...", "dots.csv"],
  ["nul", "nul file.csv"],
  ["CON.txt", "CON txt file.csv"],
  ["com1", "com1 file.csv"],
  ["console", "console.csv"],
  ["\ud800", "\ufffd.csv"],
  ["", "taskstream.csv"],
  [" . ./ ", "taskstream.csv"],
  ["\u200b\u202e\u200d", "taskstream.csv"],
];

for (const [stem, name] of NAMES) {
  Deno.test(`a file called ${JSON.stringify(stem)} is saved as ${JSON.stringify(name)}`, () => {
    assertStrictEquals(fileName(stem, "csv"), name);
    assertStrictEquals(parse(attachment(stem, "csv")).parameters.filename, name);
  });
}

Deno.test("plain names are sent as they are, and others also in RFC 8187 form", () => {
  assertStrictEquals(attachment("report", "md"), "attachment; filename=report.md");
  assertMatch(attachment("Größe 東京", "md"), /^attachment; filename="[^"]+"; filename\*=UTF-8''/);
});

Deno.test("a long name keeps its extension and whole characters", () => {
  const family = "👨‍👩‍👧‍👦";
  const name = fileName(family.repeat(40), "ndjson");
  assert(new TextEncoder().encode(name).byteLength <= 130);
  assertMatch(name, /\.ndjson$/);
  assertStrictEquals(fileName("x".repeat(5000), "csv").length, 124);
  assertStrictEquals(name, `${family.repeat(4)}.ndjson`);
});

Deno.test("no file name can split the header or form a path", () => {
  let tried = 0;
  const hostile = fc.string({ unit: "binary", maxLength: 80 });
  const nasty = fc.array(
    fc.constantFrom(
      "..",
      "/",
      "\\",
      "\r\n",
      '"',
      "'",
      "%",
      ";",
      "\0",
      "\u202e",
      "nul",
      ".",
      " ",
      "é",
    ),
  ).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(hostile, nasty), (stem) => {
      tried++;
      const header = attachment(stem, "csv");
      assertNotMatch(header, /[^\x20-\x7e\xa0-\xff]/);
      new Headers({ "content-disposition": header });
      const { type, parameters } = parse(header);
      assertStrictEquals(type, "attachment");
      const name = parameters.filename ?? "";
      assertStrictEquals(name, fileName(stem, "csv"));
      assert(!/[/\\]/.test(name) && !name.startsWith(".") && name.endsWith(".csv"), name);
      assert(new TextEncoder().encode(name).byteLength <= 140, name);
    }),
    { numRuns: 700, seed: 4711 },
  );
  assert(tried >= 700);
});

Deno.test("an invalid extension is a programming error", () => {
  for (const extension of ["", "../x", "csv;x", "CSV", "a.b"]) {
    assertThrows(() => fileName("x", extension), TypeError);
  }
});

/** Separators and invisible characters, without the joiners of scripts and emoji. */
const UNSAFE = /[\/\\"<>\|?*:[[\p{Cc}\p{Cf}]--[\u200c\u200d]]]/v;

Deno.test("exports of runs with hostile titles are downloads with a plain name", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    for (const [stem] of NAMES) {
      if (stem.trim() === "" || !stem.isWellFormed()) continue;
      const runId = await browser.createTask({ input: `${stem} x` });
      for (const part of ["report.md", "table.csv", "trace.ndjson"]) {
        const response = await browser.fetch(`/tasks/${runId}/${part}`);
        await response.body?.cancel();
        if (response.status === 404 || response.status === 409) continue;
        assertStrictEquals(response.status, 200, `${part} of ${stem}`);
        const { type, parameters } = parse(response.headers.get("content-disposition") ?? "");
        assertStrictEquals(type, "attachment", stem);
        assertNotMatch(parameters.filename ?? "/", UNSAFE, stem);
        assert(parameters.filename?.endsWith(part.slice(part.indexOf("."))), stem);
        assertNotMatch(response.headers.get("content-type") ?? "", /html|svg|xml/);
      }
    }
  }));
