/** A run's changing figures: status, progress, time, sources. Rendered by server and island. */
import type { RunView } from "../../lib/runs/model/mod.ts";
import { count, duration, elapsed, percent } from "../../lib/base/mod.ts";
import type { ComponentChildren } from "preact";
import { Status } from "../ui/Status.tsx";
import { hostOf } from "../../lib/results/mod.ts";
import { WebLink } from "../ui/WebLink.tsx";

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
        {usual && <span class="text-soft">of usually {usual}</span>}
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
        {usual && <span class="text-soft">, usually {usual}</span>}
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
      <span class="text-soft">{cost}</span>
    </>
  );
}

// The pages that a run has reported as read so far: hosts on one line, with their URLs behind them.
/** The newest `show` hosts: one line, not a wall. */
export function SampledSources({ urls, show }: { urls: readonly string[]; show: number }) {
  if (urls.length === 0) return null;
  // Several pages of one host would look like a mistake.
  const hosts = [...new Map(urls.map((url) => [hostOf(url), url]))];
  return (
    <ul class="hosts" aria-label="Some of the pages read">
      {hosts.slice(-show).map(([host, url]) => (
        <li key={host}>
          <WebLink href={url} class="url">{host}</WebLink>
        </li>
      ))}
      {hosts.length > show && <li class="text-soft text-sm">{count(urls.length)} named in all</li>}
    </ul>
  );
}
