/** The actions of a batch in its current state. The forms work without JavaScript. */
import { type BatchView, sendCounts, WAITING, waitingUsd } from "../../lib/batches/model/mod.ts";
import { count, dollars } from "../../lib/base/mod.ts";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { type BatchFacts, failedRows, MILL, room } from "./columns.ts";

export interface ActionsProps {
  readonly facts: BatchFacts;
  readonly view: BatchView;
  /** The page was loaded while the batch ran: what is there keeps its place. */
  readonly isLive: boolean;
}

/** What to do with the batch as a whole. */
export function MainAction({ facts: { base, prices }, view, isLive }: ActionsProps) {
  const waiting = view.counts[WAITING] ?? 0;
  const usd = waitingUsd(view, prices);
  // What a trial ends with needs more room than Pause.
  const isWide = useRef(isLive && waiting > 0).current;
  return (
    <div class={isWide ? "batch-actions trial" : "batch-actions"}>
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
            look="button"
            disabled={view.state !== "running"}
          >
            Pause
          </Press>
        )}
    </div>
  );
}

/** Actions for rows that failed or have low confidence. Later ones are appended, so that none moves. */
export function RowActions({ facts: { base, stronger }, view, isLive }: ActionsProps) {
  const failed = failedRows({ counts: sendCounts(view) });
  const low = view.sets.reduce((sum, set) => sum + set.low, 0);
  const price = dollars(low * (stronger?.price_usd ?? 0));
  const shown = useRef(new Set<"retry" | "escalate">()).current;
  if (failed > 0) shown.add("retry");
  if (low > 0 && stronger) shown.add("escalate");
  return (
    <>
      {[...shown].map((action, at) => {
        const to = action === "retry" ? null : stronger;
        const rows = to ? low : failed;
        // The room is behind the words, where it is not seen.
        const words = to ? `Rerun ${count(rows)} on ${to.name}` : `Retry ${count(rows)}`;
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
            {words + room(isLive, count(rows), count(view.rows))}
            {to && (
              <small class="text-soft">
                {price + room(isLive, price, dollars(view.rows * to.price_usd + MILL))}
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
