/** Links into the web at large, which came from strangers. Pure. */

/** What every outgoing link carries. */
export const REL = "noopener noreferrer nofollow";

/** The address where it is plain http or https, else `null`: nothing else may become a link. */
export function webUrl(text: string): URL | null {
  return /^https?:\/\//i.test(text) ? URL.parse(text) : null;
}

/** A short name for a page: its host without `www.`. */
export function hostOf(text: string): string {
  return webUrl(text)?.hostname.replace(/^www\./, "") ?? text;
}
