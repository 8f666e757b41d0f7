/**
 * Restores the address that users see from the headers of trusted proxies. Fresh 2.3.3 cannot do this: it
 * keeps the port of the inner address (src/app.ts, handler: `url.host = host`) and supports one proxy only.
 */

/** Changes `url` to the address that the proxies received. `hops` is the number of trusted proxies. */
export function asForwarded(url: URL, headers: Headers, hops: number): void {
  if (hops === 0) return;
  const proto = saidBy(headers.get("x-forwarded-proto"), hops);
  if (proto === "http" || proto === "https") url.protocol = `${proto}:`;
  const host = saidBy(headers.get("x-forwarded-host"), hops);
  if (host === undefined || URL.parse(`http://${host}/`)?.pathname !== "/") return;
  url.port = "";
  url.host = host;
}

/** Each proxy appends to the list or replaces it. Entries before those of our proxies come from the client. */
function saidBy(list: string | null, hops: number): string | undefined {
  const values = list?.split(",").map((value) => value.trim()) ?? [];
  return (values.at(-hops) ?? values[0]) || undefined;
}
