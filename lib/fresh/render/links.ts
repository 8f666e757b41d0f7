/**
 * Marks links to the current page and to pages above it, for stylesheets and screen readers.
 */

/** The marks of `<a href>` on a page, or null. */
export function linkMarks(
  href: string,
  pathname: string,
  search: string,
): Record<string, string> | null {
  if (href.charCodeAt(0) !== 47 /* / */ || href.charCodeAt(1) === 47) return null;
  let end = href.indexOf("#");
  if (end === -1) end = href.length;
  const query = href.indexOf("?");
  const hasQuery = query !== -1 && query < end;
  const path = href.slice(0, hasQuery ? query : end);
  if (path === pathname) {
    return hasQuery && href.slice(query, end) !== search ? ANCESTOR : CURRENT;
  }
  if (path === "/") return ANCESTOR;
  if (!pathname.startsWith(path)) return null;
  return path.endsWith("/") || pathname.charCodeAt(path.length) === 47 ? ANCESTOR : null;
}

const CURRENT = { "data-current": "true", "aria-current": "page" };
const ANCESTOR = { "data-ancestor": "true", "aria-current": "true" };
