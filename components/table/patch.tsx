/** Draws rows anew on a page that the server made, with the components that it used. */
import { render } from "preact";
import type { RowView } from "../../lib/batches/model/mod.ts";
import { AnswerCells } from "./BatchRow.tsx";
import type { TableColumns } from "./columns.ts";
import { ON_PAGE } from "./seed.ts";

export interface PatchOptions {
  /** The path of the page. */
  readonly base: string;
  /** Where a row's run is shown; `null` on a page that shows no runs. */
  readonly runHref: (runId: string) => string | null;
  readonly columns: TableColumns;
}

/** Replaces the answers, status and cost of those rows that the page has. */
export function patchRows(views: Iterable<RowView>, options: PatchOptions): void {
  for (const view of views) {
    const row = document.getElementById(`r${view.row}`);
    if (row) patchRow(row, view, options);
  }
}

/** The cells are plain markup: nothing of Preact stays attached. */
function patchRow(
  row: HTMLElement,
  view: RowView,
  { base, columns, runHref }: PatchOptions,
): void {
  const holder = document.createElement("tr");
  const old = [...row.children].slice(1 + columns.inputs.length);
  // A change need not say again what the page knows: the run's link.
  const known = row.querySelector(".state a")?.getAttribute("href") ?? null;
  const href = view.run_id === null ? known : runHref(view.run_id);
  render(
    <AnswerCells base={base} columns={columns} view={view} runHref={href} />,
    holder,
  );
  const focused = old.findIndex((cell) => cell.contains(document.activeElement));
  const cells = [...holder.children];
  old.forEach((cell, at) => {
    // An answer that this page has drawn and its script does not know stays.
    if (cells[at] && view.cells?.[at]?.text !== ON_PAGE) cell.replaceWith(cells[at]);
  });
  if (focused !== -1) focusCell(row.children[1 + columns.inputs.length + focused]);
}

/** Focuses what a cell holds, or the cell itself. */
export function focusCell(cell: Element | undefined): void {
  if (!(cell instanceof HTMLElement)) return;
  const link = cell.querySelector<HTMLElement>("a");
  if (link === null) cell.tabIndex = -1;
  (link ?? cell).focus();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}
