/** Sends the browser to the run that its submit has made. */
import { setCookie } from "../../lib/accounts/mod.ts";

/** The page after a submit takes no longer (s). */
const SOON_SECONDS = 60;

/**
 * 303 to the run's page, with a cookie for that page alone: its script compares the submit's key with the
 * one that it remembers, and only then removes the draft that was sent (static/page.js).
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
