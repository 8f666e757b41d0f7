/**
 * Content hashes.
 */

/** The first 80 bits of the content's SHA-256 in hex: no two files of a site will ever share them. */
export async function hashOf(content: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).subarray(0, 10).toHex();
}
