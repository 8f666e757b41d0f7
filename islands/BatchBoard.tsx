/**
 * The live batch: the head's figures and buttons move, and rows that change are drawn anew in the table that
 * the server made. The table itself is plain HTML that this island never renders.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { type Connection, StreamNotice } from "../components/StreamNotice.tsx";
import { BatchHead, type BatchHeadProps, failedRows } from "../components/table/BatchHead.tsx";
import type { TableColumns } from "../components/table/columns.ts";
import { followBatch } from "../components/table/follow.ts";
import { onTableKey } from "../components/table/keys.ts";
import { openCellsInPlace } from "../components/table/opened_cell.ts";
import { patchRows } from "../components/table/patch.tsx";
import { type BatchSeed, viewOf } from "../components/table/seed.ts";
import { type BatchView, rowView } from "../lib/batches/model/mod.ts";

export interface BatchBoardProps {
  readonly facts: BatchHeadProps["facts"];
  readonly seed: BatchSeed;
  readonly columns: TableColumns;
  /** The server's clock when the page was made (Unix ms). */
  readonly now: number;
  /** Silence after which the stream counts as dead (ms). */
  readonly idleMs: number;
  /** What the stream says while the server's store is away. */
  readonly awayNotice: string;
}

const TICK_MS = 1_000;

export default function BatchBoard(props: BatchBoardProps) {
  const { facts, seed, columns, now, idleMs, awayNotice } = props;
  const [view, setView] = useState<BatchView>(() => viewOf(seed));
  const [clock, setClock] = useState(now);
  const [connection, setConnection] = useState<Connection>("connecting");
  const latest = useRef(view);

  useEffect(() => {
    const left = new AbortController();
    const { signal } = left;
    const started = performance.now();
    const ticking = setInterval(() => setClock(now + performance.now() - started), TICK_MS);
    const table = document.getElementById("batch-rows");
    if (table instanceof HTMLTableElement) {
      openCellsInPlace(table, signal);
      document.addEventListener("keydown", (event) => onTableKey(event, table), { signal });
    }
    followBatch({
      url: `/batches/${encodeURIComponent(facts.id)}/events`,
      view: latest.current,
      idleMs,
      awayNotice,
      signal,
      onChange(next, rows) {
        const before = latest.current;
        // The server draws the headings of columns that results have brought.
        if (next.outputs.length > columns.outputs.length) return location.reload();
        setView(latest.current = next);
        setClock(now + performance.now() - started);
        patchRows([...rows].map((row) => rowView(next, row)), { batchId: facts.id, columns });
        showCounts(next);
        announce(before, next);
      },
      onLink: setConnection,
      onEnd: (error) => error && setConnection("over"),
    });
    return () => {
      left.abort();
      clearInterval(ticking);
    };
  }, []);

  return (
    <>
      <BatchHead facts={facts} view={view} now={clock} />
      <StreamNotice connection={connection} awayNotice={awayNotice} />
    </>
  );
}

/** The figures at the filters, which the server has drawn. */
function showCounts(view: BatchView): void {
  const { completed = 0, waiting = 0, deleted = 0 } = view.counts;
  const failed = failedRows(view);
  const counts: Readonly<Record<string, number>> = {
    all: view.rows,
    completed,
    waiting,
    failed,
    low: view.low,
    running: view.rows - completed - waiting - failed - deleted,
  };
  for (const figure of document.querySelectorAll<HTMLElement>("[data-count]")) {
    const rows = counts[figure.dataset.count ?? ""];
    if (rows !== undefined) figure.textContent = rows.toLocaleString("en-US");
  }
}

/** Says that the batch stands or is done, to those who do not see it. */
function announce(before: BatchView, { state, name, reason }: BatchView): void {
  const announcer = document.getElementById("announce");
  if (!announcer || state === before.state) return;
  announcer.textContent = `${name}: ${state}${reason === null ? "" : `. ${reason}`}`;
}
