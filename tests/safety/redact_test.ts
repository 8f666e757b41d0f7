import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { Keyring } from "../../lib/accounts/keyring.ts";
import { createLog, redactedLog } from "../../lib/base/log.ts";
import { Redactor, RequestSecrets } from "../../lib/redact.ts";

const KEY = "pk-canary-4711-secret";

const TEXTS: readonly [name: string, text: string, shown: string][] = [
  ["a known value", `API says: invalid key ${KEY}!`, "API says: invalid key [redacted]!"],
  ["twice", `${KEY}/${KEY}`, "[redacted]/[redacted]"],
  [
    "a key header in an object",
    `{"x-api-key": "abc123", n: 1}`,
    `{"x-api-key": "[redacted]", n: 1}`,
  ],
  ["a key header as an entry", `[ "X-Api-Key", "abc123" ]`, `[ "X-Api-Key", "[redacted]" ]`],
  ["a key header raw", "x-api-key: abc123\nhost: x", "x-api-key: [redacted]\nhost: x"],
  ["a bearer", "Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"],
  ["a cookie", "cookie: a=1; taskstream=xyz\nx: 1", "cookie: [redacted]\nx: 1"],
  ["a set cookie", `"set-cookie":"a=1; Path=/"`, `"set-cookie":"[redacted]"`],
  [
    "a webhook's signature",
    "got v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    "got [redacted]",
  ],
  ["a webhook's secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "[redacted]"],
  [
    "an OAuth answer",
    "/auth/callback?code=abc&state=def&x=1",
    "/auth/callback?code=[redacted]&state=[redacted]&x=1",
  ],
  ["a share link", "GET /s/AbCdEf0123456789_-x/events", "GET /s/[redacted]/events"],
  ["a sandbox key", `sandbox-${"0a".repeat(16)}`, "[redacted]"],
  [
    "ordinary words",
    "TypeError: x is not a function at /tasks/trun_1",
    "TypeError: x is not a function at /tasks/trun_1",
  ],
];

for (const [name, text, shown] of TEXTS) {
  Deno.test(`a log shows no secret: ${name}`, () => {
    assertStrictEquals(new Redactor([KEY, null]).redact(text), shown);
  });
}

Deno.test("keyring output is recognized by its format", async () => {
  const keyring = await Keyring.from(["a".repeat(32)]);
  const token = crypto.getRandomValues(new Uint8Array(24)).toBase64({ alphabet: "base64url" });
  const redactor = new Redactor();
  const signature = `${"s".repeat(41)}-`;
  const secrets = [
    await keyring.seal(KEY),
    await keyring.sign(token),
    await keyring.sign(`-${token.slice(1)}`),
    `${token}.${signature}-`,
    `${token}.-${signature}`,
  ];
  for (const secret of secrets) {
    assertStrictEquals(redactor.redact(`so ${secret} it is`), "so [redacted] it is");
    assertStrictEquals(redactor.redact(`{"t":"${secret}"}`), '{"t":"[redacted]"}');
  }
});

Deno.test("short values are not redacted, and the number of remembered ones is limited", () => {
  const redactor = new Redactor(["run"]);
  assertStrictEquals(redactor.redact("the run"), "the run");
  redactor.learn("first-secret");
  for (let n = 0; n < 1_000; n++) redactor.learn(`secret-number-${n}`);
  assertStrictEquals(redactor.redact("secret-number-999 first-secret"), "[redacted] first-secret");
});

Deno.test("a secret is found percent-encoded too, as in a path", () => {
  const key = "pk-canary+/=é";
  const path = `/tasks/${encodeURIComponent(key)}/x%20y`;
  assertStrictEquals(new Redactor([key]).redact(path), "/tasks/[redacted]/x%20y");
  assertStrictEquals(new Redactor().redact(path, [key]), "/tasks/[redacted]/x%20y");
});

const TWICE = (text: string) => encodeURIComponent(encodeURIComponent(text));
const EACH = (text: string, byte: (hex: string) => string) =>
  [...new TextEncoder().encode(text)].map((code) => `%${byte(code.toString(16).padStart(2, "0"))}`)
    .join("");

const ENCODED: readonly [name: string, key: string, encoded: string, shown?: string][] = [
  ["characters that need none", "pk-canary-4711", "pk%2Dcanary%2D4711"],
  ["lower-case digits", "pk/canary+4711é", "pk%2fcanary%2b4711%c3%a9"],
  ["every character", "pk-canary-4711", EACH("pk-canary-4711", (hex) => hex)],
  [
    "every character, in upper case",
    "pk-canary+/é",
    EACH("pk-canary+/é", (hex) => hex.toUpperCase()),
  ],
  ["twice", "pk-canary+/é4711", TWICE("pk-canary+/é4711")],
  ["twice, what needs none", "pk-canary-4711", "pk%252Dcanary%252d4711"],
  ["a key with escapes of its own", "pk-%41canary", "pk%2D%2541canary"],
  ["Latin-1", "pk-canary-é4711", "pk-canary-%E94711"],
  ["beside other text", "pk-canary-4711", "before-pk%2Dcanary-4711%20after"],
  ["beside an escape that is none", "pk-canary-4711", "100%25%zz%2pk%2Dcanary-4711"],
  ["a key with a slash", "pk-canary/4711", "pk%2Dcanary/4711", "[redacted] 500"],
];
for (const [name, key, encoded, shown] of ENCODED) {
  Deno.test(`a key is found however it is encoded: ${name}`, () => {
    for (const [before, after] of [["/tasks/", "/x%20y"], ["/x?y=1&key=", "&z=%41#a"]]) {
      assertStrictEquals(
        new Redactor().redact(`GET ${before}${encoded}${after} 500`, [key]),
        `GET ${shown ?? `${before}[redacted]${after} 500`}`,
      );
    }
  });
}

Deno.test("long texts with many escapes are searched in little time", () => {
  const values = Array.from({ length: 1_000 }, (_, n) => `secret-number-${n}`);
  const redactor = new Redactor(values);
  for (const text of ["%41".repeat(100_000), "%25".repeat(100_000), "a".repeat(1e6) + "%41"]) {
    assert(redactor.redact(text, ["pk-canary-4711"]).length < 8_010);
  }
});

Deno.test("a long text is redacted first, then cut between words, in little time", () => {
  const redactor = new Redactor([KEY]);
  const long = `${"word ".repeat(1_590)}${KEY} sandbox-${"0a".repeat(16)} ${
    "-eyJaaaaaaaa".repeat(1e5)
  }`;
  const shown = redactor.redact(long);
  assert(shown.length < 8_010, `${shown.length}`);
  assertMatch(shown, /word \[redacted\](?: \[redacted\])? …$/);
});

Deno.test("a log redacts its message and all its texts, and keeps numbers", () => {
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "json",
    write: (line) => lines.push(line),
    now: () => 0,
  });
  const redactor = new Redactor([KEY]);
  redactedLog(log, (text) => redactor.redact(text))("warn", `bad ${KEY}`, {
    stack: `Error: ${KEY}\n    at x`,
    status: 500,
    none: undefined,
  });
  assertEquals(lines.map((line) => JSON.parse(line)), [{
    time: "1970-01-01T00:00:00.000Z",
    level: "warn",
    message: "bad [redacted]",
    stack: "Error: [redacted]\n    at x",
    status: 500,
  }]);
});

const SENT: readonly [name: string, request: Request, values: readonly string[]][] = [
  ["a page", new Request("http://x/"), []],
  ["a page with a key", new Request("http://x/", { headers: { "x-api-key": KEY } }), [
    KEY,
    "added",
  ]],
  ["a token", new Request("http://x/", { headers: { authorization: `Bearer ${KEY}` } }), [
    KEY,
    "added",
  ]],
  ["a form", new Request("http://x/", { method: "POST" }), ["added"]],
];
for (const [name, request, values] of SENT) {
  Deno.test(`the keys of ${name} are known while it is handled, and to no other request`, async () => {
    const secrets = new RequestSecrets();
    const handle = (added: string) =>
      secrets.run(request, async () => {
        secrets.add(added);
        await Promise.resolve();
        return secrets.values();
      });
    // The first request loads what separates requests, the others find it loaded.
    for (let round = 0; round < 2; round++) {
      const [first, second] = await Promise.all([handle("added"), handle("other")]);
      assertEquals(first, values);
      assertEquals(second, values.map((value) => value === "added" ? "other" : value));
      assertEquals(secrets.values(), []);
    }
  });
}
