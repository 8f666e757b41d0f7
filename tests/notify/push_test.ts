/** Web Push: RFC 8291's own example, VAPID, and a push endpoint on loopback that decrypts. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { encryptNotification } from "@block65/webcrypto-web-push";
import { jwtVerify } from "jose";
import { Keyring } from "../../lib/accounts/keyring.ts";
import { pushRequest, readSubscription, vapidKeys } from "../../lib/notify/push.ts";
import { keys } from "../../lib/notify/store.ts";
import { Committer } from "../../lib/store/committer.ts";
import { instantKv } from "../campaign/memory_kv.ts";
import { decrypt, makeBrowser } from "./push_browser.ts";

const bytes = (text: string) => Uint8Array.fromBase64(text, { alphabet: "base64url" });

/** RFC 8291, section 5 and appendix A. */
const RFC = {
  plaintext: "When I grow up, I want to be a watermelon",
  body:
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz" +
    "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
  salt: "DGv6ra1nlYgDCS1FRnbzlw",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
  receiver: {
    public:
      "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    private: "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94",
  },
  sender: {
    public:
      "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
    private: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
  },
};

/** A pair of keys from their base64url forms. */
async function pairOf({ public: raw, private: d }: { public: string; private: string }) {
  const point = bytes(raw);
  const [x, y] = [point.slice(1, 33), point.slice(33)].map((part) =>
    part.toBase64({ alphabet: "base64url", omitPadding: true })
  );
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const jwk = { kty: "EC", crv: "P-256", x: x!, y: y!, ext: true };
  return {
    publicKey: await crypto.subtle.importKey("jwk", jwk, curve, true, []),
    privateKey: await crypto.subtle.importKey("jwk", { ...jwk, d }, curve, true, ["deriveBits"]),
  };
}

Deno.test("RFC 8291's example is encrypted to the RFC's bytes", async () => {
  const sender = await pairOf(RFC.sender);
  using _salt = stub(crypto, "getRandomValues", (array) => {
    if (array instanceof Uint8Array) array.set(bytes(RFC.salt));
    return array;
  });
  using _keys = stub(crypto.subtle, "generateKey", () => Promise.resolve(sender) as never);
  const body = await encryptNotification(
    {
      endpoint: "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
      expirationTime: null,
      keys: { p256dh: RFC.receiver.public, auth: RFC.auth },
    },
    new TextEncoder().encode(RFC.plaintext),
    { pad: false },
  );
  assertStrictEquals(body.toBase64({ alphabet: "base64url", omitPadding: true }), RFC.body);
});

Deno.test("the tests' receiver decrypts RFC 8291's example", async () => {
  const { privateKey } = await pairOf(RFC.receiver);
  const receiver = { privateKey, publicBytes: bytes(RFC.receiver.public), auth: bytes(RFC.auth) };
  assertStrictEquals(await decrypt(bytes(RFC.body), receiver), RFC.plaintext);
});

async function context() {
  const kv = instantKv();
  return { kv, committer: new Committer(kv), keyring: await Keyring.from(["s".repeat(32)]) };
}

Deno.test("the instance's keys are created once, even by two processes, and stored sealed", async () => {
  const made = await context();
  const other = { ...made, committer: new Committer(made.kv) };
  const [one, two] = await Promise.all([vapidKeys(made), vapidKeys(other)]);
  assertEquals(one, two);
  assertEquals(await vapidKeys(made), one);
  const stored = JSON.stringify((await made.kv.get(keys.vapid())).value);
  assert(stored.includes(one.public) && !stored.includes(one.private));
  // After a change of the secret, the old private key cannot be opened.
  const keyring = await Keyring.from(["t".repeat(32)]);
  const anew = await vapidKeys({ ...made, keyring });
  assert(anew.public !== one.public);
  assertEquals(await vapidKeys({ ...made, keyring }), anew);
});

Deno.test("a browser can decrypt its message, and the push service can verify the sender", async () => {
  const vapid = await vapidKeys(await context());
  const browser = await makeBrowser("https://push.example.net/push/abc");
  const secret = readSubscription(JSON.stringify(browser.subscription));
  assert(secret !== null);
  const text = JSON.stringify({ title: "Fertig: Straße \u{1F600}" });
  const request = await pushRequest(text, secret, {
    vapid,
    contact: "mailto:operator@example.com",
    urgent: true,
  });
  assertStrictEquals(await decrypt(request.body, browser), text);
  assertEquals(
    [request.headers["content-encoding"], request.headers.ttl, request.headers.urgency],
    [
      "aes128gcm",
      "86400",
      "high",
    ],
  );
  // All messages have one length: the push service cannot tell them apart by it.
  assertStrictEquals(request.body.byteLength, 4096);
  const [, token = "", key = ""] =
    /^vapid t=(\S+), k=(\S+)$/.exec(request.headers.authorization!) ?? [];
  assertStrictEquals(key, vapid.public);
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const verifier = await crypto.subtle.importKey("raw", bytes(key), algorithm, true, ["verify"]);
  const { payload } = await jwtVerify(token, verifier, { audience: "https://push.example.net" });
  assertStrictEquals(payload.sub, "mailto:operator@example.com");
  assert(payload.exp! - Date.now() / 1000 <= 24 * 3600, "RFC 8292 allows a day");
});

const NO_SUBSCRIPTIONS: readonly unknown[] = [
  null,
  "text",
  {},
  { endpoint: "https://push.example.net/" },
  { endpoint: "https://push.example.net/", keys: { p256dh: "AAAA", auth: RFC.auth } },
  { endpoint: "https://push.example.net/", keys: { p256dh: RFC.receiver.public, auth: "AAAA" } },
  { endpoint: 7, keys: { p256dh: RFC.receiver.public, auth: RFC.auth } },
  { endpoint: "https://push.example.net/", keys: { p256dh: "%%%", auth: RFC.auth } },
];

for (const value of NO_SUBSCRIPTIONS) {
  Deno.test(`${JSON.stringify(value)} is not a valid subscription`, () => {
    assertStrictEquals(readSubscription(JSON.stringify(value)), null);
  });
}

Deno.test("text that is not JSON is not a valid subscription", () => {
  assertStrictEquals(readSubscription("{"), null);
  assertMatch(RFC.body, /^DGv6/);
});
