/** Removes the margins of lines: those of code, and the prefixes that a terminal, an editor or a mail adds. Pure. */
import { isObject } from "../../base/mod.ts";

/** Prompts of interactive sessions, before the lines that a person typed. Other lines are output. */
const SESSIONS = [/^(?:>>>|\.\.\.)(?: |$)/, /^(?:In \[\d+\]:|[ ]+\.\.\.:)(?: |$)/];
/** Prefixes of every line. */
const MARGINS = [/^[ \t]*\d+[ \t]*[|:│.)]?[ \t]?/, /^[ \t]*[>|│][ \t]?/, /^\+/];
/** A shell's prompt before a line that continues a command. */
const CONTINUED = /^>(?: |$)/;

/** The text without the prefixes of its lines, one result for each kind of prefix that fits. */
export function withoutMargins(text: string): string[] {
  const lines = text.split(/\r?\n/);
  const texts: string[] = [];
  for (const session of SESSIONS) {
    const typed = lines.filter((line) => session.test(line));
    if (typed.length > 0) texts.push(typed.map((line) => line.replace(session, "")).join("\n"));
  }
  for (const margin of MARGINS) {
    if (lines.every((line) => line.trim() === "" || margin.test(line))) {
      texts.push(lines.map((line) => line.replace(margin, "")).join("\n"));
    }
  }
  if (lines.slice(1).some((line) => CONTINUED.test(line))) {
    texts.push(lines.map((line) => line.replace(CONTINUED, "")).join("\n"));
  }
  return texts;
}

/** The code of a Jupyter notebook; `null` if the value is not one. */
export function notebookCode(value: unknown): string | null {
  if (!isObject(value) || !Array.isArray(value.cells)) return null;
  const cells = value.cells.flatMap((cell) => {
    if (!isObject(cell) || cell.cell_type !== "code") return [];
    return [Array.isArray(cell.source) ? cell.source.join("") : String(cell.source)];
  });
  return cells.join("\n");
}

/** A text without the margin that all of its lines have, as Python's `textwrap.dedent` leaves it. */
export function dedented(text: string): string {
  const lines = text.split("\n").map((line) => line.trim() === "" ? "" : line);
  let margin: string | null = null;
  for (const line of lines) {
    if (line === "") continue;
    const own: string = /^[ \t]*/.exec(line)![0];
    let length = 0;
    margin ??= own;
    while (length < margin.length && margin[length] === own[length]) length++;
    margin = margin.slice(0, length);
  }
  return lines.map((line) => line.slice(margin?.length)).join("\n");
}
