/** Finds where an excerpt says a value, so that a page can point at it. Pure. */
import { beginning, isNumber } from "../base/mod.ts";
import { showValue } from "./values.ts";

/** The part of an excerpt that a page shows, around the passage. */
export interface Passage {
  readonly before: string;
  /** The words of the value; empty if they were not found. */
  readonly match: string;
  readonly after: string;
}

/** The shortest and longest spelling to look for (characters). A shorter one occurs everywhere. */
const LEAST_CHARS = 3, MAX_CHARS = 100;
/** How much of an excerpt is searched, and how much is shown before the passage (characters). */
const SEARCHED = 20_000, LEAD = 80;

/** Returns at most `limit` characters of an excerpt, with the words that say the value if it has them. */
export function passageIn(excerpt: string, value: unknown, limit: number): Passage {
  const text = beginning(excerpt, SEARCHED);
  const found = wordsFor(value).flatMap((words) => {
    const at = indexOfWords(text, words);
    return at === -1 ? [] : [{ at, end: at + words.length }];
  })[0];
  if (found === undefined) return { before: cutEnd(excerpt, limit), match: "", after: "" };
  const from = found.end <= limit ? 0 : Math.max(0, found.at - LEAD);
  const room = Math.max(0, limit - (found.end - from));
  return {
    before: `${from > 0 ? "…" : ""}${text.slice(from, found.at)}`,
    match: text.slice(found.at, found.end),
    after: cutEnd(excerpt.slice(found.end), room),
  };
}

/** The spellings of a value to look for, the most exact first. */
function wordsFor(value: unknown): string[] {
  if (typeof value !== "string" && !isNumber(value)) return [];
  const raw = String(value);
  if (raw.length > MAX_CHARS) return [];
  const { kind, text } = showValue(value);
  if (kind === "link" || kind === "prose") return [];
  const [day = "", month = "", year = ""] = kind === "date" ? text.split(" ") : [];
  const american = year === "" ? [] : [`${month} ${day}, ${year}`];
  return [text, raw, raw.replace(/\B(?=(?:\d{3})+$)/g, " "), ...american]
    .filter((words) => words.length >= LEAST_CHARS && words.length <= MAX_CHARS);
}

/** Finds the words as whole words, ignoring case. */
function indexOfWords(text: string, words: string): number {
  const lower = text.toLowerCase(), wanted = words.toLowerCase();
  if (lower.length !== text.length) return -1;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + 1)) {
    const isInside = /[\p{L}\d]/u.test(text.charAt(at - 1)) ||
      /^(?:[\p{L}\d]|[.,]\d)/u.test(text.slice(at + words.length, at + words.length + 2));
    if (!isInside) return at;
  }
  return -1;
}

function cutEnd(text: string, limit: number): string {
  return text.length <= limit ? text : `${beginning(text, limit)}…`;
}
