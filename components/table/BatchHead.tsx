/** The head of a batch's page: progress, cost and actions. */
import {
  type BatchView,
  progressOf,
  TRIAL_DONE,
  WAITING,
  waitingUsd,
} from "../../lib/batches/model/mod.ts";
import { count, dollars, duration } from "../../lib/base/mod.ts";
import { MainAction } from "./Actions.tsx";
import { type BatchFacts, failedRows, MILL, room } from "./columns.ts";

/** The status whose icon shows the batch's state. */
const MARKS: Readonly<Record<BatchView["state"], string>> = {
  running: "running",
  paused: "action_required",
  done: "completed",
  draft: WAITING,
};

export interface BatchHeadProps {
  readonly facts: BatchFacts;
  readonly view: BatchView;
  /** Unix ms. */
  readonly now: number;
  /** The page was loaded while the batch ran: what is there keeps its place. */
  readonly isLive: boolean;
}

export function BatchHead({ facts, view, now, isLive }: BatchHeadProps) {
  const progress = progressOf(view, now);
  const failed = failedRows(view);
  const total = facts.prices.reduce<number | null>(
    (sum, price) => sum === null || price === null ? null : sum + price * view.rows,
    0,
  );
  const held = (figure: string, most: string) => room(isLive, figure, most) + figure;
  const rows = (figure: number) => held(count(figure), count(view.rows));
  return (
    <>
      <div class="batch-head">
        <span class="status" data-status={MARKS[view.state]}>
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
            <b>{rows(progress.ended)}</b> of {count(view.rows)}
          </span>
        </span>
        {/* Its place stays where nothing is known of the pace, which has no bound. */}
        <span class="usual">
          {progress.rowsPerMinute !== null && (
            <>
              <b>{held(count(Math.round(progress.rowsPerMinute)), "9,999")}</b> a minute
              <span class="text-soft">{` · ${duration(progress.leftMs)} left`}</span>
            </>
          )}
        </span>
        <span>
          <b class={failed > 0 ? "bad" : ""}>{rows(failed)}</b> {" failed "}
          <span class="text-soft">·</span>{" "}
          <b class={view.low > 0 ? "weak" : ""}>{rows(view.low)}</b> low
        </span>
        <span class="cost">
          <b>{held(dollars(view.spent_usd), dollars((total ?? 0) + MILL))}</b>{" "}
          {total !== null && total + MILL > view.spent_usd && `of ${dollars(total)}`}
        </span>
      </div>
      {!facts.isShared && (
        <>
          <Standing facts={facts} view={view} isLive={isLive} />
          <MainAction facts={facts} view={view} isLive={isLive} />
        </>
      )}
    </>
  );
}

/** Why the batch is paused or waits, if it does. News float over the page, which must not move. */
function Standing({ facts, view, isLive }: Omit<BatchHeadProps, "now">) {
  const waiting = view.counts[WAITING] ?? 0;
  if (view.state !== "paused") return null;
  const answered = progressOf(view, 0).ended;
  // Rows sent but not ended.
  const under = view.rows - waiting - answered;
  const usd = waitingUsd(view, facts.prices);
  const look = isLive ? "news popover" : "notice calm mt-2";
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
          still running: Parallel cannot stop rows already sent.
        </p>
      )}
    </div>
  );
}

/** The batch's state in a word. */
export function wordOf({ state }: Pick<BatchView, "state">): string {
  return state.charAt(0).toUpperCase() + state.slice(1);
}
