import { assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { signWebhook, verifyWebhook } from "../../lib/parallel/webhooks.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MESSAGE = {
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: "1614265330",
  body: '{"test": 2432232314}',
};
const NOW = 1_614_265_330_000;
const STANDARD = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const LEGACY = "v1,TcxlhK9b6UD6iVI1ZU2tTqp8PEVfYRseNNfa6b+LcUg=";

Deno.test("the reference vector of Standard Webhooks is signed exactly", async () => {
  assertStrictEquals(await signWebhook(SECRET, MESSAGE), STANDARD);
});

Deno.test("the legacy key is the whole text of the secret", async () => {
  assertStrictEquals(await signWebhook(SECRET, MESSAGE, "legacy"), LEGACY);
});

const headersOf = (signature: string, more: Record<string, string> = {}) =>
  new Headers({
    "webhook-id": MESSAGE.id,
    "webhook-timestamp": MESSAGE.timestamp,
    "webhook-signature": signature,
    ...more,
  });
const verify = (headers: Headers, more: { body?: string; now?: number; secret?: string } = {}) =>
  verifyWebhook({ secret: SECRET, headers, body: MESSAGE.body, now: NOW, ...more });

for (
  const [name, list] of [
    ["a standard signature", STANDARD],
    ["a legacy signature", LEGACY],
    ["one of several signatures", `v1,AAAA v2,xyz ${STANDARD}`],
  ] as const
) {
  Deno.test(`${name} is genuine`, async () => {
    assertEquals(await verify(headersOf(list)), { ok: true });
    const bytes = new TextEncoder().encode(MESSAGE.body);
    const result = await verifyWebhook({
      secret: SECRET,
      headers: headersOf(list),
      body: bytes,
      now: NOW,
    });
    assertEquals(result, { ok: true });
  });
}

const REFUSED: readonly (readonly [string, Headers, Parameters<typeof verify>[1], string])[] = [
  ["another body", headersOf(STANDARD), { body: "{}" }, "signature"],
  ["another id", headersOf(STANDARD, { "webhook-id": "msg_2" }), {}, "signature"],
  ["another secret", headersOf(STANDARD), { secret: "whsec_AAAA" }, "signature"],
  ["an empty secret", headersOf(STANDARD), { secret: "" }, "signature"],
  ["a secret that is no base64", headersOf(STANDARD), { secret: "whsec_%%%" }, "signature"],
  ["a cut signature", headersOf(STANDARD.slice(0, -8)), {}, "signature"],
  ["a signature that is no base64", headersOf("v1,%%%"), {}, "signature"],
  ["no version", headersOf(STANDARD.slice(3)), {}, "signature"],
  ["a delivery of six minutes ago", headersOf(STANDARD), { now: NOW + 360_000 }, "timestamp"],
  ["a delivery from the future", headersOf(STANDARD), { now: NOW - 360_000 }, "timestamp"],
  [
    "a timestamp that is none",
    headersOf(STANDARD, { "webhook-timestamp": "now" }),
    {},
    "timestamp",
  ],
  ["no headers", new Headers(), {}, "missing"],
];
for (const [name, headers, more, reason] of REFUSED) {
  Deno.test(`${name} is rejected: ${reason}`, async () => {
    assertEquals<unknown>(await verify(headers, more), { ok: false, reason });
  });
}

Deno.test("many signatures cost no more than ten", async () => {
  assertEquals(await verify(headersOf(`${"v1,AAAA ".repeat(10)}${STANDARD}`)), {
    ok: false,
    reason: "signature",
  });
});

Deno.test("signing with a secret that is not base64 fails with a message", async () => {
  assertMatch(String(await assertRejects(() => signWebhook("whsec_%%%", MESSAGE))), /not base64/);
});
