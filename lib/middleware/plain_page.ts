/**
 * A page in the app's own look that needs neither the store nor the renderer: for refusals that must be
 * cheap, and for when rendering fails.
 */
import { asset } from "fresh/runtime";
import { themeOf } from "./session.ts";

/** What a plain page says. Every text is ours: nothing of a request goes in here. */
export interface PlainPage {
  readonly status: number;
  readonly title: string;
  readonly words: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** When it is worth asking again (s): sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/**
 * Answers a request with a page. Where it is worth asking again, a page that was got loads itself again
 * by then; one that was posted does not, for that would post it a second time.
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
<main class="page pt-6 pb-16">
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

/** An empty address is the page's own. */
const RELOAD = '<p class="mt-6"><a href="" class="button quiet">Try again</a></p>';
