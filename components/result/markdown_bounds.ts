/** Finds markup of a text that would take too long to render. The text is rendered without it. */

/** Whether to look for addresses would take long: each is read up to the next space, and may contain the others. */
export function hasLongAddresses(text: string): boolean {
  return text.match(/\S{2000,}/g)?.some((run) => run.length * run.split("://").length > 4e6) ??
    false;
}

/** The most cells of all tables of a text. Rendering them takes about 100 ms. */
const MAX_CELLS = 25_000;

/** The row below a table's head, in a list or quotation too. */
const DELIMITER = /^[\s>*+\d.)|:-]*$/;

/** Whether tables have too many cells. A short row gets as many as the head: `|a` may become thousands. */
export function hasLargeTables(text: string): boolean {
  let cells = 0, columns = 0;
  for (const line of text.split(/\r\n?|\n/)) {
    const dashes = line.includes("|") && DELIMITER.test(line) ? line.match(/-+/g) : null;
    if (dashes !== null) columns = Math.max(columns, dashes.length);
    else if (!/[^ \t>]/.test(line)) columns = 0;
    cells += columns;
    if (cells > MAX_CELLS) return true;
  }
  return false;
}
