/**
 * A streaming XML reader for workbook parts: elements by local name, attributes on demand, no tree. Rejects
 * DTDs.
 */
import { TableError } from "../raw.ts";

/** An element's start tag. */
export interface XmlStart {
  /** Without its namespace prefix. */
  readonly name: string;
  /** An attribute's value by local name; `null` if absent. */
  attribute(name: string): string | null;
}

/** Callbacks of a document. Text may arrive in several pieces. */
export interface XmlHandler {
  open?(start: XmlStart): void;
  text?(text: string): void;
  close?(name: string): void;
}

const DAMAGED = "The workbook holds XML that cannot be read. Save it again as XLSX.";
/** A start tag of a workbook has a few hundred characters at most. */
const MAX_TAG_CHARS = 64 * 1024;
/** Characters to hold back for an incomplete entity. */
const MAX_ENTITY_CHARS = 16;

/**
 * Reads a whole document.
 *
 * @throws {TableError} if it is not XML. Errors of the handler pass through.
 */
export async function readXml(
  chunks: AsyncIterable<Uint8Array>,
  handler: XmlHandler,
): Promise<void> {
  const decoder = new TextDecoder();
  const reader = new XmlReader(handler);
  for await (const chunk of chunks) reader.push(decoder.decode(chunk, { stream: true }));
  reader.push(decoder.decode(), true);
}

class XmlReader {
  readonly #handler: XmlHandler;
  #rest = "";
  /** Open elements. */
  #depth = 0;

  constructor(handler: XmlHandler) {
    this.#handler = handler;
  }

  push(chunk: string, isLast = false): void {
    const text = this.#rest + chunk;
    let at = 0;
    while (at < text.length) {
      const next = text[at] === "<" ? this.#markup(text, at) : this.#text(text, at, isLast);
      if (next === -1) break;
      at = next;
    }
    this.#rest = text.slice(at);
    const isCut = isLast && (this.#rest !== "" || this.#depth !== 0);
    if (this.#rest.length > MAX_TAG_CHARS || isCut) {
      throw new TableError(DAMAGED);
    }
  }

  /** Returns the offset to continue at, or -1 if it needs more input. So do the methods below. */
  #text(text: string, at: number, isLast: boolean): number {
    const end = text.indexOf("<", at);
    let until = end === -1 ? text.length : end;
    if (end === -1 && !isLast) {
      const entity = text.lastIndexOf("&");
      if (entity >= at && until - entity < MAX_ENTITY_CHARS && !text.includes(";", entity)) {
        until = entity;
      }
    }
    if (until === at) return -1;
    this.#handler.text?.(withEntities(text.slice(at, until)));
    return until;
  }

  #markup(text: string, at: number): number {
    const mark = text[at + 1];
    if (mark !== "!" && mark !== "?") return this.#element(text, at);
    if (text.startsWith("<!--", at)) return after(text, "-->", at + 4);
    if (text.startsWith("<![CDATA[", at)) {
      const end = text.indexOf("]]>", at);
      if (end === -1) return -1;
      this.#handler.text?.(text.slice(at + 9, end));
      return end + 3;
    }
    if (text.startsWith("<?", at)) return after(text, "?>", at + 2);
    if (text.startsWith("<!DOCTYPE", at)) throw new TableError(DAMAGED);
    // The rest of the markup has not arrived yet.
    return -1;
  }

  #element(text: string, at: number): number {
    const end = tagEnd(text, at + 1);
    if (end === -1) return -1;
    this.#tag(text.slice(at + 1, end));
    return end + 1;
  }

  #tag(tag: string): void {
    if (tag.includes("<")) throw new TableError(DAMAGED);
    if (tag.startsWith("/")) {
      this.#depth--;
      this.#handler.close?.(localName(tag.slice(1).trimEnd()));
      return;
    }
    const isEmpty = tag.endsWith("/");
    const name = /^[^\s/]+/.exec(tag)?.[0];
    if (name === undefined) throw new TableError(DAMAGED);
    const start = { name: localName(name), attribute: (wanted: string) => attribute(tag, wanted) };
    this.#handler.open?.(start);
    if (!isEmpty) this.#depth++;
    if (isEmpty) this.#handler.close?.(start.name);
  }
}

function after(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  return at === -1 ? -1 : at + end.length;
}

/** Finds the `>` that ends a tag, skipping quoted attributes. */
function tagEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === GREATER) return at;
    if (char !== DOUBLE_QUOTE && char !== SINGLE_QUOTE) continue;
    at = text.indexOf(char === DOUBLE_QUOTE ? '"' : "'", at + 1);
    if (at === -1) return -1;
  }
  return -1;
}

const GREATER = 0x3e, DOUBLE_QUOTE = 0x22, SINGLE_QUOTE = 0x27;

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

const ATTRIBUTE = /\s([^\s=/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** Unusual spellings. Only tags with them need the slower expression above. */
const UNUSUAL = /['\n\t\r:]|\s=|=\s/;

function attribute(tag: string, wanted: string): string | null {
  const start = tag.indexOf(` ${wanted}="`);
  if (!UNUSUAL.test(tag)) {
    if (start === -1) return null;
    const from = start + wanted.length + 3;
    return withEntities(tag.slice(from, tag.indexOf('"', from)));
  }
  for (const [, name = "", double, single] of tag.matchAll(ATTRIBUTE)) {
    if (name === wanted || (localName(name) === wanted && !name.startsWith("xmlns"))) {
      return withEntities(double ?? single ?? "");
    }
  }
  return null;
}

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function withEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi,
    (whole, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
      const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : "\uFFFD";
    },
  );
}
