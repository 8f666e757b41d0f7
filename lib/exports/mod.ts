/**
 * Exports a run as Markdown, CSV, JSON and NDJSON, and packs files into ZIP archives. Pure.
 *
 * @module
 */
export { BYTE_ORDER_MARK, type Cell, csvPieces, SIMULATED, unescapedCell } from "./csv.ts";
export { EXPORT_FORMATS } from "./formats.ts";
export { STYLING_TAGS } from "./markdown_text.ts";
export { reportMarkdown } from "./report.ts";
export { basisAt, distinctNames, placesIn, sourcesOf } from "./table.ts";
export { isOneLine, isOutput, oneLine, outputText } from "./written.ts";
export { ZIP_LIMITS, type ZipLimits, zipped, type ZippedFile } from "./zip.ts";
