/** The head of a batch's page: progress, cost and actions. */
import {
  type BatchView,
  isOver,
  progressOf,
  TRIAL_DONE,
  WAITING,
  waitingUsd,
} from "../../lib/batches/model/mod.ts";
import { count, dollars, duration } from "../../lib/base/mod.ts";
import { MainAction } from "./Actions.tsx";
import { type BatchFacts, failedRows } from "./columns.ts";

export interface BatchHeadProps {
  readonly facts: BatchFacts;
  readonly view: BatchView;
  /** Unix ms. */
  readonly now: number;
  /** The batch's state when the page was loaded. */
  readonly loaded: BatchView["state"];
}

export function BatchHead({ facts, view, now, loaded }: BatchHeadProps) {
  const progress = progressOf(view, now);
  const failed = failedRows(view);
  const total = facts.prices.reduce<number | null>(
    (sum, price) => sum === null || price === null ? null : sum + price * view.rows,
    0,
  );
  return (
    <>
      <div class="batch-head">
        <span class="status" data-status={markOf(view)}>
          <i></i>
          {wordOf(view)}
        </span>
        <span class="meter">
          <progress
            max={Math.max(view.rows, 1)}
            value={progress.ended}
            aria-label="Rows done"
          />
          <span>
            <b>{count(progress.ended)}</b> of {count(view.rows)}
          </span>
        </span>
        {/* Its place stays where nothing is known of the pace. */}
        <span class="usual">
          {progress.rowsPerMinute !== null && (
            <>
              <b>{count(Math.round(progress.rowsPerMinute))}</b> a minute
              {progress.leftMs !== null && (
                <span class="text-soft">{` · ${duration(progress.leftMs)} left`}</span>
              )}
            </>
          )}
        </span>
        <span>
          <b class={failed > 0 ? "bad" : ""}>{count(failed)}</b> failed{" "}
          <span class="text-soft">·</span>{" "}
          <b class={view.low > 0 ? "weak" : ""}>{count(view.low)}</b> low
        </span>
        <span class="cost">
          <b>{dollars(view.spent_usd)}</b>{" "}
          {total !== null && total >= view.spent_usd && `of ${dollars(total)}`}
        </span>
      </div>
      {!facts.isShared && (
        <>
          <Standing facts={facts} view={view} loaded={loaded} />
          <MainAction facts={facts} view={view} isLive={loaded === "running"} />
        </>
      )}
    </>
  );
}

/** Why the batch is paused or waits, if it does. News float over the page, which must not move. */
function Standing({ facts, view, loaded }: Omit<BatchHeadProps, "now">) {
  const waiting = view.counts[WAITING] ?? 0;
  if (view.state !== "paused") return null;
  const under = underWay(view);
  const answered = progressOf(view, 0).ended;
  const usd = waitingUsd(view, facts.prices);
  const look = loaded === "paused" ? "notice calm mt-2" : "news popover";
  return (
    <div class={look} role="status">
      {view.reason !== null && view.reason !== TRIAL_DONE && <p>{view.reason}</p>}
      {waiting > 0 && under === 0 && answered > 0 && (
        <p>
          {answered === 1 ? "The first row is done" : `The first ${count(answered)} rows are done`}
          . Check the results, then run{" "}
          {waiting === 1 ? "the other row" : `the other ${count(waiting)}`}
          {usd !== null && ` for ${dollars(usd)}`}.
        </p>
      )}
      {under > 0 && (
        <p>
          {count(under)} {under === 1 ? "row is" : "rows are"}{" "}
          still running: Parallel cannot stop rows that were already sent.
        </p>
      )}
    </div>
  );
}

/** Rows sent but not ended. */
function underWay({ counts }: BatchView): number {
  return Object.entries(counts)
    .reduce((sum, [status, rows]) => isOver(status) || status === WAITING ? sum : sum + rows, 0);
}

/** The batch's state in a word. */
export function wordOf({ state }: Pick<BatchView, "state">): string {
  return state.charAt(0).toUpperCase() + state.slice(1);
}

/** The status whose icon shows the batch's state. */
function markOf({ state }: BatchView): string {
  switch (state) {
    case "running":
      return "running";
    case "paused":
      return "action_required";
    case "done":
      return "completed";
    case "draft":
      return WAITING;
  }
}
