/** The head of a batch's page: progress, cost and actions. */
import {
  type BatchView,
  openUsd,
  progressOf,
  TRIAL_DONE,
  WAITING,
} from "../../lib/batches/model/mod.ts";
import { count, dollars, duration } from "../../lib/base/mod.ts";
import { MainAction } from "./Actions.tsx";
import { type BatchFacts, failedRows, MILL, room, rowPrice } from "./columns.ts";

/** The status whose icon shows the batch's state. */
const MARKS: Readonly<Record<string, string>> = {
  draft: WAITING,
  tried: WAITING,
  paused: "action_required",
  done: "completed",
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
  const price = rowPrice(facts), open = openUsd(view, price);
  // If no row fails.
  const most = openUsd(view, price, () => true) ?? 0;
  const held = (figure: string, most: string) => room(isLive, figure, most) + figure;
  const rows = (figure: number) => held(count(figure), count(view.rows));
  return (
    <>
      <div class="batch-head">
        <span class="status" data-status={MARKS[stageOf(view)] ?? view.state}>
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
              {progress.leftMs !== null && (
                <span class="text-soft">{` · ${duration(progress.leftMs)} left`}</span>
              )}
            </>
          )}
        </span>
        <span>
          <b class={failed > 0 ? "bad" : ""}>{rows(failed)}</b> {" failed "}
          <span class="text-soft">·</span>{" "}
          <b class={view.low > 0 ? "weak" : ""}>{rows(view.low)}</b> low
        </span>
        <span class="cost">
          <b>{held(dollars(view.spent_usd), dollars(most + MILL))}</b>{" "}
          {open !== null && (isLive || open > 0) && `of ${dollars(view.spent_usd + open)}`}
        </span>
      </div>
      {!facts.isShared && (
        <>
          {/* Why it is paused. News float over the page, which must not move. */}
          {view.state === "paused" && (
            <p class={isLive ? "news popover" : "notice calm mt-2"} role="status">{view.reason}</p>
          )}
          <MainAction facts={facts} view={view} isLive={isLive} />
        </>
      )}
    </>
  );
}

/** The batch's state in a word. */
export function wordOf(view: Pick<BatchView, "state" | "reason">): string {
  const stage = stageOf(view);
  return stage.charAt(0).toUpperCase() + stage.slice(1);
}

/** A batch that stops after its trial does as it was told: nothing is wrong. */
function stageOf({ state, reason }: Pick<BatchView, "state" | "reason">): string {
  return reason === TRIAL_DONE ? "tried" : state;
}
