/** `@std/http/cookie`, `etag` and `status` as their documentation says, whatever they resolve to. */
import assert from "node:assert/strict";
import { type Cookie, getCookies, setCookie } from "@std/http/cookie";
import { eTag, ifNoneMatch } from "@std/http/etag";
import { STATUS_TEXT } from "@std/http/status";

const header = (cookie: Cookie) => {
  const headers = new Headers();
  setCookie(headers, cookie);
  return headers.get("set-cookie");
};

const SENT: readonly [cookie: Cookie, header: string | null][] = [
  [{ name: "a", value: "1" }, "a=1"],
  [{ name: "a", value: "" }, "a="],
  [{ name: "", value: "1" }, null],
  [{ name: "a", value: "1", secure: true, httpOnly: true }, "a=1; Secure; HttpOnly"],
  [{ name: "a", value: "1", partitioned: true }, "a=1; Partitioned"],
  [{ name: "a", value: "1", maxAge: 0 }, "a=1; Max-Age=0"],
  [{ name: "a", value: "1", maxAge: 1.5 }, "a=1"],
  [
    { name: "a", value: "1", maxAge: 2, domain: "x.example", sameSite: "Lax", path: "/p" },
    "a=1; Max-Age=2; Domain=x.example; SameSite=Lax; Path=/p",
  ],
  [
    { name: "a", value: "1", expires: new Date(0) },
    "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
  ],
  [{ name: "a", value: "1", expires: 1000 }, "a=1; Expires=Thu, 01 Jan 1970 00:00:01 GMT"],
  [{ name: "a", value: "1", unparsed: ["x=y", "z"] }, "a=1; x=y; z"],
  [{ name: "__Secure-a", value: "1" }, "__Secure-a=1; Secure"],
  [
    { name: "__Host-a", value: "1", path: "/p", domain: "x.example" },
    "__Host-a=1; Secure; Path=/",
  ],
];

for (const [cookie, expected] of SENT) {
  Deno.test(`a cookie is sent as ${expected}`, () => assert.equal(header({ ...cookie }), expected));
}

const REFUSED: readonly [name: string, cookie: Cookie, error: typeof Error][] = [
  ["a name with a space", { name: "a b", value: "" }, SyntaxError],
  ["a name with a separator", { name: "a;b", value: "" }, SyntaxError],
  ["a name with a line break", { name: "a\r\nb", value: "" }, SyntaxError],
  ["a value with a semicolon", { name: "a", value: "b; Path=/" }, SyntaxError],
  ["a value with a line break", { name: "a", value: "b\nc" }, SyntaxError],
  ["a value with a quote", { name: "a", value: '"b"' }, SyntaxError],
  ["a value that is not ASCII", { name: "a", value: "é" }, SyntaxError],
  ["a path with a semicolon", { name: "a", value: "", path: "/;x" }, SyntaxError],
  ["a path with a line break", { name: "a", value: "", path: "/\n" }, SyntaxError],
  ["a domain that ends in a dot", { name: "a", value: "", domain: "x." }, SyntaxError],
  ["a negative age", { name: "a", value: "", maxAge: -1 }, RangeError],
];

for (const [name, cookie, error] of REFUSED) {
  Deno.test(`no cookie can be made with ${name}`, () => {
    assert.throws(() => header({ ...cookie }), error);
  });
}

Deno.test("a response may set several cookies", () => {
  const headers = new Headers();
  setCookie(headers, { name: "a", value: "1" });
  setCookie(headers, { name: "b", value: "2" });
  assert.deepEqual(headers.getSetCookie(), ["a=1", "b=2"]);
});

const RECEIVED: readonly [header: string | null, cookies: Record<string, string>][] = [
  [null, {}],
  ["a=1", { a: "1" }],
  ["a=1; b=2", { a: "1", b: "2" }],
  ["a=1;b=2", { a: "1", b: "2" }],
  ["a=1; a=2", { a: "2" }],
  ["a=b=c==", { a: "b=c==" }],
  ["a", { a: "" }],
  ["__proto__=x", JSON.parse('{"__proto__": "x"}')],
];

for (const [cookie, expected] of RECEIVED) {
  Deno.test(`the cookie header ${cookie} is read`, () => {
    const cookies = getCookies(new Headers(cookie === null ? {} : { cookie }));
    assert.deepEqual({ ...cookies }, expected);
  });
}

Deno.test("a cookie header that starts with = is ignored", () => {
  assert.throws(() => getCookies(new Headers({ cookie: "=x" })), SyntaxError);
});

Deno.test("an entity tag consists of a length and the start of a digest", async () => {
  assert.equal(await eTag(""), '"0-47DEQpj8HBSa+/TImW+5JCeuQeR"');
  assert.equal(await eTag("hello"), '"5-LPJNul+wow4m6DsqxbninhsWHlw"');
  assert.equal(await eTag(new TextEncoder().encode("hello")), await eTag("hello"));
  assert.equal(await eTag("hello", { weak: true }), 'W/"5-LPJNul+wow4m6DsqxbninhsWHlw"');
  assert.match(await eTag("é"), /^"2-/);
  assert.notEqual(await eTag("hello", { algorithm: "SHA-1" }), await eTag("hello"));
});

const CONDITIONS: readonly [header: string | null, etag: string | undefined, send: boolean][] = [
  [null, '"a"', true],
  ["", '"a"', true],
  ['"a"', undefined, true],
  ['"a"', '"a"', false],
  ['W/"a"', '"a"', false],
  ['"a"', 'W/"a"', false],
  ['"b"', '"a"', true],
  ['"b", "a"', '"a"', false],
  ['"b" , W/"a"', '"a"', false],
  ["*", '"a"', false],
  [" * ", '"a"', false],
  ["a", '"a"', true],
];

for (const [value, etag, send] of CONDITIONS) {
  Deno.test(`If-None-Match: ${value} for ${etag}: ${send ? "send" : "not modified"}`, () => {
    assert.equal(ifNoneMatch(value, etag), send);
  });
}

Deno.test("status codes have their reason phrases", () => {
  assert.equal(STATUS_TEXT[200], "OK");
  assert.equal(STATUS_TEXT[404], "Not Found");
  assert.equal(STATUS_TEXT[413], "Content Too Large");
  assert.equal(STATUS_TEXT[422], "Unprocessable Entity");
  assert.equal(STATUS_TEXT[500], "Internal Server Error");
  assert.equal(Object.keys(STATUS_TEXT).length, 62);
});
