/** The actions of a batch in its current state. The forms work without JavaScript. */
import { type BatchView, sendCounts, WAITING, waitingUsd } from "../../lib/batches/model/mod.ts";
import { count, dollars } from "../../lib/base/mod.ts";
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { type BatchFacts, failedRows } from "./columns.ts";

export interface ActionsProps {
  readonly facts: BatchFacts;
  readonly view: BatchView;
}

export function Actions({ facts, view }: ActionsProps) {
  const { base, stronger } = facts;
  const waiting = view.counts[WAITING] ?? 0;
  const usd = waitingUsd(view, facts.prices);
  const failed = failedRows({ counts: sendCounts(view) });
  // Only the first action has an outline.
  const further = view.state === "done" ? "button" : "button ghost";
  const low = view.sets.reduce((sum, set) => sum + set.low, 0);
  return (
    <div class="actions batch-actions">
      {view.state === "running" && (
        <Press
          action={`${base}/pause`}
          icon="pause"
          look="button"
          title="Rows already sent keep running at Parallel."
        >
          Pause
        </Press>
      )}
      {view.state === "paused" && (
        <Press action={`${base}/start`} icon="play" look="button go">
          {waiting > 0 ? `Run the other ${waiting === 1 ? "row" : count(waiting)}` : "Resume"}
          {waiting > 0 && usd !== null && <small>{dollars(usd)}</small>}
        </Press>
      )}
      {failed > 0 && (
        <Press action={`${base}/retry`} icon="rotate-cw" look={further}>
          Retry {count(failed)}
        </Press>
      )}
      {low > 0 && stronger !== null && (
        <Press
          action={`${base}/escalate`}
          icon="chevrons-up"
          look={further}
          fields={{ processor: stronger.name }}
        >
          Rerun {count(low)} on {stronger.name}
          <small class="text-soft">{dollars(low * stronger.price_usd)}</small>
        </Press>
      )}
    </div>
  );
}

function Press(
  { action, icon, look, title, fields = {}, children }: {
    readonly action: string;
    readonly icon: IconName;
    /** The button's classes. */
    readonly look: string;
    readonly title?: string;
    readonly fields?: Readonly<Record<string, string>>;
    readonly children: ComponentChildren;
  },
) {
  return (
    <form method="post" action={action}>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit" class={look} title={title}>
        <Icon name={icon} /> {children}
      </button>
    </form>
  );
}
