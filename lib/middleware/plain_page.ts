/**
 * A page in the app's style that needs neither the store nor the renderer. Used for refusals that must be
 * cheap, and when rendering fails.
 */
import { asset } from "fresh/runtime";
import { themeOf } from "./session.ts";
import { isStoreAway } from "../store/mod.ts";
import { apiError, isForPrograms } from "../proxy/mod.ts";
import { STORE_AWAY, STORE_AWAY_NOTICE } from "../runs/mod.ts";
import { SAFE_METHODS } from "../base/mod.ts";

/** The content of a plain page. It must never contain text from a request. */
export interface PlainPage {
  readonly status: number;
  readonly title: string;
  readonly words: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** When to try again (s), sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/**
 * Responds with a page. With `retryAfterSeconds`, the response to a GET reloads itself after that time. The
 * response to a POST does not, because that would post again.
 */
export function plainPage(
  request: Request,
  { status, title, words, headers, retryAfterSeconds }: PlainPage,
): Response {
  const theme = themeOf(request.headers);
  const reloads = retryAfterSeconds !== undefined && request.method === "GET";
  const html = `<!DOCTYPE html>
<html lang="en"${theme === "system" ? "" : ` data-theme="${theme}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${theme === "system" ? "light dark" : theme}">
${reloads ? `<meta http-equiv="refresh" content="${retryAfterSeconds}">` : ""}
<title>${title} · Taskstream</title>
<link rel="icon" href="${asset("/favicon.svg")}" type="image/svg+xml">
<link rel="stylesheet" href="${asset("/styles.css")}">
</head>
<body>
<header class="bar"><div class="page flex items-center"><a href="/" class="brand">Taskstream</a></div></header>
<main class="page">
<h1>${title}</h1>
<p class="mt-2 max-w-[60ch]">${words}</p>
${reloads ? RELOAD : ""}
</main>
</body>
</html>
`;
  const sent = new Headers(headers);
  sent.set("content-type", "text/html; charset=utf-8");
  if (retryAfterSeconds !== undefined) sent.set("retry-after", `${retryAfterSeconds}`);
  return new Response(html, { status, headers: sent });
}

/** An empty address is the address of the page itself. */
const RELOAD = '<p class="mt-6"><a href="" class="button">Try again</a></p>';

// Responses while the store is unavailable.
/** When to try again (s): a store that restarts is back in a few seconds. */
const RETRY_AFTER_S = 5;

/** A 503 for a request that failed because the store is unavailable; `null` if it failed otherwise. */
export function storeAwayResponse(error: unknown, request: Request, ref: string): Response | null {
  if (!isStoreAway(error)) return null;
  if (isForPrograms(new URL(request.url).pathname)) {
    const headers = { "retry-after": `${RETRY_AFTER_S}` };
    return apiError(503, STORE_AWAY_NOTICE, headers, ref);
  }
  return plainPage(request, {
    status: 503,
    title: STORE_AWAY.title,
    words: `${STORE_AWAY.kept} ${SAFE_METHODS.has(request.method) ? RELOADS : POSTED}`,
    retryAfterSeconds: RETRY_AFTER_S,
  });
}

const RELOADS = `This page tries again every ${RETRY_AFTER_S} seconds.`;
const POSTED =
  "What you sent may not have been saved. Go back in your browser and send it again in a moment.";
