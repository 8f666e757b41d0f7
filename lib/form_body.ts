/**
 * Reads a posted form: whatever is not one is the client's mistake, and none may fill the memory.
 */
import { type Context, HttpError } from "fresh";
import { type BodyLimits, readBody } from "./base/mod.ts";
import { isStillSignedIn } from "./middleware/mod.ts";
import type { State } from "./state.ts";

const WORDS = {
  400: "This form broke off on its way. Nothing was done; send it again.",
  408: "This form took too long to arrive. Nothing was done; send it again.",
  413: "This form is longer than any task may be.",
} as const;

/**
 * The fields of a posted form. Throws `HttpError` 413 where it is too long, 408 where it takes too long
 * to arrive, 400 where it is none.
 */
export async function readForm(request: Request, limits: BodyLimits = {}): Promise<FormData> {
  if (request.body === null) return new FormData();
  const body = await readBody(request, limits);
  if (!body.ok) throw new HttpError(body.status, WORDS[body.status]);
  const type = request.headers.get("content-type") ?? "";
  try {
    return await new Response(body.bytes, { headers: { "content-type": type } }).formData();
  } catch {
    throw new HttpError(400, "This request carries no form. Reload the page and try again.");
  }
}

/**
 * As {@linkcode readForm}, for what only the signed-in account may do. A body may take half a minute to
 * arrive, and its session may be ended meanwhile: then nothing is done, and this throws `HttpError` 403.
 */
export async function readOwnForm(
  { req, state }: Pick<Context<State>, "req" | "state">,
): Promise<FormData> {
  const form = await readForm(req);
  if (await isStillSignedIn(state)) return form;
  throw new HttpError(
    403,
    "Your session ended while this form was on its way. Nothing was done; sign in and send it again.",
  );
}
