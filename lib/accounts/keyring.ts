/**
 * Keys derived from the instance's secrets: one for sealing (AES-GCM, by `jose`), one for signing
 * (HMAC). The first secret seals and signs; all of them open and verify, so secrets can rotate.
 */
import { base64url, compactDecrypt, CompactEncrypt, decodeProtectedHeader } from "jose";

/** Thrown when none of the secrets opens a sealed text. */
export class SealError extends Error {
  override name = "SealError";
}

interface DerivedKeys {
  /** Names the secret inside a sealed text without revealing it. */
  readonly kid: string;
  readonly seal: Uint8Array<ArrayBuffer>;
  readonly sign: CryptoKey;
}

const encoder = new TextEncoder();

/** Seals and signs with the newest secret; opens and verifies with all of them. */
export class Keyring {
  readonly #keys: readonly [DerivedKeys, ...DerivedKeys[]];

  private constructor(keys: readonly [DerivedKeys, ...DerivedKeys[]]) {
    this.#keys = keys;
  }

  /** Derives the keys (HKDF-SHA-256, RFC 5869). Throws `TypeError` on an empty list. */
  static async from(secrets: readonly string[]): Promise<Keyring> {
    const [first, ...rest] = await Promise.all(secrets.map(derive));
    if (first === undefined) throw new TypeError("A keyring needs at least one secret");
    return new Keyring([first, ...rest]);
  }

  /** Seals a text: compact JWE, direct AES-256-GCM (RFC 7516). */
  seal(text: string): Promise<string> {
    const [key] = this.#keys;
    return new CompactEncrypt(encoder.encode(text))
      .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: key.kid })
      .encrypt(key.seal);
  }

  /** Opens what {@linkcode seal} sealed. Throws {@linkcode SealError} for anything else. */
  async open(sealed: string): Promise<string> {
    try {
      const { plaintext } = await compactDecrypt(sealed, (header) => {
        const key = this.#keys.find((candidate) => candidate.kid === header.kid);
        if (key === undefined) throw new SealError("Sealed with an unknown secret");
        return key.seal;
      }, { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] });
      return new TextDecoder().decode(plaintext);
    } catch (error) {
      throw error instanceof SealError
        ? error
        : new SealError("Not something this instance sealed");
    }
  }

  /** Whether a sealed text was sealed with the newest secret. If not, seal it again. */
  isCurrent(sealed: string): boolean {
    return decodeProtectedHeader(sealed).kid === this.#keys[0].kid;
  }

  /** `value.signature`, both safe in a cookie. */
  async sign(value: string): Promise<string> {
    const signature = await crypto.subtle.sign("HMAC", this.#keys[0].sign, encoder.encode(value));
    return `${value}.${base64url.encode(new Uint8Array(signature))}`;
  }

  /** The value of a text signed by {@linkcode sign} with any of the secrets, or `null`. */
  async verify(signed: string): Promise<string | null> {
    const dot = signed.lastIndexOf(".");
    if (dot < 1) return null;
    const value = signed.slice(0, dot);
    let signature: Uint8Array<ArrayBuffer>;
    try {
      signature = new Uint8Array(base64url.decode(signed.slice(dot + 1)));
    } catch {
      return null;
    }
    for (const { sign } of this.#keys) {
      // WebCrypto compares in constant time.
      if (await crypto.subtle.verify("HMAC", sign, signature, encoder.encode(value))) return value;
    }
    return null;
  }
}

async function derive(secret: string): Promise<DerivedKeys> {
  const base = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, [
    "deriveBits",
  ]);
  const bits = async (info: string) =>
    new Uint8Array(
      await crypto.subtle.deriveBits(
        { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(info) },
        base,
        256,
      ),
    );
  const [kid, seal, sign] = await Promise.all([
    bits("taskstream kid"),
    bits("taskstream seal"),
    bits("taskstream sign"),
  ]);
  return {
    kid: base64url.encode(kid.subarray(0, 6)),
    seal,
    sign: await crypto.subtle.importKey("raw", sign, { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
      "verify",
    ]),
  };
}
