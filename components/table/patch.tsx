/** Re-renders rows of a server-rendered page with the same components. */
import { render } from "preact";
import { type BatchView, type RowView, rowView } from "../../lib/batches/model/mod.ts";
import { AnswerCells } from "./BatchRow.tsx";
import type { TableColumns } from "./columns.ts";
import { ON_PAGE } from "./seed.ts";

export interface PatchOptions {
  /** The path of the page. */
  readonly base: string;
  /** The page of a row's run; `null` on pages that show no runs. */
  readonly runHref: (runId: string) => string | null;
  readonly columns: TableColumns;
}

/** The row on the page; `null` if the page does not show it. */
export function rowElement(row: number): HTMLElement | null {
  return document.getElementById(`r${row}`);
}

/** Replaces the results, status and cost of the rows on the page. */
export function patchRows(
  view: BatchView,
  rows: readonly number[],
  options: PatchOptions,
): void {
  for (const row of rows) {
    const element = rowElement(row);
    if (element) patchRow(element, rowView(view, row), options);
  }
}

/** The cells are plain markup. Preact does not stay attached. */
function patchRow(
  row: HTMLElement,
  view: RowView,
  { base, columns, runHref }: PatchOptions,
): void {
  const holder = document.createElement("tr");
  const old = [...row.children].slice(1 + columns.inputs.length);
  // A change may omit the run's link, which the page already has.
  const known = row.querySelector(".state > a")?.getAttribute("href") ?? null;
  const href = view.run_id === null ? known : runHref(view.run_id);
  render(
    <AnswerCells base={base} columns={columns} view={view} runHref={href} />,
    holder,
  );
  const cells = [...holder.children];
  old.forEach((cell, at) => {
    const next = cells[at];
    // Keep results that the page shows but the script does not know. What is replaced is laid out anew.
    if (!next || view.cells?.[at]?.text === ON_PAGE || cell.isEqualNode(next)) return;
    const isFocused = cell.contains(document.activeElement);
    cell.replaceWith(next);
    if (isFocused) focusCell(next);
  });
}

/** Focuses a cell's control, or the cell itself. */
export function focusCell(cell: Element | undefined): void {
  if (!(cell instanceof HTMLElement)) return;
  const link = cell.querySelector<HTMLElement>("a");
  if (link === null) cell.tabIndex = -1;
  (link ?? cell).focus();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}
