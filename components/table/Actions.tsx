/** The actions of a batch in its current state. The forms work without JavaScript. */
import { type BatchView, sendCounts, WAITING, waitingUsd } from "../../lib/batches/model/mod.ts";
import { count, dollars } from "../../lib/base/mod.ts";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { type BatchFacts, failedRows } from "./columns.ts";

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
  const shown = useRef(new Set<string>()).current;
  if (failed > 0) shown.add("retry");
  if (low > 0 && stronger !== null) shown.add("escalate");
  return (
    <>
      {[...shown].map((action, at) => {
        // Only the first action has an outline.
        const look = isLive || at > 0 ? "button ghost" : "button";
        return action === "retry"
          ? (
            <Press
              key={action}
              action={`${base}/retry`}
              icon="rotate-cw"
              look={look}
              disabled={failed === 0}
            >
              Retry {count(failed)}
            </Press>
          )
          : stronger && (
            <Press
              key={action}
              action={`${base}/escalate`}
              icon="chevrons-up"
              look={look}
              disabled={low === 0}
              fields={{ processor: stronger.name }}
            >
              Rerun {count(low)} on {stronger.name}
              <small class="text-soft">{dollars(low * stronger.price_usd)}</small>
            </Press>
          );
      })}
    </>
  );
}

function Press(
  { action, icon, look, disabled, fields = {}, children }: {
    readonly action: string;
    readonly icon: IconName;
    /** The button's classes. */
    readonly look: string;
    readonly disabled?: boolean;
    readonly fields?: Readonly<Record<string, string>>;
    readonly children: ComponentChildren;
  },
) {
  return (
    <form method="post" action={action}>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit" class={look} disabled={disabled}>
        <Icon name={icon} /> {children}
      </button>
    </form>
  );
}
