/** The figures of a run that move: status, progress, time, sources. Server and island render it. */
import type { RunView } from "../lib/runs/view.ts";
import { count, duration, elapsed, percent } from "./format.ts";
import { Status } from "./Status.tsx";

export interface FiguresProps {
  readonly view: RunView;
  readonly ended: boolean;
  /** Milliseconds since it was created, or how long it took. `null` where nobody knows. */
  readonly tookMs: number | null;
  /** How long the processor usually takes, e.g. `2 to 10 min`. */
  readonly usual: string | null;
  /** `pro · $0.10` */
  readonly cost: string;
}

export function Figures({ view, ended, tookMs, usual, cost }: FiguresProps) {
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
      <span>
        <b>{count(view.sourcesConsidered)}</b> sources considered, <b>{count(view.sourcesRead)}</b>
        {" "}
        read
      </span>
      <span class="text-muted">{cost}</span>
    </div>
  );
}
