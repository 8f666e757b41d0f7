/**
 * Cuts a value down to what a page can show. Results can have megabytes; result.json contains all of it.
 * Pure.
 */
import { beginning, inOrder, isObject } from "../base/mod.ts";

/** The limits on the part of a value that a page shows. */
export interface TrimLimits {
  /** The most scalars. */
  readonly values: number;
  /** The most characters of all strings together. */
  readonly chars: number;
  /** The most of these characters that may be Markdown, which takes time to render. */
  readonly marks?: number;
  /** The most characters of all paths together: each path is part of an element's id. */
  readonly paths?: number;
  /** Whether `chars` are bytes of HTML: with the markup of each scalar, escapes and UTF-8. */
  readonly inHtml?: boolean;
  /** If the value is one text and does not fit, the most characters of it. Default: as many as fit. */
  readonly firstPart?: number;
}

export interface Trimmed {
  readonly value: unknown;
  /** Scalars that are omitted or cut. Counted up to {@linkcode MAX_COUNTED}. */
  readonly omitted: number;
}

/** Omitted scalars are counted up to this number: counting more takes time and helps no one. */
export const MAX_COUNTED = 10_000;

/** Deeper than anyone reads, and within the stack of the renderer. */
const MAX_DEPTH = 40;

/** Returns the first part of a value in reading order, and how much was omitted. */
export function trimValue(value: unknown, limits: TrimLimits): Trimmed {
  if (typeof value === "string") return trimText(value, limits);
  let { values, chars, marks = Infinity, paths = Infinity } = limits;
  const { inHtml = false } = limits;
  let omitted = 0;

  const leave = (node: unknown) => {
    if (omitted <= MAX_COUNTED) omitted += countValues(node, MAX_COUNTED - omitted);
  };
  const least = inHtml ? SCALAR_BYTES : 0;
  const isSpent = () => values <= 0 || chars <= least || marks <= 0;
  const full = (depth: number, path: number) => isSpent() || paths < path || depth >= MAX_DEPTH;
  // Stop at once: the rest is neither shown nor counted, and may have 100,000 members.
  const isOver = () => omitted > MAX_COUNTED && isSpent();
  const walk = (node: unknown, depth: number, path: number): unknown => {
    paths -= path;
    if (Array.isArray(node)) {
      const kept: unknown[] = [];
      for (const [at, item] of node.entries()) {
        if (isOver()) break;
        const here = path + 1 + `${at}`.length;
        if (full(depth, here)) leave(item);
        else kept.push(walk(item, depth + 1, here));
      }
      return kept;
    }
    if (isObject(node)) {
      const kept: [string, unknown][] = [];
      for (const key of Object.keys(node)) {
        if (isOver()) break;
        const item = node[key];
        const here = path + 1 + key.length;
        if (full(depth, here)) leave(item);
        else kept.push([key, walk(item, depth + 1, here)]);
      }
      return inOrder(kept);
    }
    values--;
    if (inHtml) chars -= SCALAR_BYTES;
    if (typeof node !== "string") return node;
    const { length, used, marks: usedMarks } = fitting(node, Math.max(0, chars), marks, inHtml);
    if (length < node.length) omitted++;
    chars -= used;
    marks -= usedMarks;
    return beginning(node, length);
  };

  return { value: walk(value, 0, 0), omitted };
}

/** End a text's first part at a line's end if there is one within this many characters. */
const LINE_CHARS = 2_000;

function trimText(text: string, limits: TrimLimits): Trimmed {
  const { chars, marks = Infinity, inHtml = false, firstPart = chars } = limits;
  if (fitting(text, chars, marks, inHtml).length === text.length) {
    return { value: text, omitted: 0 };
  }
  const { length } = fitting(text, Math.min(chars, firstPart), marks, inHtml);
  const line = text.lastIndexOf("\n", length - 1) + 1;
  return {
    value: beginning(text, line > length - LINE_CHARS && line > 0 ? line : length),
    omitted: 1,
  };
}

/** The characters that start rows, cells, emphasis, links, lists and paragraphs. */
const MARKS = new Set([..."|*_`[]~#<>\n"].map((mark) => mark.charCodeAt(0)));

/** Markup of one scalar (bytes). */
const SCALAR_BYTES = 120;

/** Returns how much of a text stays within a number of characters, or bytes of HTML, and marks. */
function fitting(text: string, chars: number, marks: number, inHtml: boolean) {
  let used = 0, usedMarks = 0, at = 0;
  for (; at < text.length; at++) {
    const char = text.charCodeAt(at);
    const cost = inHtml ? htmlBytesOf(char) : 1;
    if (used + cost > chars || (MARKS.has(char) && usedMarks + 1 > marks)) break;
    used += cost;
    if (MARKS.has(char)) usedMarks++;
  }
  return { length: at, used, marks: usedMarks };
}

/** The most bytes of a UTF-16 unit in HTML: 6 for an escape, 3 beyond ASCII. */
function htmlBytesOf(char: number): number {
  return char > 0x7f ? 3 : char === 0x22 || char === 0x26 || char === 0x3c ? 6 : 1;
}

/**
 * Counts the scalars and empty containers of a value, up to `limit`. Not recursive: a model may nest deeper
 * than the stack.
 */
export function countValues(node: unknown, limit = Infinity): number {
  const stack = [node];
  let count = 0;
  while (stack.length > 0 && count <= limit) {
    const next = stack.pop();
    const before = stack.length;
    if (Array.isArray(next)) { for (const item of next) stack.push(item); }
    // JSON objects have only own members.
    else if (isObject(next)) { for (const name in next) stack.push(next[name]); }
    if (stack.length === before) count++;
  }
  return count;
}

/** Returns the value with every list cut to its first items, so that about `values` scalars remain. */
export function firstOfLists(value: unknown, values: number): unknown {
  for (let length = 1_000; length >= 1; length = Math.floor(length / 4)) {
    const cut = cutLists(value, length);
    if (countValues(cut, values) <= values) return cut;
  }
  return cutLists(value, 1);
}

function cutLists(value: unknown, length: number, depth = 0): unknown {
  if (Array.isArray(value)) {
    return depth >= MAX_DEPTH
      ? []
      : value.slice(0, length).map((item) => cutLists(item, length, depth + 1));
  }
  if (!isObject(value) || depth >= MAX_DEPTH) return value;
  return inOrder(
    Object.entries(value).map(([name, item]) => [name, cutLists(item, length, depth + 1)]),
  );
}

/** A text of this length does not fit any page (characters). */
const NO_PAGE = 4_000_000;

/**
 * The most bytes that the first `limit` characters of a text can take up in a page. `Infinity` if these are more
 * characters than there is `room` for: a text of megabytes is not read to find out by how much.
 */
export function htmlBytes(text: string, room = NO_PAGE, limit = Infinity): number {
  const length = Math.min(text.length, limit);
  if (length > room) return Infinity;
  let bytes = 0;
  for (let at = 0; at < length; at++) bytes += htmlBytesOf(text.charCodeAt(at));
  return bytes;
}
