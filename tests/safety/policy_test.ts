import { assertEquals, assertStrictEquals } from "@std/assert";
import { sentPolicy } from "../../lib/middleware/security.ts";

const NONCE = "'nonce-0123456789abcdef0123456789abcdef'";

const POLICIES: readonly [name: string, policy: string | null, scripts: string][] = [
  [
    "a nonce is kept",
    `default-src 'none'; script-src ${NONCE} 'strict-dynamic'`,
    `script-src ${NONCE} 'strict-dynamic'`,
  ],
  ["none at all", null, "script-src 'none'"],
  ["Fresh's fallback", "script-src 'unsafe-inline' 'strict-dynamic'", "script-src 'none'"],
  ["a fallback beside a nonce", `script-src ${NONCE} 'unsafe-inline'`, "script-src 'none'"],
  ["by element too", `script-src ${NONCE}; script-src-elem 'unsafe-inline'`, "script-src 'none'"],
  ["a nonce that can be guessed", "script-src 'nonce-'", "script-src 'none'"],
  ["no word on scripts", "default-src 'self'", "script-src 'none'"],
];

for (const [name, policy, scripts] of POLICIES) {
  Deno.test(`scripts of a response: ${name}`, () => {
    const found = sentPolicy(policy, true).split("; ").filter((text) => text.startsWith("script"));
    assertEquals(found, [scripts]);
  });
}

Deno.test("only a page loaded over https upgrades its requests", () => {
  const policy = `script-src ${NONCE}; upgrade-insecure-requests`;
  assertStrictEquals(sentPolicy(policy, true), policy);
  assertStrictEquals(sentPolicy(policy, false), `script-src ${NONCE}`);
});
