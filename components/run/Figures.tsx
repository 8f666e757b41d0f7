/** A run's changing figures: status, progress, time, sources, cost. Rendered by server and island. */
import type { ComponentChildren } from "preact";
import type { LiveView } from "../../lib/runs/model/mod.ts";
import { count, elapsed, percent } from "../../lib/base/mod.ts";
import { Status } from "../ui/Status.tsx";
import type { RunTerms } from "./RunDetails.tsx";

export interface FiguresProps extends RunTerms {
  readonly view: LiveView;
  /** Milliseconds since creation. */
  readonly tookMs: number;
  /** Something to know instead of the usual time. */
  readonly children?: ComponentChildren;
}

/** The bar of a live run. */
export function Figures({ view, tookMs, usual, cost, processor, children }: FiguresProps) {
  return (
    <div class="live-bar">
      <Status status={view.status} />
      <span class="meter">
        <progress max={100} value={view.progress ?? 0} aria-label="Progress" />
        <b>{percent(view.progress)}</b>
      </span>
      <span class="usual">
        <b>{elapsed(tookMs)}</b> {children || usual && <span>of usually {usual}</span>}
      </span>
      <span class="read">
        <b>{count(view.sourcesRead)}</b> read
        {view.sourcesConsidered !== null && (
          <span>{` of ${count(view.sourcesConsidered)} sources`}</span>
        )}
      </span>
      <span class="cost">
        {/* One text: it must not move when a script takes the page over. */}
        <b>{cost}</b>
        {` · ${processor}`}
      </span>
    </div>
  );
}
