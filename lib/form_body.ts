/**
 * Reads a posted form: whatever is not one is the client's mistake, and none may fill the memory.
 */
import { HttpError } from "fresh";

/** Longest form that is read (bytes); the API takes far less. */
const MAX_FORM_BYTES = 4 * 1024 * 1024;

/** The fields of a posted form. Throws `HttpError` 413 where it is too long, 400 where it is none. */
export async function readForm(request: Request): Promise<FormData> {
  if (request.body === null) return new FormData();
  let bytes = 0;
  const tooLong = new HttpError(413, "This form is longer than any task may be.");
  const limit = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > MAX_FORM_BYTES) controller.error(tooLong);
      else controller.enqueue(chunk);
    },
  });
  const type = request.headers.get("content-type") ?? "";
  const body = request.body.pipeThrough(limit);
  try {
    return await new Response(body, { headers: { "content-type": type } }).formData();
  } catch {
    if (bytes > MAX_FORM_BYTES) throw tooLong;
    throw new HttpError(400, "This request carries no form. Reload the page and try again.");
  }
}
