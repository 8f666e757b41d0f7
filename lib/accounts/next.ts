/**
 * The redirect target after signing in: only the app's own paths.
 */

/**
 * Returns the target as a path of this app (path, query and fragment), or `/` for anything that could leave
 * it. It is parsed like in a browser, and the result is checked: backslashes, tabs, `//` and userinfo all
 * result in another origin, or in a path that starts like one.
 */
export function ownPath(target: string | null | undefined): string {
  const base = "http://taskstream.invalid";
  if (!target?.startsWith("/")) return "/";
  const url = URL.parse(target, base);
  if (url === null || url.origin !== base || url.username !== "" || url.password !== "") return "/";
  const path = url.pathname + url.search + url.hash;
  // `/.//evil.com` parses to the path `//evil.com`, which a browser resolves to another host, and
  // `/%5cevil.com` becomes one if a proxy decodes the path.
  return /^\/(?![/\\]|%(?:25)*(?:2f|5c))/i.test(path) ? path : "/";
}
