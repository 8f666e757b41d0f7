/**
 * The lines of a list, kept as they are on the server: new runs appear, statuses and progress move,
 * ages stay right. With j and k one goes through them, x ticks one, / goes to the search.
 */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { onListKey } from "../components/history/keys.ts";
import { applyChange, type ListPlace, type ListState } from "../components/history/live_list.ts";
import { listHref } from "../components/history/list_query.ts";
import { Selection } from "../components/history/Selection.tsx";
import { followList } from "../components/history/stream.ts";
import { RunTable } from "../components/RunTable.tsx";
import { statusWord } from "../components/Status.tsx";
import type { Excerpt, RunSummary } from "../lib/runs/model.ts";
import { isActiveStatus } from "../lib/runs/view.ts";

export interface LiveListProps extends ListPlace {
  readonly runs: readonly RunSummary[];
  readonly excerpts: Readonly<Record<string, Excerpt>>;
  /** The server's clock when the page was made (Unix ms). */
  readonly now: number;
  /** The change after which the page was made. */
  readonly lastId: string;
}

/** Ages are whole minutes at the least: twice as often is right enough (ms). */
const TICK_MS = 30_000;

export default function LiveList({ runs, excerpts, now, lastId, query, hasOlder }: LiveListProps) {
  const state = useSignal<ListState>({ runs, fresh: [] });
  const clock = useSignal(now);
  const lost = useSignal(false);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    const left = new AbortController();
    const { signal } = left;
    const started = performance.now();
    const ticking = setInterval(() => clock.value = now + performance.now() - started, TICK_MS);
    followList({
      lastId,
      signal,
      onChange(change) {
        const before = state.value;
        state.value = applyChange(before, change, { query, hasOlder });
        if (change.kind === "changed") announceEnd(before.runs, change.run);
      },
      // What is shown is too old to be brought up to date.
      onReset: () => location.reload(),
      onLost: (isLost) => lost.value = isLost,
    });
    document.addEventListener("keydown", (event) => {
      if (form.current) onListKey(event, form.current);
    }, { signal });
    return () => {
      left.abort();
      clearInterval(ticking);
    };
  }, []);

  const news = useComputed(() => state.value.fresh.length);
  return (
    <form method="post" action="/tasks/selected" ref={form}>
      {news.value > 0 && (
        <p class="mb-2">
          <a href={listHref(query, { cursor: "" })}>
            {news} new {news.value === 1 ? "task" : "tasks"} since
          </a>
        </p>
      )}
      {lost.value && (
        <p class="notice caution mb-2">
          No connection to the server: what is shown may be out of date. Trying again.
        </p>
      )}
      {state.value.runs.length > 0 && (
        <>
          <RunTable runs={state.value.runs} now={clock.value} excerpts={excerpts} />
          <Selection />
          <p class="scripted text-sm text-muted hidden sm:block">
            <kbd>j</kbd> <kbd>k</kbd> down and up · <kbd>↵</kbd> open · <kbd>x</kbd> select ·{" "}
            <kbd>/</kbd> search
          </p>
        </>
      )}
    </form>
  );
}

/** Says that a run on the page has ended, to those who do not see it. */
function announceEnd(runs: readonly RunSummary[], run: RunSummary): void {
  const before = runs.find(({ run_id }) => run_id === run.run_id);
  const announcer = document.getElementById("announce");
  if (!before || !announcer || !isActiveStatus(before.status) || isActiveStatus(run.status)) return;
  announcer.textContent = `${run.title}: ${statusWord(run.status)}`;
}
