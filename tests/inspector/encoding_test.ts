/** Real captures: how shells, proxies and browsers save a stream. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { deflateSync, gzipSync } from "node:zlib";
import { decoded } from "../../routes/inspect/(_parts)/encoding.ts";
import { Bench, settle } from "./bench.ts";

const STREAM = "event: note\r\ndata: é日😀\r\n\r\n";
const MOST = 1 << 20;
const utf8 = (text: string) => new TextEncoder().encode(text);

/** UTF-16 in either order, with or without its mark. */
function utf16(text: string, order: "le" | "be", mark = true): Uint8Array<ArrayBuffer> {
  const units = [...(mark ? "\uFEFF" : "")].concat(text.split(""));
  return Uint8Array.from(units.flatMap((unit) => {
    const code = unit.charCodeAt(0);
    const pair = [code & 255, code >> 8];
    return order === "le" ? pair : pair.reverse();
  }));
}

const READ: readonly (readonly [what: string, bytes: Uint8Array, note: RegExp | null])[] = [
  ["UTF-8", utf8(STREAM), null],
  ["UTF-16 of PowerShell", utf16(STREAM, "le"), /UTF-16.*PowerShell/],
  ["UTF-16, big end first", utf16(STREAM, "be"), /UTF-16/],
  ["UTF-16 without its mark", utf16(STREAM, "le", false), /UTF-16/],
  ["UTF-16, big end first, without its mark", utf16(STREAM, "be", false), /UTF-16/],
  [
    "UTF-16 of curl.exe -i",
    utf16(`HTTP/1.1 200 OK\r\n\r\n${STREAM}`, "le"),
    /UTF-16.*headers before it/,
  ],
  ["gzip", gzipSync(STREAM), /compressed \(gzip\)\.$/],
  ["deflate", deflateSync(STREAM), /compressed \(deflate\)/],
  ["gzip within gzip", gzipSync(gzipSync(STREAM)), /gzip.*gzip/],
  ["UTF-16 within gzip", gzipSync(utf16(STREAM, "le")), /gzip.*UTF-16/],
  ["what curl -i writes", utf8(`HTTP/1.1 200 OK\r\na: b\r\n\r\n${STREAM}`), /headers/],
  [
    "what curl -iL writes after a redirect",
    utf8(`HTTP/2 302\nlocation: /x\n\nHTTP/2 200\n\n${STREAM}`),
    /headers/,
  ],
];

for (const [what, bytes, note] of READ) {
  Deno.test(`${what} is read${note ? ", with a note" : ""}`, async () => {
    const read = await decoded(Uint8Array.from(bytes), MOST);
    assert(read.ok);
    assertStrictEquals(new TextDecoder().decode(read.bytes), STREAM);
    if (note === null) assertStrictEquals(read.note, null);
    else assertMatch(read.note ?? "", note);
  });

  Deno.test(`the page shows ${what} without losing a line`, async () => {
    const { inspection } = new Bench();
    await inspection.readFile(new File([Uint8Array.from(bytes)], "capture.txt"));
    await settle();
    assertStrictEquals(inspection.problem, null);
    assertEquals(inspection.blocks.map(({ data }) => data), ["é日😀"]);
    assertStrictEquals(inspection.tally.lost, 0);
    assertStrictEquals(inspection.note === null, note === null);
  });
}

for (
  const [what, bytes, problem] of [
    ["UTF-32", [0xff, 0xfe, 0, 0, 0x64, 0, 0, 0], /UTF-32/],
    ["a ZIP file", [0x50, 0x4b, 3, 4, 0], /ZIP/],
    ["Zstandard", [0x28, 0xb5, 0x2f, 0xfd, 0], /Zstandard/],
    ["a packet capture", [0x0a, 0x0d, 0x0d, 0x0a, 0], /packet/],
    ["an image", [0x89, 0x50, 0x4e, 0x47], /image/],
    ["gzip that is none", [0x1f, 0x8b, 1, 2, 3], /cannot be decompressed/],
  ] as const
) {
  Deno.test(`${what} is rejected with one sentence that names it`, async () => {
    const { inspection } = new Bench();
    await inspection.readFile(new File([Uint8Array.from(bytes)], "capture.bin"));
    assertMatch(inspection.problem ?? "", problem);
    assertStrictEquals(inspection.blocks.length, 0);
  });
}

Deno.test("compressed data that ends in the middle shows what arrived", async () => {
  const many = Array.from({ length: 2000 }, (_, n) => `data: ${n} ${n * n}\n\n`).join("");
  const whole = gzipSync(many);
  const read = await decoded(Uint8Array.from(whole.subarray(0, whole.length / 2)), MOST);
  assert(read.ok);
  assert(read.bytes.length > 100 && many.startsWith(new TextDecoder().decode(read.bytes)));
  assertMatch(read.note ?? "", /ends in the middle/);
});

Deno.test("compressed data is unpacked only up to the limit", async () => {
  const bomb = Uint8Array.from(gzipSync(new Uint8Array(64 << 20)));
  const read = await decoded(bomb, 1 << 20);
  assert(read.ok && read.bytes.length < 16 << 20, "no further than a chunk past the limit");
});

const har = (...contents: unknown[]) =>
  JSON.stringify({
    log: {
      version: "1.2",
      entries: contents.map((content, n) => ({
        request: { method: "GET", url: `https://h/${n}` },
        response: { status: 200, content },
      })),
    },
  });
const streamContent = (text: string) => ({ mimeType: "text/event-stream; charset=utf-8", text });

for (
  const [what, text, data, note] of [
    ["one stream", har({ mimeType: "text/html", text: "<p>" }, streamContent("data: 1\n\n")), [
      "1",
    ], /https:\/\/h\/1\.$/],
    [
      "several",
      har(streamContent("data: 1\n\n"), streamContent("data: 2\n\n")),
      ["2"],
      /last of 2/,
    ],
    [
      "one in base64",
      har({ mimeType: "text/event-stream", encoding: "base64", text: btoa("data: 1\n\n") }),
      ["1"],
      /HAR/,
    ],
  ] as const
) {
  Deno.test(`a HAR file with ${what} is read`, async () => {
    const { inspection } = new Bench();
    await inspection.readText(text);
    assertStrictEquals(inspection.problem, null);
    assertEquals<unknown>(inspection.blocks.map((block) => block.data), data);
    assertMatch(inspection.note ?? "", note);
  });
}

for (
  const [what, text, problem] of [
    ["a HAR file without a stream", har({ mimeType: "text/html", text: "<p>" }), /no event stream/],
    ["a HAR file without bodies", har({ mimeType: "text/event-stream" }), /without its body/],
    [
      "a HAR file with broken base64",
      har({ mimeType: "text/event-stream", encoding: "base64", text: "%" }),
      /without its body/,
    ],
    ["a list of payloads", '[{"candidates":[]}]', /^Event 1 is neither/],
  ] as const
) {
  Deno.test(`${what} is rejected with one sentence`, async () => {
    const { inspection } = new Bench();
    await inspection.readText(text);
    assertMatch(inspection.problem ?? "", problem);
  });
}

Deno.test("notes about one capture are not shown for the next", async () => {
  const { inspection } = new Bench();
  await inspection.readText(`HTTP/1.1 200 OK\n\n${STREAM}`);
  assert(inspection.note);
  await inspection.readText(STREAM);
  assertStrictEquals(inspection.note, null);
});

Deno.test("UTF-16 without a byte order mark is detected by the name of the first field", async () => {
  for (const text of ["data: 日本語です\n\n", "id: 日本\ndata: x\n\n"]) {
    for (const order of ["le", "be"] as const) {
      const read = await decoded(utf16(text, order, false), MOST);
      assert(read.ok);
      assertStrictEquals(new TextDecoder().decode(read.bytes), text);
    }
  }
});
