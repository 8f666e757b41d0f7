/** The figures of a run that move: status, progress, time, sources. Server and island render it. */
import type { RunView } from "../../lib/runs/model/mod.ts";
import { count, duration, elapsed, percent } from "../../lib/base/mod.ts";
import type { ComponentChildren } from "preact";
import { Status } from "../ui/Status.tsx";

export interface FiguresProps {
  readonly view: RunView;
  /** Milliseconds since it was created. */
  readonly tookMs: number;
  /** How long the processor usually takes, e.g. `2 to 10 min`. */
  readonly usual: string | null;
  readonly children?: ComponentChildren;
}

/** Of a live run. */
export function Figures({ view, tookMs, usual, children }: FiguresProps) {
  return (
    <div class="figures">
      <Status status={view.status} />
      <span class="meter">
        <progress max={100} value={view.progress ?? 0} aria-label="Progress" />
        <span class="w-12 number">{percent(view.progress)}</span>
      </span>
      <span>
        {`${elapsed(tookMs)} `}
        {usual && <span class="text-muted">of usually {usual}</span>}
      </span>
      {children}
    </div>
  );
}

/** Of a run that has ended; how long it took is `null` where nobody knows. */
export function EndedFigures(
  { view, tookMs, usual }: Pick<FiguresProps, "view" | "usual"> & { tookMs: number | null },
) {
  return (
    <div class="figures">
      <Status status={view.status} />
      <span>
        {view.status === "completed" ? "in" : "after"} {duration(tookMs)}
        {usual && <span class="text-muted">, usually {usual}</span>}
      </span>
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
