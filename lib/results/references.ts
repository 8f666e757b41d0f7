/** What an inline `[n]` of a text result refers to. Pure. */
import type { FieldBasis } from "../parallel/types.ts";
import type { Grounds } from "./grounds.ts";

const HEADING =
  /^(?:#{1,6} *|\*\*)(?:references|sources|bibliography|works cited|citations)\b[^\n]*$/im;
/** `1. …`, `[1] …`, `[1]: …`, with a list's mark before it or not. */
const LINE = /^\s*(?:[-*] +)?(?:\[(\d{1,4})\]:?|(\d{1,4})[.)])\s+(.*)$/;
const ADDRESS = /https?:\/\/[^\s<>"'\])]+/i;

/**
 * The number, in the list of all sources, of what `[n]` means: the n-th entry where the text brings a
 * list of references of its own, else the n-th citation of its basis.
 */
export function referencesIn(
  text: string,
  basis: readonly FieldBasis[],
  grounds: Grounds,
): (n: number) => number | null {
  const own = ownList(text);
  const urls = own ?? basis.flatMap(({ citations }) => (citations ?? []).map(({ url }) => url));
  return (n) => {
    const url = urls[n - 1];
    return url === undefined ? null : grounds.numberOf(url);
  };
}

function ownList(text: string): (string | undefined)[] | null {
  const heading = [...text.matchAll(new RegExp(HEADING, "gim"))].at(-1);
  if (heading === undefined) return null;
  const urls: (string | undefined)[] = [];
  for (const line of text.slice(heading.index + heading[0].length).split("\n")) {
    if (/^#{1,6} /.test(line)) break;
    const [, bracketed, dotted, rest = ""] = LINE.exec(line) ?? [];
    const url = ADDRESS.exec(rest)?.[0];
    const number = Number(bracketed ?? dotted);
    if (number > 0 && url !== undefined) urls[number - 1] ??= url;
  }
  return urls;
}
