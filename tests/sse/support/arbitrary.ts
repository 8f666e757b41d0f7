import fc from "fast-check";

/** Building blocks of streams that are likely to meet at bad positions. */
const SCRAPS = [
  "data: ",
  "data:",
  "data",
  "event: ",
  "event:",
  "event",
  "id: ",
  "id:",
  "id",
  "retry: ",
  "retry:",
  ":",
  ": ",
  " ",
  "\n",
  "\r",
  "\r\n",
  "\n\n",
  "\r\r",
  "\r\n\r\n",
  "\uFEFF",
  "\0",
  "é",
  "€",
  "😀",
  "0",
  "42",
  "x",
  "dat",
  "even",
  "evenx: 1",
  "\t",
  "\ud83d",
  "\ude00",
  "constructor: 1",
];

/** A stream as text; lone surrogates are left out because no bytes spell them. */
export const streamText = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...SCRAPS) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  ),
  { maxLength: 60 },
).map((scraps) => scraps.join("").toWellFormed());

const BYTES = [
  [0xEF, 0xBB, 0xBF],
  [0xEF, 0xBB],
  [0xEF],
  [0xFF],
  [0x80],
  [0xC3],
  [0xE2, 0x82],
  [0xF0, 0x9F, 0x98],
  [0xED, 0xA0, 0x80],
  [0xC0, 0x8A],
  [0xF8],
  [13],
  [10],
  [13, 10],
];

/** A stream as bytes, broken UTF-8 included. */
export const streamBytes = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: streamText.map((text) => [...new TextEncoder().encode(text)]) },
    { weight: 4, arbitrary: fc.constantFrom(...BYTES) },
    { weight: 1, arbitrary: fc.array(fc.nat(255), { maxLength: 6 }) },
  ),
  { maxLength: 12 },
).map((parts) => Uint8Array.from(parts.flat()));

/** Places to cut something at, as parts of its length. */
export const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

export const places = (length: number, parts: readonly number[]) =>
  parts.map((part) => Math.floor(part * length));

/** Text for data: anything a string can be that bytes can spell. */
export const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(fc.constantFrom(...SCRAPS), { maxLength: 10 }).map((scraps) => scraps.join("")),
).map((text) => text.toWellFormed());
