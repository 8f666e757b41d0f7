/** The life of a live page: stream, clock, following, and the hand-over to the finished page. */
import type { LogEvent } from "../../lib/runs/event.ts";
import { foldEvents, type RunView } from "../../lib/runs/view.ts";
import { timesOf } from "../EventRow.tsx";
import { statusWord } from "../Status.tsx";
import { type Following, followNewest } from "./following.ts";
import { firstReload, keepPlace } from "./keep.ts";
import { streamRun } from "./stream.ts";

/** What the page was rendered with. */
export interface LiveRunProps {
  readonly runId: string;
  /** The fold of the events that the page already shows. */
  readonly view: RunView;
  readonly startMs: number;
  /** The server's clock when it rendered the page (Unix ms). */
  readonly nowMs: number;
}

/** What of it moves. */
export interface LiveState {
  readonly view: RunView;
  /** The server's clock, as far as the page knows (Unix ms). */
  readonly nowMs: number;
  /** When the next connection is tried; `null` while there is one. */
  readonly retryAtMs: number | null;
  /** The account has as many live streams as it may: another page has to be closed first. */
  readonly full: boolean;
  /** Why the feed ended early. */
  readonly trouble: string | null;
  /** For screen readers: state changes and the end, not every event. */
  readonly said: string;
  readonly following: boolean;
  /** Rows that came while the reader was elsewhere. */
  readonly unseen: number;
}

/** The state before anything moved: what the server renders. */
export function initialState({ view, nowMs }: LiveRunProps): LiveState {
  return {
    view,
    nowMs,
    retryAtMs: null,
    full: false,
    trouble: null,
    said: "",
    following: true,
    unseen: 0,
  };
}

/** Follows a run while its page is visible. */
export class LiveRun {
  readonly #props: LiveRunProps;
  readonly #onState: (state: LiveState) => void;
  readonly #onEvents: (events: readonly LogEvent[]) => void;
  readonly #left = new AbortController();
  #skewMs: number;
  readonly #ticking: ReturnType<typeof setInterval>;
  readonly #following: Following;
  #state: LiveState;
  #watching: AbortController | null = null;

  constructor(
    props: LiveRunProps,
    onState: (state: LiveState) => void,
    onEvents: (events: readonly LogEvent[]) => void,
  ) {
    this.#props = props;
    this.#onState = onState;
    this.#onEvents = onEvents;
    this.#state = initialState(props);
    this.#skewMs = props.nowMs - Date.now();
    const { signal } = this.#left;
    this.#following = followNewest(
      (following) => this.#set(following ? { following, unseen: 0 } : { following }),
      signal,
    );
    this.#ticking = setInterval(() => this.#set({}), 1000);
    document.addEventListener("visibilitychange", () => this.#watch(), { signal });
    this.#watch();
  }

  /** Goes to the newest row and stays there, or stays where the reader is. */
  toggle() {
    if (this.#state.following) this.#following.pause();
    else this.#following.jump();
  }

  stop() {
    this.#left.abort();
    this.#watching?.abort();
    clearInterval(this.#ticking);
  }

  readonly #now = () => Date.now() + this.#skewMs;

  #set(change: Partial<LiveState>) {
    this.#onState(this.#state = { ...this.#state, nowMs: this.#now(), ...change });
  }

  /** A hidden page lets its connection go (browsers open six per host) and resumes by id when shown. */
  async #watch() {
    this.#watching?.abort();
    if (document.hidden) return;
    const { signal } = this.#watching = new AbortController();
    try {
      await streamRun({
        url: `/api/v1/tasks/runs/${encodeURIComponent(this.#props.runId)}/events`,
        lastId: this.#state.view.lastId,
        signal,
        now: this.#now,
        onState: (state) => {
          const waiting = state.state === "waiting" ? state : null;
          this.#set({
            retryAtMs: waiting && this.#now() + waiting.ms,
            full: waiting?.error?.status === 429,
          });
        },
        onBatch: (events) => this.#add(events),
      });
      this.#finish();
    } catch (error) {
      if (!signal.aborted) this.#set({ trouble: troubleOf(error) });
    }
  }

  #add(events: readonly LogEvent[]) {
    const { view: before, following, unseen } = this.#state;
    const fresh = events.filter((event) => event.id > before.lastId);
    const view = foldEvents(fresh, before);
    // The page took its time to load, so its clock may lag behind the events' own.
    this.#skewMs += Math.max(0, (timesOf(fresh).at(-1) ?? 0) - this.#now());
    this.#onEvents(fresh);
    this.#set({
      view,
      unseen: following ? 0 : unseen + fresh.length,
      ...view.status !== before.status && { said: `Run ${statusWord(view.status)}` },
    });
    this.#following.added();
    if (!view.isActive) this.#finish();
  }

  #finish() {
    this.#watching?.abort();
    const { view, following } = this.#state;
    if (!firstReload(view.lastId)) {
      return this.#set({ trouble: "The record of this run ends here." });
    }
    const said = `Run ${statusWord(view.status)}.`;
    this.#set({ said: `${said} Loading its finished page.` });
    keepPlace(said, following);
    location.reload();
  }
}

function troubleOf(error: unknown): string {
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  if (status === 401) return "You are signed out. Sign in and load this page again.";
  if (status === 404) return "This server does not know the run any more.";
  return "The live feed broke off. Recording goes on; load this page again to see it.";
}
