/**
 * The live run: moves the header's figures and appends to the trace that the server rendered. It
 * does not hydrate the trace, and never shows a result: for that the finished page is loaded.
 * A class, for signals or even hooks would take 1 to 3 KB of the 15 that this page may have.
 */
import { Component } from "preact";
import { appendRows } from "../components/feed/row.tsx";
import {
  initialState,
  LiveRun,
  type LiveRunProps,
  type LiveState,
} from "../components/feed/live.ts";
import { Figures, SampledSources, Totals } from "../components/run/Figures.tsx";
import { duration } from "../lib/base/mod.ts";
import { TracePicks } from "../components/run/TracePicks.tsx";

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
    const { view, nowMs, trouble, said, following, unseen, notify } = state;
    const toggle = () => this.#live?.toggle();
    const standing = trouble ?? standingOf(state, props);
    return (
      <>
        <div class="pinned py-2">
          <Figures
            view={view}
            tookMs={nowMs - props.startMs}
            usual={props.usual}
          >
            {standing && <strong>{standing}</strong>}
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
          <span class="flex gap-x-4">
            {notify && (
              <button
                type="button"
                class="plain scripted touch text-sm"
                aria-pressed={notify === "on"}
                onClick={() => this.#live?.notify()}
              >
                {notify === "on" ? "notifying" : "notify me"}
              </button>
            )}
            <button
              type="button"
              class="plain scripted touch text-sm"
              aria-pressed={following}
              onClick={toggle}
            >
              {following ? "following" : "follow"}
            </button>
          </span>
        </div>
        <p role="status" class="sr-only">{said}</p>
        {unseen > 0 && (
          <div class="news">
            <button type="button" class="pill" onClick={toggle}>{unseen} new ↓</button>
          </div>
        )}
      </>
    );
  }
}

/** Silence after which a page says that it is not the page that stopped (ms). */
const QUIET_MS = 20_000;

/** What the feed waits for; `null` while it simply runs. */
function standingOf(
  { link, retryAtMs, heardMs, nowMs }: LiveState,
  { notices }: RunFeedProps,
): string | null {
  switch (link) {
    case "away":
    case "offline":
      return notices[link];
    case "waiting":
    case "full":
      return `${notices[link]}; retrying in ${seconds(retryAtMs - nowMs)} s`;
    case "turn":
      return nowMs - heardMs < 1000 ? null : "Other windows take their turn, this one is next";
    default: {
      const quiet = nowMs - heardMs;
      if (quiet < QUIET_MS) return null;
      return link === "open"
        ? `Connected; nothing new for ${duration(quiet)}`
        : "Connecting to the server";
    }
  }
}

function seconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1000));
}
