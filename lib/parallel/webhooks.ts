/**
 * Webhook signatures by Standard Webhooks: base64 of HMAC-SHA256 over `id.timestamp.body`.
 *
 * Two ways to get the key from a secret are in use: since mid-2026 the base64 after `whsec_` is decoded
 * (Standard Webhooks), before that the whole text was the key, and older accounts still sign so.
 */

/** How the HMAC key comes from the secret. */
export type KeyScheme = "standard" | "legacy";

/** What is signed. */
export interface SignedMessage {
  readonly id: string;
  /** Unix seconds, as the header spells it. */
  readonly timestamp: string;
  /** The exact bytes of the body. */
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** A delivery is genuine, or why it is not taken for one. */
export type Verification =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: "missing" | "timestamp" | "signature" };

/** Seconds that a delivery's clock may be off, either way; the vendor's own samples use as much. */
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

/** What a receiver checks a delivery against. */
export interface VerifyOptions {
  readonly secret: string;
  readonly headers: Headers;
  readonly body: SignedMessage["body"];
  /** Unix ms. */
  readonly now: number;
  readonly toleranceSeconds?: number;
}

/**
 * Checks a delivery by either key scheme. `webhook-signature` may list several signatures, as it does
 * while a secret is rotated. Compared in constant time, by the platform's own HMAC.
 */
export async function verifyWebhook(
  { secret, headers, body, now, toleranceSeconds = TOLERANCE_SECONDS }: VerifyOptions,
): Promise<Verification> {
  const read = readSignature(headers, now, toleranceSeconds);
  if (!read.ok) return read;
  const { id, timestamp, list } = read;
  const content = contentOf({ id, timestamp, body });
  // A header of thousands of signatures is an attack on our time, not a rotation.
  const signatures = list.split(" ", 10).flatMap((entry) =>
    entry.startsWith("v1,") ? decoded(entry.slice(3)) ?? [] : []
  );
  for (const scheme of ["standard", "legacy"] as const) {
    const key = await importKey(secret, scheme);
    if (key === null) continue;
    for (const signature of signatures) {
      if (await crypto.subtle.verify("HMAC", key, signature, content)) return { ok: true };
    }
  }
  return { ok: false, reason: "signature" };
}

/** What a delivery's headers say, or why they say nothing. */
export type SignatureHeaders =
  | {
    readonly ok: true;
    readonly id: string;
    readonly timestamp: string;
    /** The signature header as it came. */
    readonly list: string;
  }
  | { readonly ok: false; readonly reason: "missing" | "timestamp" };

/**
 * Reads a delivery's headers: `webhook-*`, or `svix-*`, the names that Standard Webhooks grew out of.
 * What fails here need not be looked at any further. `now` is Unix ms.
 */
export function readSignature(
  headers: Headers,
  now: number,
  toleranceSeconds = TOLERANCE_SECONDS,
): SignatureHeaders {
  // Never mixed: what one family of names signs, the other cannot replace.
  const family = headers.has("webhook-signature") ? "webhook" : "svix";
  const id = headers.get(`${family}-id`) ?? "";
  const timestamp = headers.get(`${family}-timestamp`);
  const list = headers.get(`${family}-signature`);
  if (!ID.test(id) || !timestamp || !list) return { ok: false, reason: "missing" };
  const isInTime = SECONDS.test(timestamp) &&
    Math.abs(now / 1000 - Number(timestamp)) <= toleranceSeconds;
  return isInTime ? { ok: true, id, timestamp, list } : { ok: false, reason: "timestamp" };
}

/** Ids become keys of a store. */
const ID = /^[\x21-\x7e]{1,200}$/;
/** Neither signs, fractions, exponents nor spaces: what is signed is the text. */
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
  const bytes = scheme === "legacy" ? encoder.encode(secret) : decoded(bare);
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
