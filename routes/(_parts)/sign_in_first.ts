/** Redirects a visitor to the front page, and back after signing in. */
export function signInFirst(url: URL): Response {
  const query = new URLSearchParams({ next: url.pathname + url.search });
  return new Response(null, {
    status: 303,
    headers: { location: `/?${query}` },
  });
}
