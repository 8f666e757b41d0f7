/** The life of a live page: stream, clock, following, and the hand-over to the finished page. */
import {
  applyEvent,
  type LogEvent,
  type RunView,
  sentPayloadOf,
} from "../../lib/runs/model/mod.ts";
import type { ConnectState } from "../../lib/sse/mod.ts";
import { statusWord } from "../ui/Status.tsx";
import { type Following, followNewest } from "./following.ts";
import { timesOf } from "./row.tsx";
import { streamRun } from "./stream.ts";
import { type NotificationChoice, notificationChoice, showInTab } from "./tab.ts";
import { inTurn } from "./turns.ts";

/** What the page was rendered with. */
export interface LiveRunProps {
  /** The run's stream. */
  readonly eventsUrl: string;
  /** Silence after which its connection counts as dead (ms). */
  readonly idleMs: number;
  /** What the page says of a link: here it costs no script. `away` is what the stream says itself. */
  readonly notices: Readonly<Record<Trouble, string>>;
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
  /** Where the stream is. */
  readonly link: Link;
  /** When the next connection is tried, while the link waits for it; `null` before it ever did. */
  readonly retryAtMs: number | null;
  /** When the page last heard of anything new (Unix ms, the server's clock). */
  readonly heardMs: number;
  /** Why the feed ended early. */
  readonly trouble: string | null;
  /** For screen readers: state changes and the end, not every event. */
  readonly said: string;
  readonly following: boolean;
  /** Rows that came while the reader was elsewhere. */
  readonly unseen: number;
  /** Whether a notification comes at the end; `null` where there can be none. */
  readonly notify: NotificationChoice;
}

/**
 * `turn`: other windows of this browser have its connections, and pass them on in a moment. `full`: the
 * account has as many live streams as it may, another page has to be closed first. `away`: the server's
 * store does not answer.
 */
export type Link = "opening" | "open" | "turn" | Trouble;
type Trouble = "away" | "waiting" | "full" | "offline";

/** The state before anything moved: what the server renders. */
export function initialState({ view, nowMs }: LiveRunProps): LiveState {
  return {
    view,
    nowMs,
    link: "opening",
    retryAtMs: null,
    heardMs: nowMs,
    trouble: null,
    said: "",
    following: true,
    unseen: 0,
    notify: null,
  };
}

/** How often a hidden page looks (ms), so that its title and icon tell how far the run is. */
const LOOK_EVERY_MS = 20_000;
/** How long such a look may take (ms): the server sends what it has at once. */
const LOOK_MS = 2_000;
/** A clock that jumped by more than this (ms) slept, and its connection is probably dead. */
const SLEPT_MS = 10_000;

/** Loads what few pages need. */
const later = () => import("./later.ts");

/** Follows a run. */
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
  #looking: ReturnType<typeof setTimeout> | undefined;
  #tickedMs = Date.now();

  constructor(
    props: LiveRunProps,
    onState: (state: LiveState) => void,
    onEvents: (events: readonly LogEvent[]) => void,
  ) {
    this.#props = props;
    this.#onState = onState;
    this.#onEvents = onEvents;
    this.#state = { ...initialState(props), notify: notificationChoice() };
    this.#skewMs = props.nowMs - Date.now();
    const { signal } = this.#left;
    this.#following = followNewest(
      (following) => this.#set(following ? { following, unseen: 0 } : { following }),
      signal,
    );
    this.#ticking = setInterval(() => this.#tick(), 1000);
    document.addEventListener("visibilitychange", () => this.#watch(), { signal });
    // A page that goes into the back/forward cache must hold no connection, and goes on after it.
    addEventListener("pagehide", () => this.#rest(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#watch(), { signal });
    addEventListener("offline", () => this.#set({ link: "offline" }), { signal });
    // Not every connection breaks with the network: one that lived on would stay "offline" for ever.
    addEventListener("online", () => this.#watch(), { signal });
    const box = document.querySelector<HTMLInputElement>("#find");
    const find = () => later().then(({ findInTrace }) => findInTrace(signal), () => {});
    // The server may have searched already.
    if (box?.value) find();
    else box?.addEventListener("focus", find, { once: true, signal });
    showInTab(props.view);
    this.#watch();
  }

  /** Goes to the newest row and stays there, or stays where the reader is. */
  toggle() {
    if (this.#state.following) this.#following.pause();
    else this.#following.jump();
  }

  /** Asks for a notification at the end, or takes that back. */
  async notify() {
    const { chooseNotification } = await later();
    await chooseNotification(this.#state.notify === "off");
    this.#set({ notify: notificationChoice() });
  }

  stop() {
    this.#left.abort();
    this.#rest();
    clearInterval(this.#ticking);
  }

  readonly #now = () => Date.now() + this.#skewMs;

  #set(change: Partial<LiveState>) {
    this.#onState(this.#state = { ...this.#state, nowMs: this.#now(), ...change });
  }

  #tick() {
    const now = Date.now();
    if (now - this.#tickedMs > SLEPT_MS && !document.hidden) this.#watch();
    this.#tickedMs = now;
    this.#set({});
  }

  /** Lets the connection go. */
  #rest() {
    this.#watching?.abort();
    clearTimeout(this.#looking);
  }

  /**
   * Streams while the page is shown, from the last id it has. A hidden page lets its connection go at
   * once (browsers open six per host) and only looks in now and then.
   */
  async #watch() {
    this.#rest();
    const { view, trouble } = this.#state;
    if (trouble !== null || this.#left.signal.aborted) return;
    if (!view.isActive) return this.#finish();
    const { signal } = this.#watching = new AbortController();
    if (document.hidden) {
      // What its end may need is here before the network goes.
      later().catch(() => {});
      this.#looking = setTimeout(async () => {
        const look = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
        await this.#stream(look).catch(() => {});
        if (!signal.aborted) this.#watch();
      }, LOOK_EVERY_MS);
      return;
    }
    this.#set({ link: "turn" });
    await inTurn((turn) => this.#stream(turn), signal).catch(() => {});
  }

  async #stream(signal: AbortSignal): Promise<void> {
    try {
      await streamRun({
        url: this.#props.eventsUrl,
        idleMs: this.#props.idleMs,
        lastId: this.#state.view.lastId,
        signal,
        now: this.#now,
        onState: (state) => this.#connection(state),
        onComment: (comment) =>
          this.#set({ link: comment === this.#props.notices.away ? "away" : "open" }),
        onBatch: (events) => this.#add(events),
      });
      this.#finish();
    } catch (error) {
      if (signal.aborted) throw error;
      this.#set({ trouble: troubleOf(error) });
    }
  }

  #connection(state: ConnectState) {
    // A further attempt says nothing new before it has an answer.
    if (state.state === "connecting" && !state.attempt) this.#set({ link: "opening" });
    if (state.state === "open") this.#set({ link: "open", heardMs: this.#now() });
    if (state.state !== "waiting") return;
    const { offline, ms, error } = state, status = error?.status;
    this.#set({
      link: offline ? "offline" : status === 429 ? "full" : status === 503 ? "away" : "waiting",
      retryAtMs: this.#now() + ms,
    });
  }

  #add(events: readonly LogEvent[]) {
    const { view: before, following, unseen } = this.#state;
    const fresh = events.filter((event) => event.id > before.lastId);
    // Not `foldEvents`, which brings the view of an empty log along.
    const view = fresh.reduce((view, event) => applyEvent(view, event, sentPayloadOf), before);
    // The page took its time to load, so its clock may lag behind the events' own.
    this.#skewMs += Math.max(0, (timesOf(fresh, 0, sentPayloadOf).at(-1) ?? 0) - this.#now());
    this.#onEvents(fresh);
    this.#set({
      view,
      link: "open",
      heardMs: this.#now(),
      unseen: following ? 0 : unseen + fresh.length,
      ...view.status !== before.status && { said: `Run ${statusWord(view.status)}` },
    });
    showInTab(view);
    this.#following.added();
    if (!view.isActive) this.#finish();
  }

  #finish() {
    this.#rest();
    const { view, following } = this.#state;
    if (document.hidden) {
      // Its finished page comes when somebody looks.
      if (notificationChoice() !== "on") return;
      return later().then(({ tellEnd }) => tellEnd(statusWord(view.status)), () => {});
    }
    if (!firstReload(view.lastId)) {
      return this.#set({ trouble: "The record of this run ends here." });
    }
    const said = `Run ${statusWord(view.status)}.`;
    this.#set({ said: `${said} Loading its finished page.` });
    // Without it the finished page begins at its top.
    later().then(({ keepPlace }) => keepPlace(said, following), () => {})
      .then(() => location.reload());
  }
}

function troubleOf(error: unknown): string {
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  if (status === 401) return "You are signed out. Sign in and load this page again.";
  if (status === 404) return "This server does not know the run any more.";
  return "The live feed broke off. Recording goes on; load this page again to see it.";
}

/** True once per page and last event, so that a record that ends oddly cannot reload for ever. */
function firstReload(lastId: number): boolean {
  const key = `reloaded:${location.pathname}`;
  if (sessionStorage.getItem(key) === String(lastId)) return false;
  sessionStorage.setItem(key, String(lastId));
  return true;
}
