/** Reads a request's body, up to a limit. */

/** The longest body that is read (bytes): the API's own limits on its parts allow far less. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** The body's bytes, or `null` where it is too long. Rejects where the caller goes away. */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer> | null> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) return null;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
