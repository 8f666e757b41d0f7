/** A posted form is read in steps, with the platform's result. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { formData, FormError } from "../../lib/base/form.ts";
import { nextTurn } from "../../lib/base/paced.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const URL_ENCODED = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data; boundary=B";
const named = (name: string) => `--B\r\nContent-Disposition: form-data; ${name}\r\n`;
const END = "--B--\r\n";

const FORMS: readonly (readonly [type: string, body: string])[] = [
  [URL_ENCODED, ""],
  [URL_ENCODED, "a=1&b=%C3%A9+x&&=&c&d=%zz%e9%4&%EF%BB%BFx=\ufeff&a=2==&%26=%3d&"],
  ["Application/X-WWW-Form-urlencoded; charset=UTF-8", "a=\u2028é"],
  [MULTIPART, END],
  [MULTIPART, `${named('name="a"')}\r\nx\r\n${END}`],
  [MULTIPART, `${named('name="a"')}\r\n\r\n--B--`],
  [MULTIPART, `before\r\n${named('name="a"')}\r\nx\r\n\r\n--\r\n-B\r\n${END}`],
  ['multipart/form-data; boundary="B"', `${named("name=a")}\r\n\ufeffé\r\n${END}after`],
  [
    MULTIPART,
    `${named('name="é%22"; filename="é%22.csv"')}Content-Type: text/csv\r\n\r\na,b\r\n${END}`,
  ],
  [MULTIPART, `${named('name="a"; filename=""')}Content-Type: text/csv\r\n\r\n\r\n${END}`],
  [
    MULTIPART,
    `${named('name="a"')}\r\n1\r\n${named("")}\r\n2\r\n${named('name="a"')}\r\n3\r\n${END}`,
  ],
  [MULTIPART, `--B\r\n\r\nx\r\n${named('name="a"')}\r\n\r\n\r\n\r\n${END}`],
];

async function content(form: FormData) {
  const fields: unknown[] = [];
  for (const [name, value] of form) {
    fields.push(
      typeof value === "string"
        ? [name, value]
        : [name, value.name, value.type, await value.text()],
    );
  }
  return fields;
}

Deno.test("a form has the fields that the platform reads", async () => {
  for (const [type, body] of FORMS) {
    const headers = { "content-type": type };
    const expected = await new Response(encode(body), { headers }).formData();
    assertEquals(
      await content(await formData(encode(body), type, 100)),
      await content(expected),
      body,
    );
  }
});

Deno.test("random forms have the fields that the platform reads", async () => {
  const marks = ["\r", "\n", "\r\n", "-", "--", "B", "%", "41", "+", "&", "=", "é", "\r\n--", "x"];
  const random = () =>
    Array.from({ length: 12 }, () => marks[Math.random() * marks.length | 0]).join("");
  for (let n = 0; n < 300; n++) {
    const text = random();
    const form = new FormData();
    form.append("text", text);
    form.append(`x${n}`, new File([text], "a.csv", { type: "text/csv" }));
    for (
      const body of [form, new URLSearchParams([[random(), text], [random(), random()]]), text]
    ) {
      const sent = new Response(body);
      const type = typeof body === "string" ? URL_ENCODED : sent.headers.get("content-type") ?? "";
      const bytes = new Uint8Array(await sent.arrayBuffer());
      const expected = await new Response(bytes, { headers: { "content-type": type } }).formData();
      assertEquals(await content(await formData(bytes, type, 100)), await content(expected), text);
    }
  }
});

Deno.test("what is no whole form is rejected", async () => {
  const broken = [
    ["text/plain", "a=1"],
    ["", "a=1"],
    ["multipart/form-data", END],
    [MULTIPART, ""],
    [MULTIPART, `${named('name="a"')}\r\nx`],
    [MULTIPART, `${named('name="a"')}X: ${"x".repeat(9_000)}\r\n\r\nx\r\n${END}`],
  ] as const;
  for (const [type, body] of broken) {
    const error = await assertRejects(() => formData(encode(body), type, 100), FormError);
    assert(!error.hasTooMany, body);
  }
});

Deno.test("a form has at most so many fields", async () => {
  const part = `${named('name="a"')}\r\nx\r\n`;
  for (
    const [type, field, end] of [[URL_ENCODED, "a=x&", "a=x"], [MULTIPART, part, END]] as const
  ) {
    const form = await formData(
      encode(field.repeat(9) + (end === END ? field : "") + end),
      type,
      10,
    );
    assertStrictEquals([...form].length, 10);
    const many = encode(field.repeat(11) + end);
    assert((await assertRejects(() => formData(many, type, 10), FormError)).hasTooMany);
  }
  // Empty ones take time, too.
  await assertRejects(() => formData(encode("&".repeat(11)), URL_ENCODED, 10), FormError);
});

Deno.test("other work has its turn while a form of megabytes is read", async () => {
  const long = "some words,\r".repeat(250_000);
  const file = `${named('name="a"; filename="a.csv"')}\r\n${long}\r\n${END}`;
  for (const [type, body] of [[URL_ENCODED, `a=${long}`], [MULTIPART, file]] as const) {
    let now = 0, turns = 0, isOver = false;
    const read = formData(encode(body), type, 10, () => now += 10).finally(() => isOver = true);
    for (; !isOver; turns++) await nextTurn();
    assert(turns >= 25, `${type}: ${turns}`);
    assertStrictEquals([...await read].length, 1);
  }
});

Deno.test("a text field of any length is the one that was sent, after its byte order mark", async () => {
  const long = "a字é😀".repeat(100_000);
  const multipart = `${named('name="a"')}\r\n\ufeff${long}\r\n${END}`;
  assert((await formData(encode(multipart), MULTIPART, 10)).get("a") === long);
  const encoded = encode(`a=\ufeff${long}`);
  assert((await formData(encoded, URL_ENCODED, 10)).get("a") === `\ufeff${long}`);
});

Deno.test("headers of many parts are read in steps, and have a limit", async () => {
  const part = `${named('name="a"')}\r\nx\r\n`;
  // Each step has several turns of a millisecond.
  const parts = 500;
  let now = 0, turns = 0, isOver = false;
  const read = formData(encode(part.repeat(parts) + END), MULTIPART, 10_000, () => now += 10)
    .finally(() => isOver = true);
  for (; !isOver; turns++) await nextTurn();
  assertStrictEquals([...await read].length, parts);
  assert(turns >= parts + 10, `${turns}`);
  const long = `${named('name="a"')}X: ${";a=b".repeat(1_900)}\r\n\r\nx\r\n`;
  assertStrictEquals(
    [...await formData(encode(long.repeat(100) + END), MULTIPART, 1_000)].length,
    100,
  );
  const error = await assertRejects(
    () => formData(encode(long.repeat(200) + END), MULTIPART, 1_000),
    FormError,
  );
  assert(error.hasTooMany);
});
