/** Rewrites references, footnotes and link definitions, so that texts can share a document. Pure. */
import { blocks, PARSED_CHARS, partsOf } from "./markdown_parts.ts";

/** How to rewrite a text's marks for a document that has footnotes of its own. */
export interface Marks {
  /** For an inline reference `[n]`, or each number of `[n, m]`. `null` leaves it unchanged. */
  readonly reference?: (n: number) => string | null;
  /** The new label of a footnote in the text. */
  readonly footnote?: (label: string) => string;
  /** The range of the text's own list of references, whose numbers are kept (indexes). */
  readonly list?: readonly [start: number, end: number] | null;
}

/**
 * Matches a link, whose text and label are kept, a footnote mark or definition, or a reference, with any
 * anchor in the text.
 */
const MARK =
  /\[(?:[^[\]]|\[[^[\]]*\]){0,300}\]\((?!#)|\[(?!\^?\d{1,4}\])[^[\]]{1,300}\]\[\^?\d{1,4}\]|\[\^([^\]\s]{1,100})\]|[[【［](\d{1,4}(?:\s?[,;、，–-]\s?\d{1,4}){0,20})[\]】］](?:\(#[^\s()]{0,100}\))?(?!\()/g;

/** Rewrites a text's marks. Code and links are kept. */
export function mapMarks(text: string, { reference, footnote, list }: Marks): string {
  const [listStart, listEnd] = list ?? [Infinity, -Infinity];
  let mapped = "", from = 0;
  for (const part of partsOf(text)) {
    const start = from;
    from += part.text.length;
    mapped += part.isCode ? part.text : part.text.replace(
      MARK,
      (whole, label: string | undefined, digits: string | undefined, at: number) => {
        if (label !== undefined) return `[^${footnote?.(label) ?? label}]`;
        const isListed = start + at >= listStart && start + at < listEnd;
        if (digits === undefined || isListed || isDefinition(part.text, at, whole)) return whole;
        let isClear = true;
        const marks = digits.replace(/\d+/g, (number) => {
          const mark = reference?.(Number(number)) ?? null;
          isClear &&= mark !== null;
          return mark ?? number;
        });
        return isClear ? marks : whole;
      },
    );
  }
  return mapped;
}

/** `[text][label]`, `[label][]`, `[label]` or `[label]:`; not `[text](url)`. */
const LABEL = /(?<!\\)\[((?:[^[\]\\]|\\.){1,300})\](?:\[((?:[^[\]\\]|\\.){0,300})\])?(?!\()/gs;

/**
 * Makes the labels of a text's link definitions unique: if a document defines a label twice, Markdown uses the
 * first definition for both.
 */
export function ownDefinitions(text: string, prefix: string): string {
  if (!text.includes("]:") || text.length > PARSED_CHARS) return text;
  const parsed = blocks(text);
  const { parser, references } = parsed;
  const isOwn = (label: string) =>
    !label.startsWith("^") && Object.hasOwn(references, parser.utils.normalizeReference(label));
  let own = "";
  for (const part of partsOf(text, parsed)) {
    let linkEnd = -1;
    own += part.isCode ? part.text : part.text.replace(
      LABEL,
      (whole, words: string, label: string | undefined, at: number) => {
        const name = label || words;
        if (!isOwn(name)) return whole;
        // The label of a link whose text has brackets.
        const isLast = part.text[at - 1] === "]" && at !== linkEnd;
        linkEnd = at + whole.length;
        return label === undefined && (isLast || defines(part.text, at, whole))
          ? `[${prefix}${name}]`
          : `[${words}][${prefix}${name}]`;
      },
    );
  }
  return own;
}

/** The text before a definition on its line: marks of quotations and lists. */
const BEFORE = /^(?:[\s>]|[-*+](?=\s)|\d{1,9}[.)](?=\s))*$/;
/** A URL and perhaps a title, and nothing else on the line. */
const DESTINATION =
  /^:[ \t]*(?:\r?\n[ \t>]*)?(?:<[^<>\n]*>|[^\s<]\S*)(?:\s+(?:"[^"]{0,500}"|'[^']{0,500}'|\([^()]{0,500}\)))?[ \t]*(?:[\r\n]|$)/;
/** The longest text before a definition, and the longest destination, to read (characters). */
const BEFORE_CHARS = 100, DESTINATION_CHARS = 9_000;

/** Returns whether a label is at its definition, not at a use. */
function defines(text: string, at: number, mark: string): boolean {
  const after = at + mark.length;
  if (text[after] !== ":") return false;
  const before = text.slice(Math.max(0, at - BEFORE_CHARS), at);
  const lineEnd = before.lastIndexOf("\n");
  return (lineEnd !== -1 || at <= BEFORE_CHARS) && BEFORE.test(before.slice(lineEnd + 1)) &&
    DESTINATION.test(text.slice(after, after + DESTINATION_CHARS));
}

function isDefinition(text: string, at: number, mark: string): boolean {
  return text[at + mark.length] === ":" &&
    text.slice(text.lastIndexOf("\n", at - 1) + 1, at).trim() === "";
}
