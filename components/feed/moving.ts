/**
 * What a live page needs from its first event on. It is loaded while the stream opens: until something moves,
 * the page stays as the server rendered it.
 */
import {
  applyEvent,
  countKinds,
  EVENT_KINDS,
  type LiveView,
  type LogEvent,
  momentOf,
  sentPayloadOf,
} from "../../lib/runs/model/mod.ts";
import { count, percent } from "../../lib/base/mod.ts";
import type { SSEEvent } from "../../lib/sse/mod.ts";
import { statusWord } from "../ui/Status.tsx";
import { appendEvents, byFrames } from "./append.tsx";
import { followNewest } from "./following.ts";

/** The moving parts of a page. */
export interface Moving {
  /** Folds what arrived at `receivedMs` into a view. Leaves out what the view has seen. */
  fold(view: LiveView, arrived: readonly SSEEvent[], receivedMs: number | null): Folded;
  /** Appends rows to the trace, and keeps the newest one in view while following. */
  append(events: readonly LogEvent[]): void;
  /** Shows a state above the trace and in the tab. */
  show(state: Shown): void;
  /** Follows the newest row, or no longer. */
  toggle(): void;
}

/** The part of a live page's state that is shown outside its island. */
interface Shown {
  readonly view: LiveView;
  readonly following: boolean;
  readonly notify: "off" | "on" | null;
}

interface Folded {
  readonly view: LiveView;
  readonly fresh: readonly LogEvent[];
  /** When the newest event happened; 0 if unknown. */
  readonly newestMs: number;
}

/** Makes a page's parts move until the signal aborts. */
export function startMoving(
  trace: HTMLElement,
  startMs: number,
  onFollowing: (following: boolean) => void,
  signal: AbortSignal,
): Moving {
  const following = followNewest(onFollowing, signal);
  return {
    fold,
    append: byFrames((events) => {
      appendEvents(trace, events, startMs, following.isOn());
      following.added();
    }),
    show,
    toggle: following.toggle,
  };
}

function fold(
  before: LiveView,
  arrived: readonly SSEEvent[],
  receivedMs: number | null,
): Folded {
  const fresh = arrived.map(({ id, event, data }): LogEvent => ({
    id: Number(id),
    type: event,
    data,
    received_ms: receivedMs,
  })).filter(({ id }) => id > before.lastId);
  // Do not use `foldEvents`: it would add the view of an empty log to the script.
  const view = fresh.reduce((view, event) => applyEvent(view, event, sentPayloadOf), before);
  const newest = fresh.at(-1);
  return { view, fresh, newestMs: newest && momentOf(newest, sentPayloadOf(newest)) || 0 };
}

/** Counts on above the trace, which the server rendered, and turns its switches. */
function show({ view, following, notify }: Shown): void {
  showInTab(view);
  for (const filter of document.querySelectorAll<HTMLElement>("[data-filter]")) {
    const { kinds } = filter.dataset;
    const names = kinds?.split(" ");
    const all = kinds
      ? countKinds(view, EVENT_KINDS.filter((kind) => names?.includes(kind)))
      : view.lastId;
    if (filter.hidden && all > 0) {
      // After the others, so that it moves none of them.
      filter.parentElement?.append(filter);
      filter.hidden = false;
    }
    filter.lastElementChild!.textContent = count(all);
  }
  for (const [name, on] of [["follow", following], ["notify", notify]] as const) {
    const button = document.querySelector<HTMLElement>(`[data-live="${name}"]`);
    if (!button) continue;
    button.hidden = on === null;
    button.ariaPressed = String(on === true || on === "on");
  }
}

/** Shows the progress, or how the run ended. The server's title starts with the status and a colon. */
function showInTab({ status, isActive, progress }: LiveView): void {
  const state = isActive && progress !== null ? percent(progress) : statusWord(status);
  const title = document.title.replace(/^[^:]*/, state);
  if (title === document.title) return;
  document.title = title;
}
