/**
 * Keyboard navigation of a table: arrows move between cells, Home and End go to the row's ends, `/` searches.
 */
import { focusCell } from "./patch.tsx";

const STEPS: Readonly<Record<string, readonly [rows: number, cells: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -Infinity],
  End: [0, Infinity],
};

/** Handles a key, unless it belongs to a field or the browser. */
export function onTableKey(event: KeyboardEvent, table: HTMLTableElement): void {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
  if (key === "/") {
    event.preventDefault();
    return document.getElementById("q")?.focus();
  }
  const step = STEPS[key];
  if (step === undefined || !(target instanceof Element)) return;
  const cell = target.closest<HTMLTableCellElement>("td, th");
  const inTable = cell !== null && table.contains(cell);
  // From the surrounding pane, the first arrow goes to the first cell.
  if (!inTable && target.id !== "pane") return;
  event.preventDefault();
  if (!inTable) return focusCell(table.tBodies[0]?.rows[0]?.cells[1]);
  const row = cell.closest("tr")!;
  const to = table.rows[clamp(row.rowIndex + step[0], table.rows.length)];
  focusCell(to?.cells[clamp(cell.cellIndex + step[1], to.cells.length)]);
}

function clamp(at: number, length: number): number {
  return Math.max(0, Math.min(at, length - 1));
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("textarea, select, input");
}
