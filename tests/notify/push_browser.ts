/** The browser's side of Web Push: its keys and decryption, written from RFC 8291. */

export interface PushBrowser {
  readonly privateKey: CryptoKey;
  readonly publicBytes: Uint8Array<ArrayBuffer>;
  readonly auth: Uint8Array<ArrayBuffer>;
}

/** A browser that has subscribed: what `PushSubscription.toJSON()` gives. */
export async function makeBrowser(endpoint: string) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
  const publicBytes = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const auth = crypto.getRandomValues(new Uint8Array(16));
  const text = (value: Uint8Array) => value.toBase64({ alphabet: "base64url", omitPadding: true });
  const keys = { p256dh: text(publicBytes), auth: text(auth) };
  const subscription = { endpoint, expirationTime: null, keys };
  return { privateKey: pair.privateKey, publicBytes, auth, subscription };
}

const utf8 = (text: string) => new TextEncoder().encode(text);

async function hkdf(
  salt: Uint8Array<ArrayBuffer>,
  secret: Uint8Array<ArrayBuffer>,
  info: Uint8Array<ArrayBuffer>,
  length: number,
) {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const params = { name: "HKDF", hash: "SHA-256", salt, info };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, length * 8));
}

/** Decrypts a message (RFC 8188, section 2; RFC 8291, section 3.4). */
export async function decrypt(message: Uint8Array, browser: PushBrowser): Promise<string> {
  const body = new Uint8Array(message);
  const salt = body.slice(0, 16), idLength = body[20]!;
  const sender = body.slice(21, 21 + idLength), sealed = body.slice(21 + idLength);
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const senderKey = await crypto.subtle.importKey("raw", sender, curve, false, []);
  const shared = new Uint8Array(
    await crypto.subtle.deriveBits({ name: "ECDH", public: senderKey }, browser.privateKey, 256),
  );
  const info = new Uint8Array([...utf8("WebPush: info\0"), ...browser.publicBytes, ...sender]);
  const ikm = await hkdf(browser.auth, shared, info, 32);
  const key = await hkdf(salt, ikm, utf8("Content-Encoding: aes128gcm\0"), 16);
  const iv = await hkdf(salt, ikm, utf8("Content-Encoding: nonce\0"), 12);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const padded = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, aes, sealed));
  const end = padded.lastIndexOf(2);
  if (padded.slice(end + 1).some((byte) => byte !== 0)) throw new Error("The padding is not zero");
  return new TextDecoder().decode(padded.slice(0, end));
}
