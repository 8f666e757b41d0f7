/** The live heads of a comparison. When a result arrives, the page reloads to show it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { watchDeparture } from "../components/live_stream.ts";
import { type Connection, StreamNotice } from "../components/StreamNotice.tsx";
import { Heads, type HeadsProps } from "../routes/compare/(_parts)/Heads.tsx";
import { followList } from "../routes/tasks/(_parts)/follow_list.ts";
import type { RunSummary } from "../lib/runs/model/mod.ts";

export interface CompareHeadsProps extends Pick<HeadsProps, "labels" | "fields"> {
  readonly runs: readonly RunSummary[];
  /** The IDs of the runs whose result the page waits for. Their summaries may be newer than the page's results. */
  readonly awaited: readonly string[];
  /** The server's clock when the page was made (Unix ms). */
  readonly now: number;
  /** The change after which the page was made. */
  readonly lastId: string;
  /** Silence after which the list's stream counts as dead (ms). */
  readonly idleMs: number;
  /** What the list's stream says while the server's store is away. */
  readonly awayNotice: string;
}

export default function CompareHeads(
  { runs, awaited, labels, fields, now, lastId, idleMs, awayNotice }: CompareHeadsProps,
) {
  const [shown, setShown] = useState(runs);
  const [clock, setClock] = useState(now);
  /** The status of a run that has ended since the page was made. */
  const [ended, setEnded] = useState<string | null>(null);
  const [connection, setConnection] = useState<Connection>("connecting");
  // Changes may come faster than the heads are drawn.
  const latest = useRef(shown);

  useEffect(() => {
    if (awaited.length === 0) return;
    const left = new AbortController();
    const reload = watchDeparture(left.signal);
    const started = performance.now();
    const ticking = setInterval(() => setClock(now + performance.now() - started), 1000);
    followList({
      lastId,
      idleMs,
      awayNotice,
      signal: left.signal,
      onChange(change) {
        const index = change.kind === "removed"
          ? -1
          : latest.current.findIndex(({ run_id }) => run_id === change.run.run_id);
        if (change.kind === "removed" || index === -1) return;
        setShown(latest.current = latest.current.with(index, change.run));
        if (change.run.ended_ms === null || !awaited.includes(change.run.run_id)) return;
        // Reload to show results, but not while the user is editing the form.
        if (document.querySelector("[name=processor]:checked")) setEnded(change.run.status);
        else reload(() => location.reload());
      },
      onReset: () => reload(() => location.reload()),
      onLink: setConnection,
      onEnd: (error) => error && setConnection("over"),
    });
    return () => {
      left.abort();
      clearInterval(ticking);
    };
  }, []);

  return (
    <>
      <StreamNotice connection={connection} awayNotice={awayNotice} />
      <Heads runs={shown} labels={labels} fields={fields} now={clock} />
      {ended !== null && (
        <p class="mt-2" role="status">
          {ended === "completed" ? "A result has arrived." : "A run ended without a result."}{" "}
          <a href={location.href}>Reload the page</a>
        </p>
      )}
    </>
  );
}
