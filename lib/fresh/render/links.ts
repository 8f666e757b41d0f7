/**
 * Marks links to the current page and to pages above it, for stylesheets and screen readers.
 */

const SLASH = 47, HASH = 35, QUESTION = 63;

/**
 * Returns the attributes to add to `<a href>` on a page, or null. It runs for every link of every
 * page, so it compares characters and allocates nothing.
 */
export function linkMarks(
  href: string,
  pathname: string,
  search: string,
): Readonly<Record<string, string>> | null {
  if (href.charCodeAt(0) !== SLASH) return null;
  let same = 1;
  while (same < pathname.length && href.charCodeAt(same) === pathname.charCodeAt(same)) same++;
  const next = href.charCodeAt(same);
  const ends = same === href.length || next === QUESTION || next === HASH;
  if (!ends) return null;
  if (same < pathname.length) {
    const whole = href.charCodeAt(same - 1) === SLASH || pathname.charCodeAt(same) === SLASH;
    return whole ? ANCESTOR : null;
  }
  // A link with another query leads to another view of the page.
  const other = next === QUESTION && href.slice(same).replace(/#.*/s, "") !== search;
  return other ? ANCESTOR : CURRENT;
}

const CURRENT = { "data-current": "true", "aria-current": "page" };
const ANCESTOR = { "data-ancestor": "true", "aria-current": "true" };
