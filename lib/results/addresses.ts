/** Finds web addresses in Markdown written by people and models. Pure. */
/** A URL as written in a text. */
export interface WrittenAddress {
  /** Without the sentence's punctuation at the end. */
  readonly bare: string;
  /** With that punctuation: some URLs do end in a full stop. */
  readonly whole: string;
}

/** White space, delimiters of URLs in Markdown, and punctuation of scripts without spaces. */
const ADDRESS = /https?:\/\/[^\s<>"`|\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff65]+/gi;
/** The end of a sentence or an emphasis. Looking back keeps it linear: only the start of a run is tried. */
const TRAILING = /(?<![.,;:!?'’”*_~])[.,;:!?'’”*_~]+$/;

/** Returns the URLs of a text, in order. Brackets around a URL are not part of it. */
export function addressesIn(markdown: string): WrittenAddress[] {
  return [...markdown.matchAll(ADDRESS)].map(([text]) => {
    const whole = unescaped(withinBrackets(text));
    let bare = whole;
    // An unmatched closing bracket may precede the full stop.
    for (let last = ""; last !== bare;) {
      last = bare;
      bare = withinBrackets(bare.replace(TRAILING, ""));
    }
    return { bare, whole };
  });
}

const CLOSING: ReadonlyMap<string, string> = new Map([[")", "("], ["]", "["], ["}", "{"]]);

/** Returns the text up to the first bracket that closes one opened before the text. */
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

/** Decodes Markdown's escapes, and the one entity that URLs need. */
function unescaped(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, "$1").replace(/&amp;/g, "&");
}

// Outgoing links, which strangers supply. Pure.
/** The `rel` of every outgoing link. */
export const REL = "noopener noreferrer nofollow";

/** Returns the URL if it is plain http or https, else `null`: nothing else may become a link. */
export function webUrl(text: string): URL | null {
  return /^https?:\/\//i.test(text) ? URL.parse(text) : null;
}

/** A short name for a page: its host without `www.`. Returns any text that is not a web URL as it is. */
export function hostOf(text: string): string {
  return webUrl(text)?.hostname.replace(/^www\./, "") ?? text;
}
