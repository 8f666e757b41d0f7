/** Web addresses in Markdown that people and models wrote. Pure. */
/** An address as it stands in a text. */
export interface WrittenAddress {
  /** Without the sentence's own marks at its end. */
  readonly bare: string;
  /** With them: some addresses do end in a full stop. */
  readonly whole: string;
}

/** White space, what delimits addresses in Markdown, and the marks of scripts that set no spaces. */
const ADDRESS = /https?:\/\/[^\s<>"`|\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff65]+/gi;
/** The end of a sentence or of an emphasis. */
const TRAILING = /[.,;:!?'’”*_~]+$/;

/** The addresses of a text, in its order; brackets around an address are no part of it. */
export function addressesIn(markdown: string): WrittenAddress[] {
  return [...markdown.matchAll(ADDRESS)].map(([text]) => {
    const whole = unescaped(withinBrackets(text));
    let bare = whole;
    // A bracket that closes nothing may stand before the full stop.
    for (let last = ""; last !== bare;) {
      last = bare;
      bare = withinBrackets(bare.replace(TRAILING, ""));
    }
    return { bare, whole };
  });
}

const CLOSING: ReadonlyMap<string, string> = new Map([[")", "("], ["]", "["], ["}", "{"]]);

/** The text up to the first bracket that closes one opened before it. */
function withinBrackets(text: string): string {
  const open: string[] = [];
  for (const [at, char] of [...text].entries()) {
    const opening = CLOSING.get(char);
    if (opening !== undefined) {
      if (open.pop() !== opening) return [...text].slice(0, at).join("");
    } else if ("([{".includes(char)) open.push(char);
  }
  return text;
}

/** Markdown's escapes, and the one entity that addresses need. */
function unescaped(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, "$1").replace(/&amp;/g, "&");
}

// Links into the web at large, which came from strangers. Pure.
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
