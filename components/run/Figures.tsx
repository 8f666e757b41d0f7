/** A run's changing figures: status, progress, time, sources. Rendered by server and island. */
import type { RunView } from "../../lib/runs/model/mod.ts";
import { count, duration, elapsed, percent } from "../../lib/base/mod.ts";
import type { ComponentChildren } from "preact";
import { Status } from "../ui/Status.tsx";

export interface FiguresProps {
  readonly view: RunView;
  /** Milliseconds since creation. */
  readonly tookMs: number;
  /** How long the processor usually takes, e.g. `2 to 10 min`. */
  readonly usual: string | null;
  readonly children?: ComponentChildren;
}

/** The figures of a live run. */
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

/** The figures of an ended run. Its duration is `null` if unknown. */
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

/** Sources and cost: beside a finished run's figures, and below a live run's pinned ones. */
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
