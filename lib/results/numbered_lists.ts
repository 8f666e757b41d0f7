/** Finds the list of sources at the end of a text, under any heading and in any language. Pure. */
import { addressesIn } from "./addresses.ts";

/** One entry of a numbered list. */
export interface Entry {
  readonly number: number;
  /** The entry without its number. */
  readonly text: string;
}

/** The outcome of the search for a text's list of sources. */
export type Closing =
  | {
    readonly kind: "list";
    readonly entries: readonly Entry[];
    /** Whether they are footnotes: `[^n]` refers to them, `[n]` does not. */
    readonly footnotes: boolean;
    readonly span: readonly [start: number, end: number];
  }
  /** The text has something like a list of sources, but it is ambiguous. */
  | { readonly kind: "doubt" }
  /** The text has none. `used` are the numbers that it refers to. */
  | { readonly kind: "none"; readonly used: readonly number[] };

interface Line {
  /** Empty in fenced code. */
  readonly text: string;
  /** The line of fenced code; empty elsewhere. */
  readonly code: string;
  /** The index in the text. */
  readonly at: number;
}

interface Item extends Entry {
  /** As written: an ordered list may use `1.` for each entry. */
  readonly written: number;
  readonly style: "footnote" | "bracketed" | "row" | "ordered";
  /** Line numbers, including the last. */
  readonly from: number;
  readonly to: number;
}

/**
 * `1.` `1\.` `1)` `(1)` `1、` `[1]` `[[1]]` `[1]:` `[^1]:` `【1】` `| 1 |` `| [1](`, with or without a bullet or
 * emphasis. Not a decimal: `1.5 million` starts no entry.
 */
const ITEM =
  /^ {0,3}(?:[-*+•] +)?(?:\*{1,3}|_{1,3})?(?:\[?\\?\[(\^?)(\d{1,4})\\?\]\]?|[【（(](\d{1,4})[】）)]|［(\d{1,4})］|\| *(?:\*\*|__)?\[?(\d{1,4})(?:\](?=\()|\]?(?:\*\*|__)? *\|)|(\d{1,4})\\?[.)．、](?!\d))(?:\*{1,3}|_{1,3})?[:：]?(.*)$/;
/** The group that follows the number. */
const REST = 7;

/** Headings of lists of sources. Under other headings, only the position identifies the list. */
const NAMES = [
  "references?|sources?|bibliography|works cited|citations?|footnotes?|endnotes?",
  "quellen\\p{L}*|referenzen|literatur\\p{L}*|einzelnachweise|r[ée]f[ée]rences|bibliographie",
  "referencias|fuentes|bibliograf[íi]a|refer[êe]ncias|fontes|riferimenti|fonti|bronnen",
  "k[äa]llor|kilder|l[äa]hteet|źródła|zdroje|kaynak\\p{L}*|источники|литература|ссылки|джерела",
  "πηγές|المصادر|المراجع|מקורות|参考文献|参考资料|參考資料|来源|來源|資料來源|出典|引用文献",
  "참고 ?문헌|출처|संदर्भ|स्रोत|อ้างอิง|แหล่งอ้างอิง|nguồn|tài liệu tham khảo|sumber|daftar pustaka",
].join("|");
/** The name alone or nearly alone: “Sources of revenue” is another heading. */
const HEADING = new RegExp(
  `^ {0,3}(?:#{1,6} *)?(?:\\*\\*|__)?(?:[\\d.]+\\s+)?(?:${NAMES})(?![\\p{L}\\p{N}])` +
    "(?:\\s*(?:and|&|/|und|et|y|e|и)\\s*[\\p{L} ]{1,30}|\\s*\\([^)]{0,40}\\)|\\s+(?:cited|used|consulted))?" +
    "\\s*[:：]?(?:\\*\\*|__)?\\s*[:：]?[\\s#]*$",
  "iu",
);
/** Tests a line. Several parts of the pattern match white space, so long white space would take cubic time. */
const isHeading = (line: string) => HEADING.test(line.replace(/(?<=\S)\s+/g, " "));
const ANY_HEADING = /^ {0,3}#{1,6}(?:\s|$)/;
/** A reference to one or more numbers, unless it is link text. */
const USE = /[[【［](\d{1,4}(?:\s?[,;、，–-]\s?\d{1,4}){0,20})[\]】］](?!\]?\((?!#))/g;
/** `[2026]` is a year. */
const isYear = (n: number) => n >= 1900 && n <= 2100;

/**
 * A mark of an entry in another style: `Source 1:`, `1 –`, `注1：`, `¹`, `①`. Without URLs, such a list may be
 * one of sources. A call of a function, `alert(1)`, is no mark.
 */
const OTHER_MARK =
  /^(?!\s*[\w.]+\(\d+\);?\s*$)[\s>*_+•#-]{0,20}(?:(\p{No})|(?:\p{L}{1,20}[.]?\s?)?[[(]?(\p{Nd}{1,4})[\])]?(?:[:.)\]](?!\p{Nd})|\s[–—-]\s))/u;

/** A line like `> [1] Bee`, which may be an entry in a quotation or in code. */
const HIDDEN_ENTRY = /^[\s>*_+•#-]{0,20}(?:[[(【［]\d{1,4}|\d{1,4}[.)]\s)/;

const isRow = (line: string) => /^ {0,3}\|/.test(line);

/** Finds a text's list of sources. */
export function closingList(text: string): Closing {
  const lines = proseLines(text);
  const lists = listsIn(lines);
  const entries = new Set(lists.flat().map(({ from }) => from));
  const uses = lines.flatMap(({ text }, line) => {
    // A row of a table of sources may name its number in any column.
    if (isRow(text) && addressesIn(text).length > 0) return [];
    // An entry's own number is not a reference to it.
    const rest = entries.has(line) ? ITEM.exec(text)?.[REST] ?? "" : text;
    return [...rest.matchAll(USE)].map(([, n]) => ({ line, number: Number(n) }));
  }).filter(({ number }) => !isYear(number));
  // `[0, 1]` may also be an interval: it gives the position, but not the numbers used.
  const used = [...new Set(uses.map(({ number }) => number).filter((n) => !Number.isNaN(n)))];
  const closest = lists.findLast(isOfSources);
  const last = lists.at(-1);
  // Uses are in line order.
  const lastUse = uses.at(-1)?.line ?? -1;
  const isAfter = (at: number) => lastUse < at;
  const isAfterAll = (items: readonly Item[]) => isAfter(items[0]!.from);
  if (closest !== undefined) {
    const isNamedSo = isNamed(lines, closest);
    const isClear = isNamedSo ||
      (isAfterAll(closest) && share(closest) >= 2 / 3 && !(closest !== last && covers(last, used)));
    if (!isClear) return { kind: "doubt" };
    // Groups that each begin at 1 are one list, in which such a number is ambiguous.
    const groups = isNamedSo
      ? [closest]
      : lists.filter((items) =>
        isAfterAll(items) && isOfSources(items) && items[0]?.style === closest[0]?.style
      );
    const own = groups.flat();
    const end = lines[own.at(-1)!.to];
    return {
      kind: "list",
      entries: own,
      footnotes: own[0]?.style === "footnote",
      span: [lines[own[0]!.from]!.at, end!.at + end!.text.length],
    };
  }
  const isDoubtful = lines.some(({ text }) => isHeading(withoutTags(text))) ||
    (last !== undefined && isAfterAll(last) && covers(last, used)) ||
    isMarkedOtherwise(lines, lastUse, used) ||
    lines.some(({ text }) => /\[\d{1,4}\]:?\s*<?https?:\/\//i.test(text)) ||
    lines.some(({ text, code }, line) =>
      (isAfter(line) || !code) && HIDDEN_ENTRY.test(code || text) &&
      addressesIn(code || text).length > 0
    ) ||
    // URLs at the end may be a list in an unknown format.
    lines.some(({ text }, line) => isAfter(line) && addressesIn(text).length > 0);
  return isDoubtful ? { kind: "doubt" } : { kind: "none", used };
}

/** Whether the line of the last reference and those after it mark all used numbers in another style. */
function isMarkedOtherwise(lines: readonly Line[], lastUse: number, used: readonly number[]) {
  const numbers = new Set<number>();
  for (let at = Math.max(0, lastUse); at < lines.length; at++) {
    const text = withoutTags(lines[at]!.text);
    const found = OTHER_MARK.exec(text);
    if (found === null) continue;
    const uses = at === lastUse ? [...text.matchAll(USE)].map(([, n]) => Number(n)) : [];
    // Only a line like `[1] A, [2] B` is a list. A sentence may begin with a reference, too.
    if (at === lastUse && !(text.startsWith("[") && uses.length > 1)) continue;
    const number = Number((found[1] ?? found[2]!).normalize("NFKC"));
    // Digits of other scripts, such as ٣, are not parsed. If the text has references, they are in doubt.
    if (Number.isNaN(number)) return used.length > 0;
    for (const each of [number, ...uses]) numbers.add(each);
  }
  return used.length > 0 && used.every((n) => numbers.has(n));
}

const withoutTags = (line: string) => line.replace(/<[^<>]{0,200}>/g, "");

function covers(items: readonly Item[] | undefined, used: readonly number[]): boolean {
  const numbers = new Set(items?.map(({ number }) => number));
  return used.length > 0 && used.every((n) => numbers.has(n));
}

/** Returns whether at least half of the entries have a URL. */
function isOfSources(items: readonly Item[]): boolean {
  return share(items) >= 1 / 2;
}

/** The share of entries with a URL, 0 to 1. */
function share(items: readonly Item[]): number {
  return items.filter(({ text }) => addressesIn(text).length > 0).length / items.length;
}

/** Returns whether the heading above a list names sources. */
function isNamed(lines: readonly Line[], [first]: readonly Item[]): boolean {
  let line = (first?.from ?? 0) - 1;
  while (line > 0 && lines[line]?.text.trim() === "") line--;
  return isHeading(lines[line]?.text ?? "");
}

/** The lines of a text. */
function proseLines(text: string): Line[] {
  let at = 0;
  let fence: string | null = null;
  // A single CR ends a line, too (CommonMark, 2.1), and a `<br>` may part entries.
  return text.split(/(?<=\n|\r(?!\n)|<br ?\/?>(?= ?\[\d))/i).map((whole) => {
    const start = at, line = whole.replace(/[\r\n]+$/, "");
    at += whole.length;
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    const isFence = mark !== undefined && (fence === null || mark.startsWith(fence));
    const isCode = fence !== null || isFence;
    if (isFence) fence = fence === null ? mark : null;
    return { text: isCode ? "" : line, code: isCode ? line : "", at: start };
  });
}

/** Every numbered list, its entries with their continuation lines. */
function listsIn(lines: readonly Line[]): Item[][] {
  const lists: Item[][] = [];
  for (let at = 0; at < lines.length; at++) {
    const match = ITEM.exec(lines[at]?.text ?? "");
    if (match === null) continue;
    const [, footnote, bracketed, chinese, wide, cell, dotted, rest = ""] = match;
    const written = Number(bracketed ?? chinese ?? wide ?? cell ?? dotted);
    const style = footnote
      ? "footnote"
      : cell !== undefined
      ? "row"
      : dotted !== undefined
      ? "ordered"
      : "bracketed";
    const to = entryEnd(lines, at);
    const text = [rest, ...lines.slice(at + 1, to + 1).map((line) => line.text)].join("\n");
    const list = lists.at(-1);
    const before = list?.at(-1);
    const isOneByOne = before?.written === written && style === "ordered" &&
      !lines.slice(before.to + 1, at).some((line) => line.text.trim() !== "");
    const number = isOneByOne ? before.number + 1 : written;
    const item: Item = { number, written, style, from: at, to, text };
    // With brackets, two pages may share a number. With `1.`, a repeated 1 starts a new list.
    const goesOn = before?.style === style &&
      (before.number < number || (before.number === number && style !== "ordered"));
    if (goesOn) list?.push(item);
    else lists.push([item]);
    at = to;
  }
  return lists;
}

/** The last line of an entry: it continues until a blank line, and beyond if indented. */
function entryEnd(lines: readonly Line[], start: number): number {
  let end = start;
  for (let at = start + 1; at < lines.length; at++) {
    const { text } = lines[at]!;
    const isBlank = text.trim() === "";
    if (isBlank) continue;
    const followsBlank = at > end + 1;
    if (ITEM.test(text) || ANY_HEADING.test(text)) break;
    if (followsBlank && !/^\s{2,}/.test(text)) break;
    end = at;
  }
  return end;
}
