/**
 * The lines of a list, kept as they are on the server: new runs appear, statuses and progress move,
 * ages stay right. `j` and `k` move through them, `x` ticks one, `/` goes to the search.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { watchDeparture } from "../components/live_stream.ts";
import { type Connection, StreamNotice } from "../components/StreamNotice.tsx";
import { listHref, onListKey } from "../routes/tasks/(_parts)/list_query.ts";
import { applyChange, type ListPlace, type ListState } from "../routes/tasks/(_parts)/live_list.ts";
import { createRedraw } from "../routes/tasks/(_parts)/redraw.ts";
import { Selection } from "../routes/tasks/(_parts)/Selection.tsx";
import { followList } from "../routes/tasks/(_parts)/follow_list.ts";
import { RunLines, type RunLinesProps } from "../components/RunLines.tsx";
import { statusWord } from "../components/ui/Status.tsx";
import type { BatchSummary } from "../lib/batches/mod.ts";
import { isActiveStatus, type RunSummary } from "../lib/runs/model/mod.ts";

export interface LiveListProps
  extends ListPlace, Pick<RunLinesProps, "runs" | "excerpts" | "batchNames" | "allSimulated"> {
  /** The batches on the page: lines among the runs. */
  readonly batches: readonly BatchSummary[];
  /** Ids of those that were ticked when something could not be done with them. */
  readonly ticked: readonly string[];
  /** The server's clock when the page was made (Unix ms). */
  readonly now: number;
  /** The change after which the page was made. */
  readonly lastId: string;
  /** Silence after which the list's stream counts as dead (ms). */
  readonly idleMs: number;
  /** What it says while the server's store is away. */
  readonly awayNotice: string;
}

/** How often ages are updated (ms): they are in whole minutes, so twice a minute is enough. */
const TICK_MS = 30_000;

export default function LiveList(props: LiveListProps) {
  const { runs, now, lastId, idleMs, awayNotice, query, hasOlder } = props;
  const [state, setState] = useState<ListState>({ runs, fresh: [] });
  const [batches, setBatches] = useState(props.batches);
  const [clock, setClock] = useState(now);
  const [connection, setConnection] = useState<Connection>("connecting");
  const [picked, setPicked] = useState<number | null>(null);
  // Changes may come faster than the list is drawn.
  const latest = useRef(state);
  const form = useRef<HTMLFormElement>(null);

  const boxes = () => [...form.current?.querySelectorAll<HTMLInputElement>("[name=id]") ?? []];
  const recount = () => setPicked(boxes().filter(({ checked }) => checked).length);
  const tick = (all: boolean) => {
    for (const box of boxes()) box.checked = all;
    recount();
  };

  useEffect(() => {
    const left = new AbortController();
    const { signal } = left;
    const started = performance.now();
    const ticking = setInterval(() => setClock(now + performance.now() - started), TICK_MS);
    const reload = watchDeparture(signal);
    const redraw = createRedraw(signal, setBatches);
    followList({
      lastId,
      idleMs,
      awayNotice,
      signal,
      onChange(change) {
        const before = latest.current;
        const isHeld = form.current?.matches(":hover, :focus-within");
        setState(latest.current = applyChange(before, change, { query, hasOlder, isHeld }));
        if (change.kind !== "changed" || !isActiveStatus(change.run.status)) redraw();
        if (change.kind === "changed") announceEnd(before.runs, change.run);
      },
      // What is shown is too old to be brought up to date.
      onReset: () => reload(() => location.reload()),
      onLink: setConnection,
      onEnd: (error) => error && setConnection("over"),
    });
    document.addEventListener("keydown", (event) => {
      if (form.current) onListKey(event, form.current);
    }, { signal });
    return () => {
      left.abort();
      clearInterval(ticking);
    };
  }, []);

  const lines = state.runs.length + batches.length;
  useEffect(() => {
    // Keep a run that no longer matches the filters visible: the server would show an empty list.
    document.getElementById("empty")?.toggleAttribute("hidden", lines > 0);
    recount();
  }, [lines]);

  const news = state.fresh.length;
  return (
    <form method="post" action="/tasks/selected" ref={form} onChange={recount}>
      <input type="hidden" name="list" value={listHref(query)} />
      {news > 0 && !picked && (
        <p class="news">
          <a href={listHref(query, { cursor: "" })} class="pill">{news} new ↑</a>
        </p>
      )}
      <StreamNotice connection={connection} awayNotice={awayNotice} />
      {lines > 0 && (
        <>
          <RunLines {...props} runs={state.runs} batches={batches} now={clock} />
          <Selection
            count={picked}
            onAll={() => tick(true)}
            onNone={() => {
              // The bar goes with its buttons.
              document.querySelector<HTMLElement>(".tick :checked")?.focus();
              tick(false);
            }}
          />
        </>
      )}
    </form>
  );
}

/** Announces that a run on the page has ended, for screen readers. */
function announceEnd(runs: readonly RunSummary[], run: RunSummary): void {
  const before = runs.find(({ run_id }) => run_id === run.run_id);
  const announcer = document.getElementById("announce");
  if (!before || !announcer || !isActiveStatus(before.status) || isActiveStatus(run.status)) return;
  announcer.textContent = `${run.title}: ${statusWord(run.status)}`;
}
