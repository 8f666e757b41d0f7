/**
 * The address that users see, behind a proxy that is trusted. Not left to the framework: Fresh 2.3.3 keeps
 * the port of the inner address (src/app.ts, handler: `url.host = host`), and knows of no second proxy.
 */

/** Changes `url` to what the proxies say that they were asked for; `hops` is how many are trusted. */
export function asForwarded(url: URL, headers: Headers, hops: number): void {
  if (hops === 0) return;
  const proto = saidBy(headers.get("x-forwarded-proto"), hops);
  if (proto === "http" || proto === "https") url.protocol = `${proto}:`;
  const host = saidBy(headers.get("x-forwarded-host"), hops);
  if (host === undefined || URL.parse(`http://${host}/`)?.pathname !== "/") return;
  url.port = "";
  url.host = host;
}

/** Each proxy adds to the list or replaces it; what was there before ours is the client's to say. */
function saidBy(list: string | null, hops: number): string | undefined {
  const values = list?.split(",").map((value) => value.trim()) ?? [];
  return (values.at(-hops) ?? values[0]) || undefined;
}
