/** The rows of a batch: filters, sorted columns, one page of rows. Works without JavaScript. */
import {
  BRIEF_CHARS,
  type RowQuery,
  ROWS_PER_PAGE,
  type RowView,
  type TableRow,
  writeRowQuery,
} from "../../lib/batches/model/mod.ts";
import { count } from "../../lib/base/mod.ts";
import { AnswerCells, UploadedCells } from "./BatchRow.tsx";
import { cx } from "../ui/cx.ts";
import { Icon } from "../ui/Icon.tsx";
import type { TableColumns } from "./columns.ts";
import { Widths } from "./Widths.tsx";

export interface BatchTableProps {
  /** The path of the page. */
  readonly base: string;
  readonly columns: TableColumns;
  /** Columns that are left out, because the table is too wide for a page. */
  readonly hidden: number;
  readonly query: RowQuery;
  /** The rows of this page. */
  readonly rows: readonly { readonly row: TableRow; readonly view: RowView }[];
  /** Rows on all pages. */
  readonly matching: number;
  /** Rows per filter; `null` if counting would read every cell. */
  readonly counts: Readonly<Record<FilterName, number | null>>;
  readonly runHref: (view: RowView) => string | null;
  /** Answers may still come: the columns, and on a phone the rows, have their room from the start. */
  readonly isOpen: boolean;
}

export type FilterName = "all" | "completed" | "running" | "waiting" | "failed" | "low" | "empty";

const FILTERS: readonly (readonly [FilterName, label: string, change: Partial<RowQuery>])[] = [
  ["all", "All", {}],
  ["completed", "Done", { status: "completed" }],
  ["running", "Running", { status: "running" }],
  ["waiting", "Waiting", { status: "waiting" }],
  ["failed", "Failed", { status: "failed" }],
  ["low", "Low confidence", { low: true }],
  ["empty", "Empty cells", { empty: true }],
];

/** What a search reads: the batch keeps the beginning of each answer. */
const SEARCHED = `Only the first ${BRIEF_CHARS} characters of each answer are searched.`;

export function BatchTable(props: BatchTableProps) {
  const { base, columns, query, rows, matching, isOpen } = props;
  return (
    <section aria-label="Rows">
      <Filters {...props} />
      {matching === 0
        ? (
          <p class="py-4">
            {query.q === "" ? "No rows match this filter." : `No row contains “${query.q}”.`}
            {query.q !== "" && ` ${SEARCHED}`} <a href={base}>Show all rows</a>
          </p>
        )
        : (
          <>
            <a href="#rows-end" class="skip">Skip the table</a>
            <div class="pane" id="pane" role="region" aria-label="Table" tabIndex={0}>
              <table class={cx("grid-table cards", isOpen && "steady")} id="batch-rows">
                {isOpen && <Widths columns={columns} rows={rows} />}
                <Head columns={columns} query={query} />
                <tbody>
                  {rows.map(({ row, view }) => (
                    <tr key={view.row} id={`r${view.row}`}>
                      <UploadedCells cells={row.cells} columns={columns} row={view.row} />
                      <AnswerCells
                        base={base}
                        columns={columns}
                        view={view}
                        runHref={props.runHref(view)}
                      />
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      <Pager {...props} />
    </section>
  );
}

function Filters({ query, counts, isOpen }: BatchTableProps) {
  const hidden = writeRowQuery({ ...query, q: "", page: 1 });
  return (
    <div class="filters">
      <nav aria-label="Filters">
        {FILTERS.map(([name, label, change]) => {
          const rows = counts[name];
          const next = { ...query, status: "", low: false, empty: false, page: 1, ...change };
          const isCurrent = next.status === query.status && next.low === query.low &&
            next.empty === query.empty;
          return (
            <a
              key={name}
              href={href(next)}
              aria-current={isCurrent ? "true" : undefined}
              // On a live page all of them have their place from the start.
              hidden={rows === 0 && !isCurrent && !isOpen && name !== "all"}
            >
              {label}
              {rows !== null && <small data-count={name}>{count(rows)}</small>}
            </a>
          );
        })}
      </nav>
      <form method="get" role="search" class="searches">
        {[...hidden].map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <label class="search">
          <span class="sr-only">Find in the table</span>
          <Icon name="search" />
          <input
            type="search"
            id="q"
            name="q"
            value={query.q}
            placeholder="Find in the table"
            title={SEARCHED}
            aria-keyshortcuts="/"
          />
          <kbd class="scripted" aria-hidden="true">/</kbd>
        </label>
      </form>
    </div>
  );
}

/** The page's URL with another query. */
function href(query: RowQuery): string {
  return `?${writeRowQuery(query)}`;
}

function Head({ columns, query }: Pick<BatchTableProps, "columns" | "query">) {
  const { inputs, outputs } = columns;
  const names = [...inputs, ...outputs].map(({ name }) => name);
  return (
    <thead>
      <tr>
        <Sorted name="row" label="#" query={query} class="no" />
        {inputs.map(({ at, name, label }, place) => (
          <Sorted
            key={at}
            name={name}
            label={label}
            query={query}
            class={place === 0 ? "first" : undefined}
          />
        ))}
        {outputs.map(({ name, label, isNumber }, at) => (
          <Sorted
            key={at}
            name={name}
            label={label}
            query={query}
            class={isNumber ? "answer number" : "answer"}
          />
        ))}
        {names.includes("status")
          ? <th scope="col" class="state">Status</th>
          : <Sorted name="status" label="Status" query={query} class="state" />}
        {names.includes("cost")
          ? <th scope="col" class="number">Cost</th>
          : <Sorted name="cost" label="Cost" query={query} class="number" />}
      </tr>
    </thead>
  );
}

function Sorted(
  { name, label, query, class: className }: {
    readonly name: string;
    readonly label: string;
    readonly query: RowQuery;
    readonly class?: string | undefined;
  },
) {
  const isSorted = query.sort === name || (name === "row" && query.sort === "");
  const descending = isSorted && !query.descending;
  const next = name === "row" && !descending
    ? { ...query, sort: "", descending: false, page: 1 }
    : { ...query, sort: name, descending, page: 1 };
  return (
    <th
      scope="col"
      class={className}
      aria-sort={isSorted ? query.descending ? "descending" : "ascending" : undefined}
    >
      <a href={href(next)}>{label}</a>
    </th>
  );
}

function Pager({ query, matching, rows, hidden }: BatchTableProps) {
  const first = (query.page - 1) * ROWS_PER_PAGE + 1;
  const last = first + rows.length - 1;
  return (
    <p id="rows-end" class="text-sm text-soft mt-3 flex flex-wrap gap-x-4" tabIndex={-1}>
      {rows.length > 0 && (
        <span>
          Rows {count(first)} to {count(last)} of {count(matching)}.
          {hidden > 0 &&
            ` ${count(hidden)} more ${hidden === 1 ? "column is" : "columns are"} in the exports.`}
        </span>
      )}
      {query.page > 1 && (
        <a rel="prev" href={href({ ...query, page: query.page - 1 })}>Previous page</a>
      )}
      {last < matching && rows.length > 0 && (
        <a rel="next" href={href({ ...query, page: query.page + 1 })}>Next page</a>
      )}
      {rows.length > 0 && (
        <span class="scripted hidden sm:inline">
          Arrow keys move, <kbd>↵</kbd> opens a cell, <kbd>/</kbd> finds.
        </span>
      )}
    </p>
  );
}
