/** Reads the parts around the sheets: workbook, shared strings, styles (ECMA-376 part 1, chapter 18). */
import type { SheetInfo, TableLimits } from "../../model/mod.ts";
import { TableError } from "../raw.ts";
import { numberFormats } from "./number_format.ts";
import { readXml, type XmlHandler } from "./xml.ts";
import type { ZipFiles } from "./zip.ts";

export interface Sheet extends SheetInfo {
  /** The sheet's path in the archive. */
  readonly path: string;
}

export interface Workbook {
  readonly sheets: readonly Sheet[];
  /** Dates count from 1904, as in workbooks from old Macs. */
  readonly is1904: boolean;
  readonly sharedStrings: string | null;
  readonly styles: string | null;
}

/** Maximum sheets. Excel sets no limit. */
const MAX_SHEETS = 1_000;
/** Maximum shared strings. */
const MAX_STRINGS = 1_000_000;
/** Maximum cell formats. Excel allows 65,490. */
const MAX_STYLES = 70_000;

/** @throws {TableError} if the archive is not an XLSX workbook. */
export async function readWorkbook(files: ZipFiles): Promise<Workbook> {
  const path = await workbookPath(files);
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const file = path.slice(folder.length);
  const targets = await relationships(files, `${folder}_rels/${file}.rels`, folder);
  const sheets: Sheet[] = [];
  let is1904 = false;
  await readXml(files.read(path), {
    open: ({ name, attribute }) => {
      if (name === "workbookPr") is1904 = isTrue(attribute("date1904"));
      if (name !== "sheet" || sheets.length >= MAX_SHEETS) return;
      const target = targets.byId.get(attribute("id") ?? "");
      if (target === undefined || !files.has(target)) return;
      const state = attribute("state");
      const hidden = state === "hidden" || state === "veryHidden";
      sheets.push({ name: attribute("name") ?? "", hidden, path: target });
    },
  });
  const ofKind = (kind: string) => {
    const path = targets.byKind.get(kind);
    return path !== undefined && files.has(path) ? path : null;
  };
  return { sheets, is1904, sharedStrings: ofKind("sharedStrings"), styles: ofKind("styles") };
}

export function isTrue(value: string | null): boolean {
  return value === "1" || value === "true" || value === "on";
}

async function workbookPath(files: ZipFiles): Promise<string> {
  if (files.has("_rels/.rels")) {
    const { byKind } = await relationships(files, "_rels/.rels", "");
    const path = byKind.get("officeDocument");
    if (path !== undefined && files.has(path) && path.endsWith(".xml")) return path;
  }
  if (files.has("xl/workbook.xml")) return "xl/workbook.xml";
  const other = files.names.some((name) => name.endsWith(".bin"))
    ? "a binary workbook (XLSB)"
    : files.has("Index/Document.iwa")
    ? "a Numbers document"
    : files.has("content.xml")
    ? "an OpenDocument file"
    : "a ZIP archive without a workbook";
  throw new TableError(`This is ${other}. Save the table as XLSX or CSV and upload that.`);
}

async function relationships(files: ZipFiles, path: string, folder: string) {
  const byId = new Map<string, string>(), byKind = new Map<string, string>();
  if (files.has(path)) {
    await readXml(files.read(path), {
      open: ({ name, attribute }) => {
        const target = attribute("Target");
        if (name !== "Relationship" || target === null || byId.size > MAX_SHEETS * 2) return;
        const resolved = new URL(target, `zip:///${folder}`).pathname.slice(1);
        byId.set(attribute("Id") ?? "", decodeURIComponent(resolved));
        const kind = attribute("Type") ?? "";
        byKind.set(kind.slice(kind.lastIndexOf("/") + 1), decodeURIComponent(resolved));
      },
    });
  }
  return { byId, byKind };
}

/**
 * Reads the strings that cells refer to by index. Long strings are cut one character past the cell limit, so
 * the limit check still fails.
 */
export async function readSharedStrings(
  files: ZipFiles,
  path: string,
  limits: TableLimits,
): Promise<readonly string[]> {
  const strings: string[] = [];
  let chars = 0;
  const text = richText(limits.cellChars, (value) => {
    strings.push(value);
    chars += value.length;
    if (strings.length > MAX_STRINGS || chars > 2 * limits.bytes) {
      throw new TableError(
        "The workbook has more text than a table may hold. " +
          "Copy the rows you need into a new workbook.",
      );
    }
  });
  await readXml(files.read(path), text);
  return strings;
}

/** Collects the text of `si` and `is` elements from their `t` elements, without phonetic hints. */
export function richText(maxChars: number, done: (text: string) => void): XmlHandler {
  let value = "", isText = false, isSpoken = false;
  return {
    open: ({ name }) => {
      if (name === "si" || name === "is") value = "";
      if (name === "rPh") isSpoken = true;
      if (name === "t") isText = !isSpoken;
    },
    text: (text) => {
      if (isText && value.length <= maxChars) value += text.slice(0, maxChars + 1 - value.length);
    },
    close: (name) => {
      if (name === "t") isText = false;
      if (name === "rPh") isSpoken = false;
      if (name === "si" || name === "is") done(unescaped(value));
    },
  };
}

/** Decodes `_x000D_`, the notation for characters that XML does not allow. */
export function unescaped(text: string): string {
  if (!text.includes("_x")) return text;
  return text.replace(
    /_x([0-9a-f]{4})_/gi,
    (_, code: string) => String.fromCharCode(parseInt(code, 16)),
  );
}

/** How each cell format shows a number. */
export async function readStyles(
  files: ZipFiles,
  path: string,
  is1904: boolean,
): Promise<ReturnType<typeof numberFormats>> {
  const codes = new Map<number, string>();
  const formats: number[] = [];
  let isCellFormats = false;
  await readXml(files.read(path), {
    open: ({ name, attribute }) => {
      if (name === "cellXfs") isCellFormats = true;
      if (name === "numFmt" && codes.size < MAX_STYLES) {
        codes.set(Number(attribute("numFmtId")), attribute("formatCode") ?? "");
      }
      if (name === "xf" && isCellFormats && formats.length < MAX_STYLES) {
        formats.push(Number(attribute("numFmtId") ?? 0));
      }
    },
    close: (name) => {
      if (name === "cellXfs") isCellFormats = false;
    },
  });
  return numberFormats(formats, codes, is1904);
}
