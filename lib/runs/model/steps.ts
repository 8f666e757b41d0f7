/**
 * Folds events into the steps that people read: a search owns its queries and the pages that were read
 * for it. Pure; runs in a browser, event by event.
 *
 * The API names the search of no page. A page belongs to a search only if no other search had begun since
 * the last page was read. All other pages form a group that is named by its time.
 */
import { isQuery } from "./apply.ts";
import { kindOf } from "./kinds.ts";

/**
 * Where an event goes. `row`: its own row. `search`, `pages`: the first of a group. `into`: the group
 * before it. `silent`: no row, because the bar above the trace shows it.
 */
export type Placement = "row" | "search" | "pages" | "into" | "silent";

/** What the events so far leave open for the next one. */
export interface OpenStep {
  readonly group: "search" | "pages" | null;
  /** The searches that began since a page was read. */
  readonly searches: number;
  /** Whether a page was read since the last search began. */
  readonly hasPages: boolean;
  /** The group's events. */
  readonly size: number;
  /** Whether no row precedes the next event. */
  readonly isFirst: boolean;
}

/** Before the first event. */
export const NO_STEP: OpenStep = {
  group: null,
  searches: 0,
  hasPages: false,
  size: 0,
  isFirst: true,
};

/** The most events of a group. The next one begins another. */
const GROUP_SIZE = 100;

/** Returns where the next event goes, and what it leaves open. */
export function placeEvent(
  open: OpenStep,
  type: string,
  message: unknown,
): readonly [Placement, OpenStep] {
  const kind = kindOf(type);
  if (kind === "stats" && !open.isFirst) return ["silent", open];
  if (kind !== "search" && kind !== "extract") return ["row", { ...NO_STEP, isFirst: false }];
  const query = isQuery(message);
  const fits = open.group !== null && open.size < GROUP_SIZE;
  if (kind === "search" && !query) {
    const isParallel = open.group === "search" && !open.hasPages;
    return ["search", {
      group: "search",
      searches: isParallel ? open.searches + 1 : 1,
      hasPages: false,
      size: 1,
      isFirst: false,
    }];
  }
  const belongs = query
    ? open.group === "search"
    : open.group === "pages" || (open.group === "search" && open.searches === 1);
  if (belongs && fits) {
    return ["into", { ...open, hasPages: open.hasPages || !query, size: open.size + 1 }];
  }
  const group = query ? "search" : "pages";
  return [group, { group, searches: 1, hasPages: !query, size: 1, isFirst: false }];
}

/** Events that are shown together: a row, or a group with its first event. */
export interface Step<Event> {
  readonly kind: "row" | "search" | "pages";
  /** In order; at least one. */
  readonly events: readonly [Event, ...Event[]];
}

/** Folds a part of a trace. `messageOf` reads an event's message. */
export function foldSteps<Event extends { readonly type: string }>(
  events: readonly Event[],
  messageOf: (event: Event) => unknown,
): { readonly steps: readonly Step<Event>[]; readonly open: OpenStep } {
  const steps: { kind: Step<Event>["kind"]; events: [Event, ...Event[]] }[] = [];
  let open = NO_STEP;
  for (const event of events) {
    const [placement, next] = placeEvent(open, event.type, messageOf(event));
    open = next;
    if (placement === "into" || placement === "silent") steps.at(-1)!.events.push(event);
    else steps.push({ kind: placement, events: [event] });
  }
  return { steps, open };
}

/** Returns whether an event can begin a part of a trace, because no earlier group owns it. */
export function beginsStep(type: string, message: unknown): boolean {
  const kind = kindOf(type);
  return kind !== "extract" && kind !== "stats" && !(kind === "search" && isQuery(message));
}
