/** Workbooks made by hand, as Excel, LibreOffice, Google Sheets and libraries write them. */
import { strToU8, zipSync } from "fflate";

export interface SheetFixture {
  readonly name: string;
  /** The inside of `<sheetData>`, or a whole worksheet where it begins with `<?xml` or `<worksheet`. */
  readonly data: string;
  readonly state?: string;
  /** What follows `</sheetData>`. */
  readonly after?: string;
}

export interface WorkbookFixture {
  readonly sheets: readonly SheetFixture[];
  /** The `<si>` elements. */
  readonly strings?: string;
  /** The inside of `<styleSheet>`. */
  readonly styles?: string;
  readonly is1904?: boolean;
  readonly files?: Readonly<Record<string, string>>;
}

const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships";
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** The bytes of a workbook. */
export function workbook(
  { sheets, strings, styles, is1904, files = {} }: WorkbookFixture,
): Uint8Array {
  const parts: Record<string, string> = {
    "[Content_Types].xml": `${HEAD}<Types xmlns="x"/>`,
    "_rels/.rels":
      `${HEAD}<Relationships xmlns="${PACKAGE}"><Relationship Id="rId1" Type="${REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${REL}"><workbookPr${
      is1904 ? ' date1904="1"' : ""
    }/><sheets>${
      sheets.map(({ name, state }, at) =>
        `<sheet name="${name}" sheetId="${at + 1}"${
          state === undefined ? "" : ` state="${state}"`
        } r:id="rId${at + 1}"/>`
      ).join("")
    }</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `${HEAD}<Relationships xmlns="${PACKAGE}">${
      sheets.map((_, at) =>
        `<Relationship Id="rId${at + 1}" Type="${REL}/worksheet" Target="worksheets/sheet${
          at + 1
        }.xml"/>`
      ).join("")
    }<Relationship Id="rIdS" Type="${REL}/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="rIdT" Type="${REL}/styles" Target="styles.xml"/></Relationships>`,
  };
  for (const [at, { data, after = "" }] of sheets.entries()) {
    parts[`xl/worksheets/sheet${at + 1}.xml`] = /^<(?:\?xml|worksheet)/.test(data)
      ? data
      : `${HEAD}<worksheet xmlns="${MAIN}"><sheetData>${data}</sheetData>${after}</worksheet>`;
  }
  if (strings !== undefined) {
    parts["xl/sharedStrings.xml"] = `${HEAD}<sst xmlns="${MAIN}">${strings}</sst>`;
  }
  if (styles !== undefined) {
    parts["xl/styles.xml"] = `${HEAD}<styleSheet xmlns="${MAIN}">${styles}</styleSheet>`;
  }
  return zipped({ ...parts, ...files });
}

export function zipped(files: Readonly<Record<string, string>>): Uint8Array {
  return zipSync(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])),
  );
}

/** Rows of inline texts. */
export function inlineRows(rows: readonly (readonly string[])[]): string {
  return rows.map((cells, y) =>
    `<row r="${y + 1}">${
      cells.map((cell, x) =>
        cell === ""
          ? ""
          : `<c r="${String.fromCharCode(65 + x)}${
            y + 1
          }" t="inlineStr"><is><t>${cell}</t></is></c>`
      ).join("")
    }</row>`
  ).join("");
}
