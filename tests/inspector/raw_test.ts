/** Bytes in readable form. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { hexDump, rawLines, visible } from "../../routes/inspect/(_parts)/raw.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("each line has its position, line end and meaning", () => {
  const lines = rawLines(encode("data: x\r\n: c\rfoo\n\nlast"), 100);
  assertEquals(lines.map(({ at, text, ending }) => [at, text, ending]), [
    [100, "data: x", "CRLF"],
    [109, ": c", "CR"],
    [113, "foo", "LF"],
    [117, "", "LF"],
    [118, "last", "none"],
  ]);
  assertEquals(
    lines.map(({ meaning }) => meaning?.kind === "field" ? meaning.rule : meaning?.kind),
    [
      null,
      "comment",
      "no-colon",
      undefined,
      "no-colon",
    ],
  );
});

Deno.test("a byte order mark is shown, and ignored only at the very start", () => {
  const ruleAt = (from: number) => {
    const [line] = rawLines(encode("\uFEFFdata: x\n"), from);
    assertStrictEquals(visible(line?.text ?? ""), "[U+FEFF]data: x");
    return line?.meaning?.kind === "field" ? line.meaning.rule : null;
  };
  assertStrictEquals(ruleAt(0), null);
  assertStrictEquals(ruleAt(9), "bom-inside");
});

Deno.test("invisible characters are shown by number", () => {
  assertStrictEquals(visible("a\0b\x1b\x7f\u0085\té"), "a[U+0000]b[U+001B][U+007F][U+0085]\té");
});

Deno.test("the hex dump has offsets, sixteen bytes per row and the printable characters", () => {
  assertStrictEquals(
    hexDump(encode("data: 0123456789é\n"), 16),
    "00000010  64 61 74 61 3a 20 30 31 32 33 34 35 36 37 38 39  data: 0123456789\n" +
      "00000020  c3 a9 0a                                         ···",
  );
});
