/**
 * Reads a posted form: whatever is not one is the client's mistake, and none may fill the memory.
 */
import { HttpError } from "fresh";
import { type BodyLimits, readBody } from "./body.ts";

/**
 * The fields of a posted form. Throws `HttpError` 413 where it is too long, 408 where it takes too long
 * to arrive, 400 where it is none.
 */
export async function readForm(request: Request, limits: BodyLimits = {}): Promise<FormData> {
  if (request.body === null) return new FormData();
  const body = await readBody(request, limits).catch(() => null);
  // The client went away, or broke its own framing.
  if (body === null) throw new HttpError(400, "This form broke off. Send it again.");
  if (!body.ok) {
    throw body.status === 413
      ? new HttpError(413, "This form is longer than any task may be.")
      : new HttpError(408, "This form took too long to arrive. Nothing was done; send it again.");
  }
  const type = request.headers.get("content-type") ?? "";
  try {
    return await new Response(body.bytes, { headers: { "content-type": type } }).formData();
  } catch {
    throw new HttpError(400, "This request carries no form. Reload the page and try again.");
  }
}
