import { assertStrictEquals } from "@std/assert";
import { readCookie, sessionCookieName, setCookie } from "../../lib/accounts/cookie.ts";

Deno.test("the cookie is host-locked and Secure over https, but not over http", () => {
  const secure = setCookie(sessionCookieName(true), "v", { secure: true, maxAgeSeconds: 60 });
  assertStrictEquals(
    secure,
    "__Host-taskstream=v; Secure; HttpOnly; Max-Age=60; SameSite=Lax; Path=/",
  );
  const plain = setCookie(sessionCookieName(false), "v", { secure: false, maxAgeSeconds: 60 });
  assertStrictEquals(plain, "taskstream=v; HttpOnly; Max-Age=60; SameSite=Lax; Path=/");
});

for (
  const [header, value] of [
    ["taskstream=a.b", "a.b"],
    ["x=1; taskstream=a", "a"],
    ["xtaskstream=no; taskstream=yes", "yes"],
    // Browsers send the one with the longest path first: ours, for the whole site, comes last.
    ["taskstream=first; taskstream=second", "second"],
    ["=x; taskstream=a", null],
    ["theme=dark; =", null],
    ["taskstream=a=b==", "a=b=="],
    ["taskstream", null],
    ["", null],
  ] as const
) {
  Deno.test(`the cookie header ${JSON.stringify(header)} contains ${value}`, () => {
    assertStrictEquals(readCookie(new Headers({ cookie: header }), "taskstream"), value);
  });
}
