/** The actions of a batch in its current state. The forms work without JavaScript. */
import { type BatchView, sendCounts, WAITING, waitingUsd } from "../../lib/batches/model/mod.ts";
import { count, dollars } from "../../lib/base/mod.ts";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { type BatchFacts, failedRows, MILL, room, rowPrice } from "./columns.ts";

export interface ActionsProps {
  readonly facts: BatchFacts;
  readonly view: BatchView;
  /** The page was loaded while the batch ran: what is there keeps its place. */
  readonly isLive: boolean;
}

/** What to do with the batch as a whole. */
export function MainAction({ facts, view, isLive }: ActionsProps) {
  const { base } = facts;
  const waiting = view.counts[WAITING] ?? 0;
  const usd = waitingUsd(view, rowPrice(facts));
  return (
    // What a trial ends with needs more room than Pause.
    <div class={isLive ? "batch-actions trial" : "batch-actions"}>
      {view.state === "paused"
        ? (
          <Press action={`${base}/start`} icon="play" look="button go">
            {waiting > 0 ? `Run the other ${waiting === 1 ? "row" : count(waiting)}` : "Resume"}
            {waiting > 0 && usd !== null && <small>{dollars(usd)}</small>}
          </Press>
        )
        : (view.state === "running" || isLive) && (
          <Press
            action={`${base}/pause`}
            icon="pause"
            // Its place stays.
            look={view.state === "running" ? "button" : "button invisible"}
          >
            Pause
          </Press>
        )}
    </div>
  );
}

/** Actions for rows that failed or have low confidence. Later ones are appended, so that none moves. */
export function RowActions({ facts: { base, stronger }, view, isLive }: ActionsProps) {
  const failed = failedRows(view);
  const shown = useRef(new Set<"retry" | "escalate">()).current;
  if (failed > 0) shown.add("retry");
  if (view.low > 0 && stronger) shown.add("escalate");
  return (
    <>
      {[...shown].map((action, at) => {
        const to = action === "retry" ? null : stronger;
        // As many rows as the head says. Of one row, several column sets may run again.
        const rows = to ? view.low : failed;
        const runs = to
          ? view.sets.reduce((sum, set) => sum + set.low, 0)
          : failedRows({ counts: sendCounts(view) });
        const words = to ? `Rerun ${count(rows)} low on ${to.name}` : `Retry ${count(rows)} failed`;
        const price = to ? dollars(runs * to.price_usd) : "";
        return (
          <Press
            key={action}
            action={`${base}/${action}`}
            icon={to ? "chevrons-up" : "rotate-cw"}
            // Only the first action has an outline.
            look={isLive || at > 0 ? "button ghost" : "button"}
            disabled={rows === 0}
            processor={to?.name}
          >
            {/* The room is behind the words, where it is not seen. */}
            {words + room(isLive, count(rows), count(view.rows))}
            {(to || view.sets[1]) && (
              <small class="text-soft">
                {view.sets[1] && `${count(runs)} ${runs > 1 ? "runs" : "run"} `}
                {to && price + room(isLive, price, dollars(view.rows * to.price_usd + MILL))}
              </small>
            )}
          </Press>
        );
      })}
    </>
  );
}

function Press(
  { action, icon, look, disabled, processor, children }: {
    readonly action: string;
    readonly icon: IconName;
    /** The button's classes. */
    readonly look: string;
    readonly disabled?: boolean;
    /** The processor that the rows run on. Default: their own. */
    readonly processor?: string | undefined;
    readonly children: ComponentChildren;
  },
) {
  return (
    <form method="post" action={action}>
      {processor && <input type="hidden" name="processor" value={processor} />}
      <button type="submit" class={look} disabled={disabled}>
        <Icon name={icon} /> {children}
      </button>
    </form>
  );
}
