/**
 * The live run: moves the header's figures and appends to the trace that the server rendered. It
 * does not hydrate the trace, and never shows a result: for that the finished page is loaded.
 * A class, for signals or even hooks would take 1 to 3 KB of the 15 that this page may have.
 */
import { Component } from "preact";
import { appendRows } from "../components/feed/append.tsx";
import {
  initialState,
  LiveRun,
  type LiveRunProps,
  type LiveState,
} from "../components/feed/live.ts";
import { Figures, Totals } from "../components/Figures.tsx";
import { SampledSources } from "../components/SampledSources.tsx";
import { TracePicks } from "../components/Trace.tsx";

export interface RunFeedProps extends LiveRunProps {
  readonly usual: string | null;
  readonly cost: string;
}

export default class RunFeed extends Component<RunFeedProps, LiveState> {
  override state = initialState(this.props);
  #live: LiveRun | null = null;

  override componentDidMount() {
    const { startMs } = this.props;
    const trace = document.getElementById("trace");
    this.#live = new LiveRun(
      this.props,
      (state) => this.setState(state),
      (events) => trace && appendRows(trace, events, startMs),
    );
  }

  override componentWillUnmount() {
    this.#live?.stop();
  }

  override render(props: RunFeedProps, state: LiveState) {
    const { view, nowMs, retryAtMs, full, trouble, said, following, unseen } = state;
    const toggle = () => this.#live?.toggle();
    return (
      <>
        <div class="pinned py-2">
          <Figures
            view={view}
            ended={false}
            tookMs={nowMs - props.startMs}
            usual={props.usual}
          >
            {retryAtMs !== null && (
              <strong>
                {full
                  ? "Too many live pages are open, close one; retrying in "
                  : "Waiting for the server, retrying in "}
                {secondsUntil(retryAtMs, nowMs)} s
              </strong>
            )}
            {trouble && <strong>{trouble}</strong>}
          </Figures>
        </div>
        <div class="py-2">
          <div class="figures">
            <Totals view={view} cost={props.cost} />
          </div>
          <SampledSources urls={view.sources} show={5} />
        </div>
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
        <p role="status" class="sr-only">{said}</p>
        {unseen > 0 && (
          <div class="news">
            <button type="button" class="button quiet" onClick={toggle}>{unseen} new ↓</button>
          </div>
        )}
      </>
    );
  }
}

function secondsUntil(atMs: number | null, nowMs: number): number {
  return Math.max(0, Math.ceil(((atMs ?? nowMs) - nowMs) / 1000));
}
