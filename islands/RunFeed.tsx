/**
 * The live run: moves the header's figures and appends to the trace that the server rendered. It
 * does not hydrate the trace, and never shows a result: for that the finished page is loaded.
 * Its state is plain hooks: signals would take 2 KB of the 15 that this page may have.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { appendRows } from "../components/feed/append.tsx";
import { initialState, LiveRun, type LiveRunProps } from "../components/feed/live.ts";
import { Figures } from "../components/Figures.tsx";
import { SampledSources } from "../components/SampledSources.tsx";
import { TracePicks } from "../components/Trace.tsx";

export interface RunFeedProps extends LiveRunProps {
  readonly usual: string | null;
  readonly cost: string;
}

export default function RunFeed(props: RunFeedProps) {
  const [state, setState] = useState(() => initialState(props));
  const live = useRef<LiveRun>();

  useEffect(() => {
    const trace = document.getElementById("trace");
    const run = new LiveRun(
      props,
      setState,
      (events) => trace && appendRows(trace, events, props.startMs),
    );
    live.current = run;
    return () => run.stop();
  }, []);

  const { view, nowMs, retryAtMs, trouble, said, following, unseen } = state;
  const toggle = () => live.current?.toggle();
  return (
    <>
      <div class="pinned py-2">
        <Figures
          view={view}
          ended={false}
          tookMs={nowMs - props.startMs}
          usual={props.usual}
          cost={props.cost}
        />
      </div>
      <SampledSources urls={view.sources} />
      <div class="flex flex-wrap items-center justify-between gap-x-4">
        <TracePicks counts={view.counts} />
        <button
          type="button"
          class="plain scripted touch text-sm"
          aria-pressed={following}
          onClick={toggle}
        >
          {following ? "following" : "follow"}
        </button>
      </div>
      {(trouble || retryAtMs !== null) && (
        <p class="notice calm">
          {trouble || `Waiting for the server, retrying in ${secondsUntil(retryAtMs, nowMs)} s.`}
        </p>
      )}
      <p role="status" class="sr-only">{said}</p>
      {unseen > 0 && (
        <div class="news">
          <button type="button" class="button quiet" onClick={toggle}>{unseen} new ↓</button>
        </div>
      )}
    </>
  );
}

function secondsUntil(atMs: number | null, nowMs: number): number {
  return Math.max(0, Math.ceil(((atMs ?? nowMs) - nowMs) / 1000));
}
