/** A page that needs nothing of the app: for refusals that must be cheap, and for when rendering fails. */

/** A page of a title and a sentence, as HTML. Both are ours: nothing of a request goes in here. */
export function plainPage(
  title: string,
  words: string,
  init: { readonly status: number; readonly headers?: Readonly<Record<string, string>> },
): Response {
  const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Taskstream</title>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${words}</p>
</main>
</body>
</html>
`;
  return new Response(html, {
    status: init.status,
    headers: { ...init.headers, "content-type": "text/html; charset=utf-8" },
  });
}
