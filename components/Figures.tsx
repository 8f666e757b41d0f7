/** The figures of a run that move: status, progress, time, sources. Server and island render it. */
import type { RunView } from "../lib/runs/view.ts";
import { count, duration, elapsed, percent } from "./format.ts";
import type { ComponentChildren } from "preact";
import { Status } from "./Status.tsx";

export interface FiguresProps {
  readonly view: RunView;
  readonly ended: boolean;
  /** Milliseconds since it was created, or how long it took. `null` where nobody knows. */
  readonly tookMs: number | null;
  /** How long the processor usually takes, e.g. `2 to 10 min`. */
  readonly usual: string | null;
  readonly children?: ComponentChildren;
}

export function Figures({ view, ended, tookMs, usual, children }: FiguresProps) {
  return (
    <div class="figures">
      <Status status={view.status} />
      {!ended && (
        <span class="meter">
          <progress max={100} value={view.progress ?? 0} aria-label="Progress" />
          <span class="w-12 number">{percent(view.progress)}</span>
        </span>
      )}
      <span>
        {ended
          ? <>{view.status === "completed" ? "in" : "after"} {duration(tookMs)}</>
          : tookMs === null
          ? "–"
          : elapsed(tookMs)}
        {usual && <span class="text-muted">{ended ? ", " : " of "}usually {usual}</span>}
      </span>
      {children}
    </div>
  );
}

/** Sources and cost: beside the figures of a finished run, below the pinned ones of a live one. */
export function Totals({ view, cost }: { view: RunView; cost: string }) {
  return (
    <>
      <span>
        <b>{count(view.sourcesConsidered)}</b> sources considered, <b>{count(view.sourcesRead)}</b>
        {" "}
        read
      </span>
      <span class="text-muted">{cost}</span>
    </>
  );
}
