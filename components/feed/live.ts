/** The life of a live page: clock, stream, and the hand-over to the finished page. */
import type { LiveView } from "../../lib/runs/model/mod.ts";
import type { SSEError, SSEEvent } from "../../lib/sse/mod.ts";
import { followStream, type Link, watchDeparture } from "../live_stream.ts";
import { statusWord } from "../ui/Status.tsx";
import type { Moving } from "./moving.ts";

/** What the page was rendered with. */
export interface LiveRunProps {
  /** The run's stream. */
  readonly eventsUrl: string;
  /** Silence after which its connection counts as dead (ms). */
  readonly idleMs: number;
  /** What the page says for each state of the stream. As props, they cost no script. */
  readonly notices: Readonly<Record<NoticeName, string>>;
  /** The fold of the events that the page already shows. */
  readonly view: LiveView;
  readonly startMs: number;
  /** The server's clock when it rendered the page (Unix ms). */
  readonly nowMs: number;
}

/** `signedOut`, `unknown`, `broken` and `over`: why the feed ended early. `ended`: the end came, then the network went. */
type NoticeName =
  | Exclude<Link, "connecting" | "open">
  | "signedOut"
  | "unknown"
  | "broken"
  | "over"
  | "ended";

/** What of it moves. */
export interface LiveState {
  readonly view: LiveView;
  /** The server's clock, as estimated by the page (Unix ms). */
  readonly nowMs: number;
  /** Where the stream is. */
  readonly link: Link;
  /** When the next connection is tried, while the link waits for it. */
  readonly retryAtMs: number;
  /** When the page last heard of anything new (Unix ms, the server's clock). */
  readonly heardMs: number;
  /** Why the feed ended early. */
  readonly trouble: string | null;
  /** For screen readers: state changes and the end, not every event. */
  readonly announcement: string;
  readonly following: boolean;
  /** Rows that came while the reader was elsewhere. */
  readonly unseen: number;
  /** Whether a notification comes at the end; `null` if not possible. */
  readonly notify: NotificationChoice;
}

/** The state before anything moved: what the server renders. */
export function initialState({ view, nowMs }: LiveRunProps): LiveState {
  return {
    view,
    nowMs,
    link: "connecting",
    retryAtMs: nowMs,
    heardMs: nowMs,
    trouble: null,
    announcement: "",
    following: true,
    unseen: 0,
    notify: null,
  };
}

/** How often a hidden page updates the progress in its title and icon (ms). */
const LOOK_EVERY_MS = 20_000;
/** A stream that was reopened catches up first (ms): when its events arrive is not when they happened. */
const CATCH_UP_MS = 1_000;
/** When to try again if the code that shows events cannot be loaded (ms). Events wait for it. */
const RELOAD_MS = 2_000;
/** After more failures the server no longer has the page's files, and the page is loaded anew. */
const MAX_FAILURES = 5;

/** Loads what few pages need. */
const later = () => import("./later.ts");

/** Follows a run. */
export class LiveRun {
  readonly #onState: (state: LiveState) => void;
  readonly #notices: LiveRunProps["notices"];
  readonly #left = new AbortController();
  readonly #reload = watchDeparture(this.#left.signal);
  #skewMs: number;
  readonly #ticking: ReturnType<typeof setInterval>;
  readonly #moving: Promise<Moving>;
  #show?: Moving["show"];
  #state: LiveState;
  #openedMs = 0;
  #wasLost = false;

  constructor(props: LiveRunProps, trace: HTMLElement, onState: (state: LiveState) => void) {
    this.#onState = onState;
    this.#notices = props.notices;
    this.#state = { ...initialState(props), notify: notificationChoice() };
    this.#skewMs = props.nowMs - Date.now();
    const { signal } = this.#left;
    this.#moving = this.#load().then(({ startMoving }) => {
      const moving = startMoving(
        trace,
        props.startMs,
        (following) => this.#set(following ? { following, unseen: 0 } : { following }),
        signal,
      );
      this.#show = moving.show;
      this.#set({});
      return moving;
    });
    this.#ticking = setInterval(() => this.#set({}), 1000);
    // What the run's end may need is loaded before the network goes.
    document.addEventListener("visibilitychange", () => later().catch(() => {}), { signal });
    followStream({
      url: props.eventsUrl,
      lastId: String(props.view.lastId),
      idleMs: props.idleMs,
      awayNotice: props.notices.away,
      lookEveryMs: LOOK_EVERY_MS,
      signal,
      onLink: this.#onLink,
      onEvents: this.#onArrival,
      onEnd: (error) =>
        error ? this.#set({ trouble: this.#notices[troubleOf(error)] }) : this.#finish(),
    });
  }

  /** Goes to the newest row and stays there, or stays where the reader is. */
  async toggle() {
    (await this.#moving).toggle();
  }

  /** Connects now, as if the network had come back, without waiting for the next attempt. */
  retry() {
    dispatchEvent(new Event("online"));
  }

  /** Asks for a notification at the end, or takes that back. */
  async notify() {
    const { chooseNotification } = await later();
    await chooseNotification(this.#state.notify === "off");
    this.#set({ notify: notificationChoice() });
  }

  stop() {
    this.#left.abort();
    clearInterval(this.#ticking);
  }

  readonly #now = () => Date.now() + this.#skewMs;

  #set(change: Partial<LiveState>) {
    this.#onState(this.#state = { ...this.#state, nowMs: this.#now(), ...change });
    this.#show?.(this.#state);
  }

  readonly #onLink = (link: Link, retryMs = 0) => {
    const now = this.#now();
    const isOpened = link === "open" && this.#state.link !== link;
    if (isOpened) this.#openedMs = now;
    if (retryMs || link === "connecting") this.#wasLost = !!retryMs;
    this.#set({ link, retryAtMs: now + retryMs, ...isOpened && { heardMs: now } });
  };

  /** Returns whether the run has ended. Events that come before the code that shows them wait for it. */
  readonly #onArrival = async (arrived: readonly SSEEvent[]): Promise<boolean> => {
    const now = this.#now();
    const isLive = !this.#wasLost || now - this.#openedMs > CATCH_UP_MS;
    const moving = await this.#moving;
    const { view: before, following, unseen } = this.#state;
    const { view, fresh, newestMs } = moving.fold(before, arrived, isLive ? now : null);
    // The page took some time to load, so its clock may be behind the events' clock.
    this.#skewMs += Math.max(0, newestMs - this.#now());
    moving.append(fresh);
    this.#set({
      view,
      link: "open",
      heardMs: this.#now(),
      unseen: following ? 0 : unseen + fresh.length,
      ...view.status !== before.status && { announcement: `Run ${statusWord(view.status)}` },
    });
    if (document.hidden) {
      later().then(({ fillIcon }) => fillIcon(view.isActive ? view.progress ?? 0 : 100), () => {});
    }
    return !view.isActive;
  };

  /** Loads the code that shows events. */
  async #load(failures = 0): Promise<typeof import("./moving.ts")> {
    try {
      return await import("./moving.ts");
    } catch {
      if (failures >= MAX_FAILURES) {
        this.#reload(() => firstReload(this.#state.view.lastId) && location.reload());
      }
      await new Promise((resolve) => setTimeout(resolve, RELOAD_MS));
      return this.#load(failures + 1);
    }
  }

  async #finish() {
    // It folds the events that came before the end.
    await this.#moving;
    const { view, following } = this.#state;
    if (document.hidden) {
      // The finished page is loaded when the tab is shown.
      if (notificationChoice() !== "on") return;
      return later().then(({ notifyEnd }) => notifyEnd(statusWord(view.status)), () => {});
    }
    const announcement = `Run ${statusWord(view.status)}.`;
    this.#set({ announcement: `${announcement} Loading its finished page.` });
    this.#reload(() => {
      if (!firstReload(view.lastId)) return this.#set({ trouble: this.#notices.over });
      // If this fails, the finished page starts at its top.
      later().then(({ keepPlace }) => keepPlace(announcement, following), () => {})
        // Not reloaded: browsers blend a page only into one that is navigated to.
        .then(() => location.replace(location.pathname + location.search));
    }, () => this.#set({ trouble: this.#notices.ended }));
  }
}

function troubleOf({ status }: SSEError): NoticeName {
  return status === 401 ? "signedOut" : status === 404 ? "unknown" : "broken";
}

/** Returns `true` once per page and last event, so that a log that ends oddly cannot reload forever. */
function firstReload(lastId: number): boolean {
  const key = `reloaded:${location.pathname}`;
  if (sessionStorage.getItem(key) === String(lastId)) return false;
  sessionStorage.setItem(key, String(lastId));
  return true;
}

/**
 * Whether the person wants a notification at a run's end. The browser stores it under `notify`. `null` if the
 * browser cannot notify, or may not.
 */
export type NotificationChoice = "off" | "on" | null;

/** Returns the choice that is stored in this browser. */
function notificationChoice(): NotificationChoice {
  // Typed as always there, but missing on plain http and on some phones.
  if (!globalThis.Notification || Notification.permission === "denied") return null;
  const wanted = Notification.permission === "granted" && localStorage.getItem("notify") === "on";
  return wanted ? "on" : "off";
}
