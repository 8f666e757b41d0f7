/**
 * The live run: moves the bar's figures and appends to the trace that the server rendered. It does not
 * hydrate the trace, and never shows a result: for that the finished page is loaded. A class, because
 * signals or even hooks would take 1 to 3 KB of the 12 that this page may have.
 */
import { Component } from "preact";
import {
  initialState,
  LiveRun,
  type LiveRunProps,
  type LiveState,
} from "../components/feed/live.ts";
import { Figures } from "../components/run/Figures.tsx";
import type { RunTerms } from "../components/run/RunDetails.tsx";
import { Icon } from "../components/ui/Icon.tsx";
import { duration } from "../lib/base/mod.ts";

export interface RunFeedProps extends LiveRunProps, RunTerms {}

export default class RunFeed extends Component<RunFeedProps, LiveState> {
  override state = initialState(this.props);
  #live: LiveRun | null = null;

  override componentDidMount() {
    const trace = document.getElementById("trace");
    if (trace === null) return;
    this.#live = new LiveRun(this.props, trace, (state) => this.setState(state));
    for (const button of document.querySelectorAll<HTMLElement>("[data-live]")) {
      button.onclick = () =>
        button.dataset.live === "follow" ? this.#live?.toggle() : this.#live?.notify();
    }
    // Load the finished page's script for scrolling back, search and raw events on first use.
    const load = () => import(trace.dataset.script ?? "").catch(() => {});
    if (location.hash || location.search || trace.querySelector(":scope > .rest")) load();
    for (const type of ["pointerover", "focusin"]) {
      trace.parentElement?.addEventListener(type, load, { once: true });
    }
  }

  override componentWillUnmount() {
    this.#live?.stop();
  }

  override render(props: RunFeedProps, state: LiveState) {
    const { view, nowMs, announcement, unseen } = state;
    const standing = standingOf(state, props);
    return (
      <>
        <Figures {...props} view={view} tookMs={nowMs - props.startMs}>
          {quietFor(state)}
        </Figures>
        <p role="status" class="sr-only">{announcement}</p>
        {(standing || unseen > 0) && (
          <div class="news">
            {standing
              ? (
                <span class="pill">
                  <span class="text-soft">{standing}</span>
                  {state.link === "waiting" && !state.trouble && (
                    <button
                      type="button"
                      class="plain"
                      onClick={() => this.#live?.retry()}
                    >
                      Now
                    </button>
                  )}
                </span>
              )
              : (
                <button type="button" class="pill" onClick={() => this.#live?.toggle()}>
                  {unseen} new <Icon name="arrow-down" />
                </button>
              )}
          </div>
        )}
      </>
    );
  }
}

/** What keeps the feed from running; `null` while it runs. */
function standingOf(
  { link, retryAtMs, heardMs, nowMs, trouble }: LiveState,
  { notices }: RunFeedProps,
): string | null {
  if (trouble !== null) return trouble;
  if (link === "connecting" || link === "open") return null;
  // A turn usually comes at once.
  if (link === "turn" && nowMs - heardMs < 1000) return null;
  if (link !== "waiting" && link !== "full") return notices[link];
  const seconds = Math.max(0, Math.ceil((retryAtMs - nowMs) / 1000));
  return `${notices[link]}. Trying again in ${seconds} s`;
}

/** After this much silence the page says that the run is silent, so that the page does not look stuck (ms). */
const QUIET_MS = 20_000;

/** Says that the run itself is silent; `null` while it is not. */
function quietFor({ link, heardMs, nowMs }: LiveState): string | null {
  const quiet = nowMs - heardMs;
  if (quiet < QUIET_MS) return null;
  return link === "open" ? `nothing new for ${duration(quiet)}` : "connecting to the server";
}
