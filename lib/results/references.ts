/**
 * Resolves an inline `[n]` of a text: to the n-th entry of the list at its end, else to the n-th citation of
 * its basis. Resolves to nothing if in doubt: a wrong link is worse than none. Pure.
 */
import type { FieldBasis } from "../parallel/mod.ts";
import { addressesIn } from "./addresses.ts";
import type { BasisIndex } from "./basis_index.ts";
import { closingList, type Entry } from "./numbered_lists.ts";

/** The target of a number. */
export type Reference =
  /** A cited page, by its number in the list of all sources. */
  | { readonly source: number }
  /** A page in the text's own list that the basis does not cite. */
  | { readonly url: string };

/** A text's references. */
export interface References {
  /** Resolves `[n]`, or with `footnote` `[^n]`. Returns `null` if there is no target, or it is in doubt. */
  readonly target: (n: number, footnote?: boolean) => Reference | null;
  /** The range of the text's own list (UTF-16 indexes): marks in it are not references. */
  readonly list: readonly [start: number, end: number] | null;
}

/** How much of a text's end is searched for its list (characters, ends of lines). More would block other work. */
const LOOKED_AT = { chars: 300_000, lines: 30_000 };

/** Determines how a text numbers its references. */
export function referencesIn(
  text: string,
  basis: readonly FieldBasis[],
  basisIndex: BasisIndex,
): References {
  const from = searchedFrom(text);
  const found = closingList(text.slice(from));
  if (found.kind === "list") {
    const byNumber = new Map<number, Reference | null>();
    for (const entry of found.entries) {
      const own = referenceOf(entry, basisIndex);
      const before = byNumber.get(entry.number);
      byNumber.set(entry.number, before === undefined || isSame(before, own) ? own : null);
    }
    const target = (n: number, footnote = false) =>
      footnote === found.footnotes ? byNumber.get(n) ?? null : null;
    return { target, list: [found.span[0] + from, found.span[1] + from] };
  }
  // A longer text was not scanned for all the numbers that it uses.
  if (found.kind === "doubt" || from > 0) return { target: () => null, list: null };
  const urls = basis.flatMap(({ citations }) => (citations ?? []).map(({ url }) => url));
  // A text may number its citations or its distinct pages. The target is clear only if both agree.
  const isClear = (n: number) => basisIndex.numberOf(urls[n - 1] ?? "") === n;
  const isBeyond = found.used.some((n) => n > urls.length);
  const target = (n: number, footnote = false) =>
    !footnote && !isBeyond && isClear(n) ? { source: n } : null;
  return { target, list: null };
}

/** Where the searched end of a text begins. */
function searchedFrom(text: string): number {
  const least = Math.max(0, text.length - LOOKED_AT.chars);
  let at = text.length;
  for (let lines = 0; at > least; at--) {
    const char = text[at - 1];
    if ((char === "\n" || char === "\r") && ++lines > LOOKED_AT.lines) break;
  }
  return at;
}

/** An entry's page: a cited one, else the first URL. */
function referenceOf({ text }: Entry, basisIndex: BasisIndex): Reference | null {
  const addresses = addressesIn(text);
  for (const url of addresses.flatMap(({ bare, whole }) => [bare, whole])) {
    const source = basisIndex.numberOf(url);
    if (source !== null) return { source };
  }
  return addresses[0] === undefined ? null : { url: addresses[0].bare };
}

function isSame(a: Reference | null, b: Reference | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
