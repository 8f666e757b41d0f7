/** A batch's table: the uploaded one, with everything that was added since. */
import type { Committer } from "../../store/mod.ts";
import {
  type BatchView,
  type InputPlan,
  isFirstAttempt,
  isOver,
  type RowChange,
  sendView,
  setOf,
  type TableColumn,
  type TableRow,
} from "../model/mod.ts";
import type { SentRun } from "./stored_orders.ts";
import {
  type AddedRows,
  type BatchContent,
  type BatchHead,
  type BatchRecord,
  keys,
  readAdded,
  readContent,
  writeValue,
} from "./store.ts";

/** A row as stored. */
export interface StoredRow extends TableRow {
  /** The run of an adopted group that the row was made from. It has the row's own request. */
  readonly run_id?: string;
  /** The row that the run's metadata names, and its column set. Another Taskstream has written it. */
  readonly origin?: string;
}

/** A further run of a row of an adopted group: another Taskstream has run the row again. */
export interface LaterRun {
  /** The row, from 1. */
  readonly later_of: number;
  readonly attempt: number;
  readonly run_id: string;
  readonly processor: string;
  readonly at_ms: number;
}

/** What is stored of an adopted group's run. */
export type StoredRun = StoredRow | LaterRun;

function isRow(run: StoredRun): run is StoredRow {
  return !("later_of" in run);
}

/** The rows of a batch, and how they become inputs. */
export interface StoredTable {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly StoredRow[];
  readonly plan: InputPlan;
}

/** Adds rows to a table, and the columns that they bring. Every row has a cell in every column then. */
export function withAdded(
  { columns, rows, plan }: StoredTable,
  { columns: names = [] }: Pick<AddedRows, "columns">,
  more: readonly StoredRun[],
): StoredTable {
  const added = names.map((name): TableColumn => ({ name, heading: name }));
  const all = [...columns, ...added];
  const whole = (row: StoredRow): StoredRow =>
    row.cells.length === all.length ? row : {
      ...row,
      cells: [...row.cells, ...Array(all.length - row.cells.length).fill("")],
    };
  return {
    columns: all,
    rows: [...added.length === 0 ? rows : rows.map(whole), ...more.filter(isRow).map(whole)],
    plan: {
      ...plan,
      // Only objects bring columns: the rows before them are texts.
      ...plan.template !== null && added.length > 0 && { isMixed: true },
      members: [
        ...plan.members,
        ...added.map(({ name }, at) => ({ column: columns.length + at, name })),
      ],
    },
  };
}

/** Reads a batch's content, with its table as it is now. */
export async function readTable(
  kv: Deno.Kv,
  id: string,
  record: BatchRecord,
  { added }: Pick<BatchHead, "added">,
): Promise<BatchContent & StoredTable> {
  const content = await readContent(kv, id, record);
  let table: StoredTable = content;
  for (const each of added) table = withAdded(table, each, await readAdded(kv, id, each));
  return { ...content, ...table };
}

/** The head names at most about this many additions. Later ones are joined. */
const MAX_ADDED = 32;

/** Stores rows of runs, and returns everything that was added. Joins many small additions. */
export async function storeAdded(
  { kv, committer }: { readonly kv: Deno.Kv; readonly committer: Committer },
  { id, head }: { readonly id: string; readonly head: Pick<BatchHead, "added"> },
  { columns, rows }: Pick<AddedRows, "columns"> & { readonly rows: readonly StoredRun[] },
): Promise<readonly AddedRows[]> {
  const before = [...head.added];
  let [allColumns, all] = [columns ?? [], rows];
  for (let last = before.at(-1); last !== undefined; last = before.at(-1)) {
    if (before.length < MAX_ADDED || (last.taken ?? Infinity) > all.length) break;
    all = [...await readAdded(kv, id, last), ...all];
    allColumns = [...last.columns ?? [], ...allColumns];
    before.pop();
  }
  const version = crypto.randomUUID();
  const parts = await writeValue(committer, keys.added(id, version), all);
  const names = allColumns.length > 0 ? { columns: allColumns } : {};
  return [...before, { version, parts, taken: all.length, ...names }];
}

/** The table of a batch that this process holds. */
export class HeldTable {
  readonly #kv: Deno.Kv;
  readonly #id: string;
  readonly #taken = new Set<string>();
  /** The row of each {@linkcode StoredRow.origin}. */
  readonly #origins = new Map<string, number>();
  /** Runs that are not attempts of their rows yet. */
  #later: LaterRun[] = [];
  #table: StoredTable;
  #read = 0;

  constructor(kv: Deno.Kv, id: string, table: StoredTable) {
    this.#kv = kv;
    this.#id = id;
    this.#table = table;
  }

  get now(): StoredTable {
    return this.#table;
  }

  /** Whether a run of an adopted group is the origin of a row. */
  isTaken(runId: string): boolean {
    return this.#taken.has(runId);
  }

  /** The row that was made from a row of another Taskstream. */
  rowOf(origin: string): number | null {
    return this.#origins.get(origin) ?? null;
  }

  /** The attempt of the last run that was added to a row in a column set; 0 if there is none. */
  lastOf(row: number, set: number): number {
    return this.#later.findLast(({ later_of, attempt }) =>
      later_of === row && setOf(attempt) === set
    )?.attempt ?? 0;
  }

  /** The later runs that become their rows' attempts now: those before them have ended. */
  takeLater(view: BatchView): (RowChange & SentRun)[] {
    const due: (RowChange & SentRun)[] = [];
    this.#later = this.#later.filter(({ later_of: row, attempt, ...run }) => {
      const before = sendView(view, setOf(attempt), row);
      const isDue = isFirstAttempt(attempt)
        ? before.attempt === 0
        : before.attempt === attempt - 1 && isOver(before.status);
      if (isDue) due.push({ row, attempt, status: "sent", ...run });
      return !isDue && before.attempt < attempt;
    });
    return due;
  }

  /** Reads what was added since the last call. */
  async readAdded({ added }: Pick<BatchHead, "added">): Promise<void> {
    for (const each of added.slice(this.#read)) {
      this.#add(each, await readAdded(this.#kv, this.#id, each));
      this.#read++;
    }
  }

  /** Adds rows that this process has stored itself, as the last of `added`. */
  took(
    columns: readonly string[],
    rows: readonly StoredRun[],
    { added }: Pick<BatchHead, "added">,
  ): void {
    this.#add({ columns }, rows);
    this.#read = added.length;
  }

  #add(added: Pick<AddedRows, "columns">, runs: readonly StoredRun[]): void {
    let row = this.#table.rows.length;
    this.#table = withAdded(this.#table, added, runs);
    for (const run of runs) {
      if (run.run_id !== undefined) this.#taken.add(run.run_id);
      if (!isRow(run)) this.#later.push(run);
      else if (++row && run.origin !== undefined) this.#origins.set(run.origin, row);
    }
  }
}
