/**
 * The live batch: updates the figures and buttons of the head, and re-renders changed rows in the table that
 * the server rendered. The table itself is plain HTML that this island never renders.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { watchDeparture } from "../components/live_stream.ts";
import { type Connection, StreamNotice } from "../components/StreamNotice.tsx";
import { RowActions } from "../components/table/Actions.tsx";
import { BatchHead, type BatchHeadProps, wordOf } from "../components/table/BatchHead.tsx";
import { failedRows, type TableColumns } from "../components/table/columns.ts";
import { gathered, HEAD } from "../components/table/drawing.ts";
import { followBatch } from "../components/table/follow.ts";
import { onTableKey } from "../components/table/keys.ts";
import { patchRows, rowElement } from "../components/table/patch.tsx";
import { type BatchSeed, viewOf } from "../components/table/seed.ts";
import { Icon } from "../components/ui/Icon.tsx";
import { count, percent } from "../lib/base/mod.ts";
import { type BatchView, progressOf } from "../lib/batches/model/mod.ts";

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
/** How often a hidden page updates the progress in its title (ms). */
const LOOK_EVERY_MS = 20_000;

/** Code that loads when the user asks for a notification, or when the batch ends. */
const later = () => import("../components/feed/later.ts");

/** Whether to notify at the end: the user’s choice, which the browser remembers. */
const isNotifying = () => canNotify() && localStorage.getItem("notify") === "on";

/** The browser may lack notifications, or refuse them. */
const canNotify = () => (globalThis.Notification?.permission ?? "denied") !== "denied";

export default function BatchBoard(props: BatchBoardProps) {
  const { facts, seed, columns, now, idleMs, awayNotice } = props;
  const [view, setView] = useState<BatchView>(() => viewOf(seed));
  const [clock, setClock] = useState(now);
  const [connection, setConnection] = useState<Connection>("connecting");
  /** `null` if there can be none: the button stays, because the page would move without it. */
  const [notify, setNotify] = useState<boolean | null>(false);
  const latest = useRef(view);
  const isLive = seed.state === "running";

  useEffect(() => {
    const left = new AbortController();
    const { signal } = left;
    const started = performance.now();
    const ticking = setInterval(() => setClock(now + performance.now() - started), TICK_MS);
    const reload = watchDeparture(signal);
    const reloadPage = () => reload(() => location.reload());
    const table = document.querySelector<HTMLTableElement>("#batch-rows");
    if (table) {
      openInPlace(table, signal);
      document.addEventListener("keydown", (event) => onTableKey(event, table), { signal });
    }
    const drawn = table?.tBodies[0]?.rows.length;
    setNotify(canNotify() ? isNotifying() : null);
    const draw = gathered((rows) => {
      const next = latest.current;
      setView(next);
      setClock(now + performance.now() - started);
      patchRows(next, rows, {
        base: facts.base,
        columns,
        runHref: (id) => facts.isShared ? null : `/tasks/${encodeURIComponent(id)}`,
      });
      showCounts(next);
      showInTab(next);
    });
    followBatch({
      url: `${facts.base}/events`,
      view: latest.current,
      idleMs,
      awayNotice,
      lookEveryMs: LOOK_EVERY_MS,
      signal,
      onChange(next, rows) {
        const before = latest.current;
        // The server draws the headings of columns that results have brought, and new rows, if this page
        // is to show them.
        if (
          next.outputs.length > before.outputs.length ||
          (next.rows > seed.rows && drawn === seed.rows)
        ) return reloadPage();
        latest.current = next;
        draw([HEAD, ...[...rows].filter(rowElement)]);
        if (next.state !== before.state) announce(next);
        if (next.state === "done") later().then(({ settle }) => settle(table), () => {});
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
      <BatchHead facts={facts} view={view} now={clock} isLive={isLive} />
      <div class="batch-actions more">
        {isLive && (
          <button
            type="button"
            class="button ghost scripted"
            aria-pressed={!!notify}
            disabled={notify === null || view.state !== "running"}
            title={notify === null ? "Notifications denied" : ""}
            onClick={() =>
              void later()
                .then(({ chooseNotification }) => chooseNotification(!notify))
                .then(() => setNotify(isNotifying()))}
          >
            <Icon name="bell" /> {notify ? "Notifying" : "Notify me"}
          </button>
        )}
        {!facts.isShared && <RowActions facts={facts} view={view} isLive={isLive} />}
      </div>
      <StreamNotice connection={connection} awayNotice={awayNotice} />
    </>
  );
}

/** Opens answers in place; what that takes is loaded with the first one. */
function openInPlace(table: HTMLTableElement, signal: AbortSignal): void {
  let opener: Promise<(cell: Element) => void> | null = null;
  table.addEventListener("click", (event) => {
    const { metaKey, ctrlKey, shiftKey, button, target } = event;
    if (metaKey || ctrlKey || shiftKey || button !== 0 || !(target instanceof Element)) return;
    const cell = target.closest(".answer, .bad")?.closest("td");
    const link = cell?.querySelector<HTMLAnchorElement>('[href*="cell?"]');
    if (!cell || !link) return;
    event.preventDefault();
    opener ??= import("../components/table/opened_cell.ts").then((its) => its.cellOpener(signal));
    opener.then((open) => open(cell), () => location.assign(link.href));
  }, { signal });
}

/** The tab's title begins with how far the batch is. The server's begins with its state and a colon. */
function showInTab(view: BatchView): void {
  const state = view.state === "running" ? percent(progressOf(view, 0).percent) : wordOf(view);
  document.title = document.title.replace(/^[^:]*/, state);
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
    figure.textContent = count(counts[figure.dataset.count!]!);
  }
}

/** Announces that the batch is paused or done, for screen readers. The head says why it is paused. */
function announce({ state, name }: BatchView): void {
  const announcer = document.getElementById("announce");
  if (announcer) announcer.textContent = `${name}: ${state}`;
  if (state === "running" || !isNotifying()) return;
  later().then(({ notifyEnd }) => notifyEnd(state, "Batch"), () => {});
}
