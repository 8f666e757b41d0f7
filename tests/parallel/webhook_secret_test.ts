import { assert, assertEquals, assertMatch } from "@std/assert";
import { readWebhookSecret } from "../../lib/parallel/webhook_secret.ts";
import { signWebhook, verifyWebhook } from "../../lib/parallel/webhooks.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/** 16 bytes: its base64 ends in padding. */
const PADDED = "whsec_+/8AAQIDBAUGBwgJCgsMDQ==";

const URL_SAFE = PADDED.replace("+", "-").replace("/", "_");

const READ: readonly (readonly [pasted: string, secret: string])[] = [
  [SECRET, SECRET],
  [`v1,${SECRET}`, SECRET],
  [`v1, ${SECRET}`, SECRET],
  [`V1,${SECRET}\r\n`, SECRET],
  [`  ${SECRET}\t`, SECRET],
  [`"${SECRET}"`, SECRET],
  [`'v1,${SECRET}'`, SECRET],
  [`v1,"${SECRET}"`, SECRET],
  [`“${SECRET}”`, SECRET],
  [`\`${SECRET}\``, SECRET],
  [`<${SECRET}>`, SECRET],
  [`${SECRET},`, SECRET],
  [`"${SECRET}";`, SECRET],
  [`\u200b${SECRET}\ufeff`, SECRET],
  [`\u00a0${SECRET}\u00a0`, SECRET],
  [`PARALLEL_WEBHOOK_SECRET=${SECRET}`, SECRET],
  [`export PARALLEL_WEBHOOK_SECRET="${SECRET}"`, SECRET],
  [`"webhook_secret": "${SECRET}",`, SECRET],
  [`webhook_secret: v1,${SECRET}`, SECRET],
  [`${SECRET}.`, SECRET],
  [`${SECRET}%`, SECRET],
  ["whsecret-of-an-older-kind", "whsecret-of-an-older-kind"],
  [PADDED, PADDED],
  [PADDED.replace(/=+$/, ""), PADDED],
  [`${PADDED}==`, PADDED],
  [URL_SAFE, URL_SAFE],
  [URL_SAFE.replace(/=+$/, ""), URL_SAFE],
  ["an-older-secret-of-any-text", "an-older-secret-of-any-text"],
  ["older+base64/secret==", "older+base64/secret=="],
];

for (const [pasted, secret] of READ) {
  Deno.test(`a webhook secret is read from ${JSON.stringify(pasted)}`, async () => {
    assertEquals(readWebhookSecret(pasted), { ok: true, secret });
    const now = Date.now();
    const message = { id: "msg_1", timestamp: `${Math.floor(now / 1000)}`, body: "{}" };
    const scheme = secret.startsWith("whsec_") ? "standard" : "legacy";
    const headers = new Headers({
      "webhook-id": message.id,
      "webhook-timestamp": message.timestamp,
      "webhook-signature": await signWebhook(secret, message, scheme),
    });
    const verified = await verifyWebhook({ secret, headers, body: "{}", now });
    assertEquals(verified, { ok: true }, "what was read verifies a delivery");
  });
}

Deno.test("an older account's key is its secret as it was issued: in any alphabet, padded or not", async () => {
  for (const issued of [SECRET, PADDED, URL_SAFE, PADDED.slice(0, -2), URL_SAFE.slice(0, -2)]) {
    const read = readWebhookSecret(issued);
    assert(read.ok);
    const now = Date.now();
    const message = { id: "msg_1", timestamp: `${Math.floor(now / 1000)}`, body: "{}" };
    const headers = new Headers({
      "webhook-id": message.id,
      "webhook-timestamp": message.timestamp,
      "webhook-signature": await signWebhook(issued, message, "legacy"),
    });
    const verified = await verifyWebhook({ secret: read.secret, headers, body: "{}", now });
    assertEquals(verified, { ok: true }, issued);
  }
});

const REFUSED: readonly (readonly [pasted: string, why: RegExp])[] = [
  ["", /^Enter the webhook secret/],
  [' "" ', /^Enter the webhook secret/],
  ["short", /16 to 512 characters/],
  ["whsec_", /cut off|letters, digits/],
  ["whsec_MfKQ9r8GK", /cut off/],
  [SECRET.replace("_", "-"), /start with whsec_/],
  [SECRET.replace("_", " "), /start with whsec_|no spaces/],
  ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwX", /cut off/],
  ["whsec_MfKQ9r8GKYqrTwjU…", /letters, digits/],
  ["whsec_MfKQ9r8GKY qrTwjUPD8ILPZIo2LaLaSw", /no spaces/],
  ["whsec_••••••••••••••••••••LaSw", /letters, digits/],
  [`${SECRET} ${SECRET}`, /several secrets/],
  [`${SECRET},${SECRET}`, /several secrets/],
  ["v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=", /signature of a delivery/],
  ["v1a,whpk_7kjz0yUlG0DJQpKzGMOZYMVdSBz2yhNRL3gJ9gqzQpI=", /asymmetric/],
  ["whsk_7kjz0yUlG0DJQpKzGMOZYMVdSBz2yhNRL3gJ9gqzQpI=", /asymmetric/],
  ["https://tasks.example.com/webhooks/parallel", /address/],
  [`my secret is ${SECRET}`, /no spaces/],
  ["a".repeat(513), /16 to 512 characters/],
  ["geheimnisß-geheimnis", /ASCII/],
];

for (const [pasted, why] of REFUSED) {
  Deno.test(`no webhook secret is read from ${JSON.stringify(pasted.slice(0, 60))}`, () => {
    const read = readWebhookSecret(pasted);
    assert(!read.ok);
    assertMatch(read.why, why);
    assert(pasted.length < 10 || !read.why.includes(pasted), "what was pasted is not repeated");
  });
}
