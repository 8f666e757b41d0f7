/** One row of a batch's table: uploaded cells, results and status. */
import { cellHref, type TableColumns } from "./columns.ts";
import { ConfidenceDot } from "../ui/Confidence.tsx";
import { Status } from "../ui/Status.tsx";
import { isBlank, NO_CELL, type RowView, WAITING } from "../../lib/batches/model/mod.ts";
import type { CellBrief } from "../../lib/batches/model/mod.ts";
import { dollars, UNKNOWN } from "../../lib/base/mod.ts";

export interface BatchRowProps {
  /** The path of the page. */
  readonly base: string;
  readonly columns: TableColumns;
  readonly view: RowView;
  /** The page of the row's run; `null` if it has none, and on pages that show no runs. */
  readonly runHref: string | null;
}

/** Characters shown per cell. The opened cell shows all of them. */
const CELL_CHARS = 90;

/** The cells of an uploaded row. */
export function UploadedCells(
  { cells, columns, row }: {
    readonly cells: readonly string[];
    readonly columns: TableColumns;
    readonly row: number;
  },
) {
  return (
    <>
      <td class="no">{row}</td>
      {columns.inputs.map(({ at, label }, place) => {
        const text = short(cells[at] ?? "", CELL_CHARS);
        return place === 0
          ? <th key={at} scope="row" class="first">{text || `Row ${row}`}</th>
          : <td key={at} data-label={label}>{text}</td>;
      })}
    </>
  );
}

/** The results, the status and the cost: the cells that change while a batch runs. */
export function AnswerCells({ base, columns, view, runHref }: BatchRowProps) {
  const { row, status, cells, reason, cost_usd } = view;
  return (
    <>
      {columns.outputs.map(({ label, isNumber }, at) => (
        <td
          key={at}
          class={isNumber ? "answer number" : "answer"}
          data-label={label}
        >
          {isAnswered(cells?.[at]) && <Answer cell={cells?.[at]} href={cellHref(base, row, at)} />}
        </td>
      ))}
      <td class="state">
        {runHref === null ? <Status status={status} /> : (
          <a href={runHref}>
            <Status status={status} />
          </a>
        )}
        {reason !== null && status !== "completed" && (
          <span class="bad" title={reason}>
            <a href={cellHref(base, row, "reason")}>{short(reason, CELL_CHARS)}</a>
          </span>
        )}
      </td>
      <td class="number" data-label="Cost">
        {status === WAITING || cost_usd === null ? "" : dollars(cost_usd)}
      </td>
    </>
  );
}

/** Whether there is a result to open, even if it is empty. */
function isAnswered(cell: CellBrief | undefined): boolean {
  return cell !== undefined && cell !== NO_CELL;
}

export function Answer(
  { cell, href }: { readonly cell: CellBrief | undefined; readonly href: string },
) {
  const text = isBlank(cell?.text) ? UNKNOWN : short(cell!.shown ?? cell!.text, CELL_CHARS);
  return (
    <span class="value">
      <a href={href}>{text}</a>
      <ConfidenceDot level={cell?.confidence} />
    </span>
  );
}

function short(text: string, most: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= most ? line : `${line.slice(0, most)}…`.toWellFormed();
}
