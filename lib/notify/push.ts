/** Web Push: RFC 8291 encryption, and VAPID (RFC 8292) keys that are created once. */
import { type Keyring, SealError } from "../accounts/mod.ts";
import { isObject, readJson } from "../base/mod.ts";
import type { Committer } from "../store/mod.ts";
import { keys, type TargetSecret } from "./store.ts";

/** The instance's VAPID keys: base64url. The private one is sealed in KV. */
interface VapidKeys {
  readonly public: string;
  readonly private: string;
}

interface StoredVapid {
  readonly public: string;
  readonly sealed: string;
}

/** Dependencies of creating and reading the keys. */
export interface VapidContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
  readonly keyring: Pick<Keyring, "open" | "seal">;
}

/**
 * Returns the instance's keys. The first call creates them. If `SESSION_SECRET` changed, new keys are
 * created, and browsers must subscribe again.
 */
export async function vapidKeys({ kv, committer, keyring }: VapidContext): Promise<VapidKeys> {
  for (;;) {
    const found = await kv.get<StoredVapid>(keys.vapid());
    if (found.value !== null) {
      try {
        return { public: found.value.public, private: await keyring.open(found.value.sealed) };
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
      }
    }
    const made = await makeVapid();
    const value: StoredVapid = { public: made.public, sealed: await keyring.seal(made.private) };
    const { ok } = await committer.commit({
      checks: [found],
      mutations: [{ type: "set", key: keys.vapid(), value }],
    });
    if (ok) return made;
  }
}

async function makeVapid(): Promise<VapidKeys> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const [raw, jwk] = await Promise.all([
    crypto.subtle.exportKey("raw", pair.publicKey),
    crypto.subtle.exportKey("jwk", pair.privateKey),
  ]);
  return { public: base64url(new Uint8Array(raw)), private: jwk.d ?? "" };
}

/** How long a push service keeps a message for an offline browser (s). */
const TTL_SECONDS = 24 * 3600;

/** Builds the request that shows a text in a browser. @throws if the subscription's keys are invalid. */
export async function pushRequest(
  text: string,
  { url, keys: subscribed }: TargetSecret,
  { vapid, contact, urgent }: {
    readonly vapid: VapidKeys;
    /** A `mailto:` or `https:` URL of the operator (RFC 8292, section 2.1). */
    readonly contact: string;
    /** Shown at once, even if the device is saving power. */
    readonly urgent: boolean;
  },
): Promise<{ readonly headers: Record<string, string>; readonly body: Uint8Array }> {
  const subscription = {
    endpoint: url,
    expirationTime: null,
    keys: subscribed ?? { p256dh: "", auth: "" },
  };
  const { encryptNotification, vapidHeaders } = await import("@block65/webcrypto-web-push");
  const { headers } = await vapidHeaders(subscription, {
    subject: contact,
    publicKey: vapid.public,
    privateKey: vapid.private,
  });
  return {
    headers: {
      ...headers,
      "content-type": "application/octet-stream",
      "content-encoding": "aes128gcm",
      "ttl": String(TTL_SECONDS),
      "urgency": urgent ? "high" : "normal",
    },
    body: await encryptNotification(subscription, new TextEncoder().encode(text)),
  };
}

/** Reads a browser's subscription from the JSON of its `toJSON()`; `null` for any other text. */
export function readSubscription(text: string): TargetSecret | null {
  let value: unknown;
  try {
    value = readJson(text);
  } catch {
    return null;
  }
  const { endpoint, keys: given } = isObject(value) ? value : {};
  const { p256dh, auth } = isObject(given) ? given : {};
  if (typeof endpoint !== "string" || typeof p256dh !== "string" || typeof auth !== "string") {
    return null;
  }
  return isKey(p256dh, 65) && isKey(auth, 16) ? { url: endpoint, keys: { p256dh, auth } } : null;
}

function isKey(text: string, bytes: number): boolean {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" }).byteLength === bytes;
  } catch {
    return false;
  }
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
