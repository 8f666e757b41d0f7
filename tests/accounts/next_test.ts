import { assert, assertStrictEquals } from "@std/assert";
import { ownPath } from "../../lib/accounts/sign_in.ts";

const OWN = ["/", "/tasks", "/tasks/trun_1?x=1#e42", "/tasks?cursor=older.1.a", "/a/../tasks"];
const FOREIGN = [
  "",
  "tasks",
  "//evil.com",
  "///evil.com",
  "/\\evil.com",
  "\\\\evil.com",
  "/\t/evil.com",
  "/\n/evil.com",
  "https://evil.com",
  "http:evil.com",
  "javascript:alert(1)",
  "/.//evil.com",
  "/..//evil.com",
  "/x/..//evil.com",
  "/./\\evil.com",
  "/%2e//evil.com",
  " //evil.com",
  "/ /../\t/evil.com",
  "data:text/html,x",
];

for (const target of OWN) {
  Deno.test(`next ${JSON.stringify(target)} stays`, () => {
    const path = ownPath(target);
    assertStrictEquals(
      new URL(path, "http://app.example").href,
      new URL(target, "http://app.example").href,
    );
  });
}

for (const target of [...FOREIGN, null, undefined]) {
  Deno.test(`next ${JSON.stringify(target)} never leaves`, () => {
    const base = "http://app.example";
    const path = ownPath(target);
    assertStrictEquals(new URL(path, base).origin, base);
    assert(!/^\/[/\\]/.test(path), path);
  });
}
