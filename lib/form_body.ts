/** Reads posted forms. A malformed form is the client's error, and no form can fill the memory. */
import { type Context, HttpError } from "fresh";
import { type BodyLimits, formData, FormError, readBody } from "./base/mod.ts";
import { isStillSignedIn } from "./middleware/mod.ts";
import type { State } from "./state.ts";

const MESSAGES = {
  400: "The form was not received completely. Nothing was changed; send it again.",
  408: "The form took too long to arrive. Nothing was changed; send it again.",
  413: "This form is larger than any task can be.",
} as const;

/** The most fields of a form. No page sends more than a few hundred, and each takes time. */
export const MAX_FIELDS = 10_000;
/** The most characters of all fields: a page that shows them again, escaped, has at most 4 MB. */
const MAX_CHARS = 600_000;

/**
 * Returns the fields of a posted form. Throws `HttpError` 413 if it is too long, 408 if it takes too long to
 * arrive, and 400 if it is not a form, or not UTF-8.
 */
export async function readForm(request: Request, limits: BodyLimits = {}): Promise<FormData> {
  if (request.body === null) return new FormData();
  const body = await readBody(request, limits);
  if (!body.ok) throw new HttpError(body.status, MESSAGES[body.status]);
  const type = request.headers.get("content-type") ?? "";
  let form: FormData;
  try {
    form = await formData(body.bytes, type, MAX_FIELDS);
  } catch (error) {
    if (error instanceof FormError && error.hasTooMany) throw new HttpError(413, MESSAGES[413]);
    throw new HttpError(
      400,
      /^application\/(?:[\w.]+\+)?json\b/i.test(type)
        ? "This page reads forms, not JSON. Programs send JSON to /api."
        : "This request does not contain a form. Reload the page and try again.",
    );
  }
  const texts = [...form.values()].filter((value) => typeof value === "string");
  if (texts.reduce((sum, { length }) => sum + length, 0) > MAX_CHARS) {
    throw new HttpError(413, MESSAGES[413]);
  }
  if (texts.some((text) => text.includes("\ufffd")) && !hasReplacement(body.bytes)) {
    throw new HttpError(400, "This form is not UTF-8, so letters would be lost. Send it as UTF-8.");
  }
  return form;
}

/**
 * Returns whether the body itself contains U+FFFD. If not, the decoder put it in place of bytes that are not
 * UTF-8, such as those that curl on Windows sends.
 */
function hasReplacement(bytes: Uint8Array): boolean {
  return /ï¿½|%EF%BF%BD/i.test(new TextDecoder("latin1").decode(bytes));
}

/** Creates a form from stored fields. */
export function formOf(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

/**
 * The session ended while a form was arriving. Nothing was changed; the response asks the user to sign in.
 */
export class SessionEndedError extends Error {
  override name = "SessionEndedError";
}

/**
 * Like {@linkcode readForm}, for actions of the signed-in account. A body can take half a minute to arrive,
 * and its session may end meanwhile: then this throws {@linkcode SessionEndedError}.
 */
export async function readOwnForm(
  { req, state }: Pick<Context<State>, "req" | "state">,
): Promise<FormData> {
  const form = await readForm(req);
  if (await isStillSignedIn(state)) return form;
  throw new SessionEndedError();
}
