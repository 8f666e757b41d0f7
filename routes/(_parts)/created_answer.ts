/** Redirects the browser to the run that its submit created. */
import { setCookie } from "../../lib/accounts/mod.ts";

/** The longest time until the page after a submit loads (s). */
const SOON_SECONDS = 60;

/**
 * 303 to the run's page, with a cookie for that page only: its script compares the submit's key with the one
 * it remembers, and only then deletes the submitted draft (static/page.js).
 */
export function createdAnswer(runId: string, submit: string, secure: boolean): Response {
  const path = `/tasks/${encodeURIComponent(runId)}`;
  const headers = new Headers({ location: path });
  if (/^[\w-]{8,128}$/.test(submit)) {
    headers.append(
      "set-cookie",
      setCookie("created", submit, { secure, maxAgeSeconds: SOON_SECONDS, path, scripts: true }),
    );
  }
  return new Response(null, { status: 303, headers });
}
