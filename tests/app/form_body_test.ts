/** What a posted form may be. */
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { HttpError } from "fresh";
import { readForm } from "../../lib/form_body.ts";

const URL_ENCODED = "application/x-www-form-urlencoded";
const post = (type: string, body: BodyInit) =>
  new Request("http://localhost/tasks", {
    method: "POST",
    headers: { "content-type": type },
    body,
  });
const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const part = (text: string) =>
  `--B\r\nContent-Disposition: form-data; name="input"\r\n\r\n${text}\r\n--B--\r\n`;

const WRONG: readonly (readonly [what: string, request: () => Request, message: string])[] = [
  [
    "Windows-1252 bytes",
    () => post(URL_ENCODED, bytes("input=caf\xe9")),
    "This form is not UTF-8, so letters would be lost. Send it as UTF-8.",
  ],
  [
    "percent-encoded ISO-8859-1",
    () => post(`${URL_ENCODED}; charset=ISO-8859-1`, "input=caf%E9"),
    "This form is not UTF-8, so letters would be lost. Send it as UTF-8.",
  ],
  [
    "Shift_JIS in a part",
    () => post("multipart/form-data; boundary=B", bytes(part("\x93\xfa\x96\x7b"))),
    "This form is not UTF-8, so letters would be lost. Send it as UTF-8.",
  ],
  [
    "JSON",
    () => post("application/json; charset=utf-8", "{}"),
    "This page reads forms, not JSON. Programs send JSON to /api.",
  ],
  [
    "plain text",
    () => post("text/plain", "input=a"),
    "This request does not contain a form. Reload the page and try again.",
  ],
];

for (const [what, request, message] of WRONG) {
  Deno.test(`a form in ${what} is rejected with a sentence`, async () => {
    const error = await assertRejects(() => readForm(request()), HttpError);
    assertEquals([error.status, error.message], [400, message]);
  });
}

Deno.test("a form may contain replacement characters, and any label of a charset", async () => {
  for (
    const [type, body] of [
      [URL_ENCODED, "input=caf%C3%A9+%ef%bf%bd"],
      [URL_ENCODED, "input=café �"],
      [`${URL_ENCODED}; charset=ISO-8859-1`, "input=caf%C3%A9 �"],
      ["multipart/form-data; boundary=B", part("café �")],
    ] as const
  ) {
    assertStrictEquals((await readForm(post(type, body))).get("input"), "café �", body);
  }
});
