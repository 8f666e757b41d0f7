/**
 * Webhook signatures by Standard Webhooks: base64 of HMAC-SHA256 over `id.timestamp.body`.
 *
 * There are two ways to derive the key from a secret. Accounts since mid-2026 use the decoded base64 after
 * `whsec_` (Standard Webhooks). Older accounts use the whole text.
 */

/** How the HMAC key is derived from the secret. */
export type KeyScheme = "standard" | "legacy";

/** The signed data. */
export interface SignedMessage {
  readonly id: string;
  /** Unix seconds, as written in the header. */
  readonly timestamp: string;
  /** The exact bytes of the body. */
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** The delivery is genuine, or the reason to reject it. */
export type Verification =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: "missing" | "timestamp" | "signature" };

/** How far a delivery's clock may be off in either direction (seconds), as in the vendor's own samples. */
const TOLERANCE_SECONDS = 300;

const PREFIX = "whsec_";
const encoder = new TextEncoder();

/** The value of the `webhook-signature` header: `v1,<base64>`. */
export async function signWebhook(
  secret: string,
  message: SignedMessage,
  scheme: KeyScheme = "standard",
): Promise<string> {
  const key = await importKey(secret, scheme);
  if (key === null) throw new TypeError("The secret is not base64 after its whsec_");
  const signature = await crypto.subtle.sign("HMAC", key, contentOf(message));
  return `v1,${new Uint8Array(signature).toBase64()}`;
}

/** A delivery, and what to check it with. */
export interface VerifyOptions {
  readonly secret: string;
  readonly headers: Headers;
  readonly body: SignedMessage["body"];
  /** Unix ms. */
  readonly now: number;
  readonly toleranceSeconds?: number;
}

/**
 * Checks a delivery with either kind of key. `webhook-signature` may list several signatures while a secret
 * is rotated. Compares in constant time, using the platform's HMAC.
 */
export async function verifyWebhook(
  { secret, headers, body, now, toleranceSeconds = TOLERANCE_SECONDS }: VerifyOptions,
): Promise<Verification> {
  const read = readSignature(headers, now, toleranceSeconds);
  if (!read.ok) return read;
  const { id, timestamp, list } = read;
  const content = contentOf({ id, timestamp, body });
  // Thousands of signatures in a header are a denial of service, not a rotation.
  const signatures = list.split(" ", 10).flatMap((entry) =>
    entry.startsWith("v1,") ? decoded(entry.slice(3)) ?? [] : []
  );
  const keys = [
    await importKey(secret, "standard"),
    // A secret may have been issued without the padding that it has here.
    ...await Promise.all(
      [secret, secret.replace(/=+$/, "")].map((text) => importKey(text, "legacy")),
    ),
  ];
  for (const key of keys) {
    if (key === null) continue;
    for (const signature of signatures) {
      if (await crypto.subtle.verify("HMAC", key, signature, content)) return { ok: true };
    }
  }
  return { ok: false, reason: "signature" };
}

/** The parsed headers of a delivery, or the reason they are unusable. */
export type SignatureHeaders =
  | {
    readonly ok: true;
    readonly id: string;
    readonly timestamp: string;
    /** The signature header, verbatim. */
    readonly list: string;
  }
  | { readonly ok: false; readonly reason: "missing" | "timestamp" };

/**
 * Reads a delivery's headers: `webhook-*`, or `svix-*`, from which Standard Webhooks evolved. If this fails,
 * skip further checks. `now` is Unix ms.
 */
export function readSignature(
  headers: Headers,
  now: number,
  toleranceSeconds = TOLERANCE_SECONDS,
): SignatureHeaders {
  // Never mix the two families: a signature covers only its own names.
  const family = headers.has("webhook-signature") ? "webhook" : "svix";
  const id = headers.get(`${family}-id`) ?? "";
  const timestamp = headers.get(`${family}-timestamp`);
  const list = headers.get(`${family}-signature`);
  if (!ID.test(id) || !timestamp || !list) return { ok: false, reason: "missing" };
  const isInTime = SECONDS.test(timestamp) &&
    Math.abs(now / 1000 - Number(timestamp)) <= toleranceSeconds;
  return isInTime ? { ok: true, id, timestamp, list } : { ok: false, reason: "timestamp" };
}

/** IDs become keys of a store. */
const ID = /^[\x21-\x7e]{1,200}$/;
/** No signs, fractions, exponents or spaces: the signature covers the text. */
const SECONDS = /^\d{1,12}$/;

function contentOf({ id, timestamp, body }: SignedMessage): Uint8Array<ArrayBuffer> {
  const head = encoder.encode(`${id}.${timestamp}.`);
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const content = new Uint8Array(head.byteLength + bytes.byteLength);
  content.set(head);
  content.set(bytes, head.byteLength);
  return content;
}

async function importKey(secret: string, scheme: KeyScheme): Promise<CryptoKey | null> {
  const bare = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  const standard = bare.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = scheme === "legacy" ? encoder.encode(secret) : decoded(standard);
  if (bytes === null || bytes.byteLength === 0) return null;
  const usages: KeyUsage[] = ["sign", "verify"];
  return await crypto.subtle.importKey(
    "raw",
    bytes,
    { name: "HMAC", hash: "SHA-256" },
    false,
    usages,
  );
}

function decoded(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.fromBase64(base64);
  } catch {
    return null;
  }
}
