/**
 * For visitors without a session: sends them to sign in, saves a task that was sent after the session ended, and
 * restores it to the form afterwards.
 */
import { PARKED_MS, parkedCookieName, readCookie, setCookie } from "../../lib/accounts/mod.ts";
import { TooManyRequests } from "../../lib/middleware/mod.ts";
import { emptyForm, MASKED, parseTaskForm } from "../../lib/tasks/fields/mod.ts";
import type { Services } from "../../lib/services.ts";
import type { State } from "../../lib/state.ts";
import type { FormContent } from "./form_page.ts";

/** The path of the form with the saved task. */
export const PARKED_PATH = "/?kept=1";

/**
 * Saves the form for this browser and asks the user to sign in. Counts as a sign-in attempt, because both
 * write to the store.
 */
export async function sessionEnded(
  { limits, parked }: Services,
  form: FormData,
  client: Pick<State, "client" | "network" | "secure">,
): Promise<Response> {
  const { secure } = client;
  const admission = await limits.signIns.consume(client);
  if (!admission.ok) {
    throw new TooManyRequests(
      "Your session has ended and nothing was sent. Go back in your browser to find your task, and " +
        `send it again in ${admission.retryAfterSeconds} s.`,
      admission.retryAfterSeconds,
    );
  }
  const { values } = parseTaskForm(form);
  const rerunOf = form.get("rerun_of");
  const id = await parked.park({
    values,
    rerunOf: typeof rerunOf === "string" && rerunOf !== "" ? rerunOf : null,
  }, client);
  const query: Record<string, string> = id === null
    ? { problem: "not-kept" }
    : { next: PARKED_PATH };
  const headers = new Headers({ location: `/?${new URLSearchParams(query)}` });
  if (id !== null) {
    const options = { secure, maxAgeSeconds: PARKED_MS / 1000 };
    headers.append("set-cookie", setCookie(parkedCookieName(secure), id, options));
  }
  return new Response(null, { status: 303, headers });
}

/** Returns the form with the task that this browser sent before signing in. */
export async function parkedForm(
  { parked }: Services,
  account: string,
  headers: Headers,
  secure: boolean,
): Promise<FormContent> {
  const found = await parked.find(readCookie(headers, parkedCookieName(secure)) ?? "", account);
  if (found === null) return { values: emptyForm(), filled: { by: "gone" } };
  const { values, rerunOf } = found;
  const masked = values.mcp_servers.includes(MASKED);
  return { values, rerunOf, continues: true, filled: { by: "kept", masked } };
}

/** The code of the sentence that a form was not sent, because its session had ended. */
export const NOT_SENT = "not-sent";

/** Does the same as {@linkcode signInFirst} for a form, and says that nothing was sent. */
export function signInAgain(url: URL): Response {
  const query = new URLSearchParams({ problem: NOT_SENT, next: url.pathname + url.search });
  return new Response(null, { status: 303, headers: { location: `/?${query}` } });
}

/** Redirects a visitor to the front page, and back after signing in. */
export function signInFirst(url: URL): Response {
  const query = new URLSearchParams({ next: url.pathname + url.search });
  return new Response(null, {
    status: 303,
    headers: { location: `/?${query}` },
  });
}
