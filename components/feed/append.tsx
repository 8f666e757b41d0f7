/**
 * Appends live events to the trace that the server rendered, with the components that rendered it. A page
 * loads it while its stream opens: until an event comes, nothing needs it.
 */
import { type ComponentChild, render } from "preact";
import {
  kindOf,
  type LogEvent,
  NO_STEP,
  type OpenStep,
  placeEvent,
  sentPayloadOf,
  type Step,
} from "../../lib/runs/model/mod.ts";
import { count } from "../../lib/base/mod.ts";
import { cx } from "../ui/cx.ts";
import { messageOf, readEvents, type Shown } from "./body.tsx";
import { Anchors, Counts, FindingRow, PartRow, StepRow } from "./row.tsx";

/** Rows per list. Browsers lay out a list at once, and skip lists out of sight. */
const LIST_ROWS = 200;
/** The most lists of a page that follows the newest event. A link leads to earlier ones. */
const MAX_LISTS = 5;
/** Events per frame, so that catching up with thousands keeps no frame waiting. */
const FRAME_EVENTS = 120;

/** Calls `append` with at most so many events a frame, in order. */
export function byFrames(
  append: (events: readonly LogEvent[]) => void,
): (events: readonly LogEvent[]) => void {
  let waiting: readonly LogEvent[] = [];
  const frame = () => {
    append(waiting.slice(0, FRAME_EVENTS));
    waiting = waiting.slice(FRAME_EVENTS);
    if (waiting[0]) requestAnimationFrame(frame);
  };
  return (events) => {
    const isIdle = !waiting[0];
    waiting = [...waiting, ...events];
    if (isIdle) frame();
  };
}

/**
 * Appends events to a trace. Existing rows stay as they are; a group grows. `isFollowing`: the reader is at
 * the newest row, so the group before it folds.
 */
export function appendEvents(
  trace: HTMLElement,
  events: readonly LogEvent[],
  startMs: number,
  isFollowing: boolean,
): void {
  const { dataset } = trace;
  const upTo = Number(dataset.upTo);
  const fresh = events.filter(({ id }) => id > upTo);
  const [first] = fresh;
  // A part in the middle ends with a link to what follows.
  if (first === undefined || trace.querySelector(":scope > [rel=next]")) return;
  if (first.id > upTo + 1) {
    return trace.append(restLink("next", `?from=${upTo + 1}`, "Later events"));
  }
  // Events without a time of their own get the time of the row before them.
  const shown = readEvents(
    fresh,
    Number(dataset.at) || startMs,
    sentPayloadOf,
  );
  document.getElementById("waiting")?.remove();
  const found = document.getElementById("found");
  for (const { id, type, at, payload } of shown) {
    const text = payload?.message;
    if (kindOf(type) !== "result" || typeof text !== "string") continue;
    found?.append(
      ...rendered(<FindingRow id={id} at={at} text={text.slice(0, 300)} startMs={startMs} />),
    );
  }
  const total = document.getElementById("found-count");
  if (total) total.textContent = `${found?.childElementCount || ""}`;
  dataset.at = `${shown.at(-1)?.at}`;
  dataset.upTo = `${shown.at(-1)?.id}`;
  let open: OpenStep = JSON.parse(dataset.open ?? "null") ?? NO_STEP;
  const row = trace.lastElementChild?.lastElementChild;
  const into: Shown[] = [];
  const steps: { kind: Step<Shown>["kind"]; events: [Shown, ...Shown[]] }[] = [];
  for (const event of shown) {
    const [placement, next] = placeEvent(open, event.type, messageOf(event));
    open = next;
    if (placement !== "into" && placement !== "silent") {
      steps.push({ kind: placement, events: [event] });
    } else (steps.at(-1)?.events ?? into).push(event);
  }
  dataset.open = JSON.stringify(open);
  if (dataset.find) {
    import("./show_found.ts").then(({ showFound }) => showFound(trace, fresh)).catch(() => {});
  }
  if (row && into[0]) grow(row, into, startMs);
  if (!steps[0]) return;
  const details = row?.querySelector<HTMLDetailsElement>(":scope > details");
  if (details && isFollowing && !row?.matches(":hover, :focus-within")) details.open = false;
  addRows(
    trace,
    rendered(
      steps.map((step, at) => (
        <StepRow
          key={step.events[0].id}
          step={step}
          startMs={startMs}
          open={!steps[at + 1]}
          hidden={!!dataset.find}
        />
      )),
    ),
  );
  if (isFollowing && !dataset.find) trim(trace);
}

/** Removes the earliest lists above the viewport, so long pages stay fast. */
function trim(trace: HTMLElement): void {
  const lists = [...trace.querySelectorAll(":scope > ol")].slice(0, -MAX_LISTS);
  if (!lists[0]) return;
  for (const list of lists) list.remove();
  trace.querySelector(":scope > [rel=prev]")?.remove();
  const earlier = Number(trace.querySelector("[id^=e]")?.id.slice(1)) - 1;
  trace.prepend(restLink("prev", `?to=${earlier}`, `${count(earlier)} earlier events`));
  // Loads the next part when the reader scrolls to its link.
  import(trace.dataset.script!).catch(() => {});
}

function restLink(rel: "prev" | "next", search: string, text: string): HTMLElement {
  const link = document.createElement("a");
  Object.assign(link, { className: "rest", rel, href: `${search}#trace`, textContent: text });
  return link;
}

/** Adds to the group or row that is last. */
function grow(row: Element, events: readonly Shown[], startMs: number): void {
  const list = row.querySelector("ul");
  if (list === null) {
    // Only events without a row follow another row.
    return row.querySelector(".w")?.append(...rendered(<Anchors events={events} />));
  }
  list.append(...rendered(
    events.map((event) => <PartRow key={event.id} event={event} startMs={startMs} />),
  ));
  const counts = row.querySelector(".n");
  if (counts === null) return;
  const initials = [...list.querySelectorAll(".initial")].map((each) => each.textContent);
  render(
    <Counts
      queries={list.querySelectorAll(".q").length}
      pages={list.querySelectorAll(".u").length}
      initials={[...new Set(initials)]}
    />,
    counts,
  );
}

function addRows(trace: HTMLElement, rows: readonly Element[]): void {
  for (let rest = rows; rest.length > 0;) {
    let list = trace.lastElementChild;
    if (list === null || list.childElementCount >= LIST_ROWS || list.tagName !== "OL") {
      if (list?.tagName === "OL") closeWhenDrawn(list);
      list = document.createElement("ol");
      list.className = cx("feed");
      trace.append(list);
    }
    const room = LIST_ROWS - list.childElementCount;
    list.append(...rest.slice(0, room));
    rest = rest.slice(room);
  }
}

/**
 * Lets the browser skip a full list while it is out of sight, once it was drawn: until then the browser
 * remembers an older, smaller size, and the page would shrink to it.
 */
function closeWhenDrawn(list: Element): void {
  requestAnimationFrame(() => requestAnimationFrame(() => list.className = cx("feed full")));
}

/** Plain markup: nothing of Preact stays attached. */
function rendered(children: ComponentChild): Element[] {
  const holder = document.createElement("ol");
  render(children, holder);
  return [...holder.children];
}
