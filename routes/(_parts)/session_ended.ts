/**
 * For visitors without a session: sends them to sign in, saves a form that was sent after the session ended, and
 * restores it afterwards.
 */
import { beginning } from "../../lib/base/mod.ts";
import type { Context } from "fresh";
import { formOf, readForm } from "../../lib/form_body.ts";
import {
  type Account,
  PARKED_MS,
  parkedCookieName,
  readCookie,
  setCookie,
} from "../../lib/accounts/mod.ts";
import { isStillSignedIn, TooManyRequests } from "../../lib/middleware/mod.ts";
import {
  emptyForm,
  MASKED,
  maskServersText,
  parseTaskForm,
  readValues,
} from "../../lib/tasks/fields/mod.ts";
import type { State } from "../../lib/state.ts";
import type { FormContent } from "./form_page.ts";
import { pasted } from "./posted.ts";

/** The parameter of a form's path with which the saved fields are shown. */
const KEPT = "kept";

/** Whether a path leads to a form with its saved fields. */
export function isKeptPath(path: string): boolean {
  return new RegExp(`[?&]${KEPT}=1$`).test(path);
}

/** The saved field with the name of the file that has to be chosen again. No form has a field of this name. */
const FILE = "chosen file";
/** The longest file name that is shown (characters). */
const FILE_CHARS = 200;

/**
 * The fields of a form that are text, as they are saved: with secrets of MCP servers masked, and the name of a
 * chosen file instead of its content.
 */
export function textFields(form: FormData): Record<string, string> {
  return Object.fromEntries(
    [...form].flatMap(([name, value]) => {
      if (typeof value !== "string") {
        return value.name === "" ? [] : Object.entries(fileField(value.name));
      }
      return [[name, name === "mcp_servers" ? maskServersText(value).text : value]];
    }),
  );
}

/** The field that saves the name of a chosen file. */
export function fileField(name: string): Record<string, string> {
  return { [FILE]: beginning(name, FILE_CHARS).toWellFormed() };
}

/** The name of the file that was chosen in a saved form; `null` if there was none. */
export function chosenFile(fields: Readonly<Record<string, string>>): string | null {
  return fields[FILE] ?? null;
}

/**
 * Reads a form of the signed-in account. If its session has ended, also while the form was on its way, this
 * returns the response that saves the fields and asks the user to sign in, and to go on at the page of
 * `pathOf`, which shows them.
 */
export async function ownForm(
  { req, state }: Pick<Context<State>, "req" | "state">,
  pathOf: (form: FormData) => string,
): Promise<{ readonly account: Account; readonly form: FormData } | Response> {
  const form = await readForm(req);
  const { account } = state;
  if (account !== null && await isStillSignedIn(state)) return { account, form };
  return await sessionEnded(state, textFields(form), pathOf(form));
}

/**
 * Saves a form's fields for this browser and asks the user to sign in, and to go on at `path`, which shows them.
 * Counts as a sign-in attempt, because both write to the store.
 */
export async function sessionEnded(
  { services: { limits, parked }, ...client }: Pick<
    State,
    "client" | "network" | "secure" | "services"
  >,
  fields: Readonly<Record<string, string>>,
  path: string,
): Promise<Response> {
  const { secure } = client;
  const admission = await limits.signIns.consume(client);
  if (!admission.ok) {
    throw new TooManyRequests(
      "Your session has ended and nothing was sent. Go back in your browser to find what you typed, and " +
        `send it again in ${admission.retryAfterSeconds} s.`,
      admission.retryAfterSeconds,
    );
  }
  const id = await parked.park(fields, client);
  const query: Record<string, string> = id === null
    ? { problem: "not-kept", next: path }
    : { next: `${path}${path.includes("?") ? "&" : "?"}${KEPT}=1` };
  const headers = new Headers({ location: `/?${new URLSearchParams(query)}` });
  if (id !== null) {
    const options = { secure, maxAgeSeconds: PARKED_MS / 1000 };
    headers.append("set-cookie", setCookie(parkedCookieName(secure), id, options));
  }
  return new Response(null, { status: 303, headers });
}

/** Fields of the task form beside the task. */
const BESIDE_TASK = ["paste", "rerun_of", "several", "show"];

/** Saves a task form. */
export function taskSessionEnded(state: State, form: FormData): Promise<Response> {
  const { values } = parseTaskForm(form);
  const beside = Object.entries(textFields(form)).filter(([name, value]) =>
    BESIDE_TASK.includes(name) && value !== ""
  );
  return sessionEnded(state, { ...values, ...Object.fromEntries(beside) }, "/");
}

/** The fields that this browser sent before signing in; `null` if they are no longer saved. */
export type KeptFields = Readonly<Record<string, string>> | null;

/** Returns the saved fields if a page's URL asks for them. */
export async function keptFields(
  { req: { headers }, state: { account, secure, services }, url }: {
    readonly req: Request;
    readonly state: Pick<State, "account" | "secure" | "services">;
    readonly url: URL;
  },
): Promise<KeptFields> {
  if (account === null || !url.searchParams.has(KEPT)) return null;
  const id = readCookie(headers, parkedCookieName(secure)) ?? "";
  return await services.parked.find(id, account.id);
}

/** Returns the task form with the fields that this browser sent before signing in. */
export async function parkedForm(kept: KeptFields): Promise<FormContent> {
  if (kept === null) return { values: emptyForm(), filled: { by: "gone" } };
  const form = formOf(kept);
  if (kept.show === "paste") return { ...(await pasted(form))[0], continues: true };
  const values = readValues(form);
  const masked = values.mcp_servers.includes(MASKED);
  return {
    values,
    rerunOf: kept.rerun_of ?? null,
    continues: true,
    several: form.has("several"),
    filled: { by: "kept", masked },
  };
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
