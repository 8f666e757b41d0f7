/** Sends somebody who is not signed in to the front page, and from there back. */
export function signInFirst(url: URL): Response {
  const query = new URLSearchParams({ next: url.pathname + url.search });
  return new Response(null, {
    status: 303,
    headers: { location: `/?${query}` },
  });
}
