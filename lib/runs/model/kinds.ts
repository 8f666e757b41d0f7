/**
 * The one table of event kinds: their names, looks and filters. A kind that
 * the API adds needs a row here and nothing else. Pure; runs in a browser.
 */

/** A phase of a run in its timeline. */
export type Lane =
  | "queued"
  | "planning"
  | "searching"
  | "reading"
  | "tools"
  | "findings"
  | "other work";

/** How events of one kind are shown and counted. */
export interface KindLook {
  /** The subtypes of `task_run.progress_msg.` that are of this kind. By default the kind's own name. */
  readonly types?: readonly string[];
  /** The word beside a row. Empty for the type's own name. */
  readonly word: string;
  /** The mark beside a row: an icon of `components/ui/Icon.tsx`. */
  readonly icon: KindIcon;
  /** `text`: at reading size. `finding`: and emphasized. `bad`: in the colour of failures. Others are quiet. */
  readonly tone?: "text" | "finding" | "bad";
  /** The filter that shows it, with its count. Kinds of one filter are counted together. */
  readonly filter?: string;
  /** The phase that it indicates. */
  readonly lane?: Lane;
}

/** The icons of the kinds. */
export type KindIcon =
  | "brain"
  | "chevron-right"
  | "diamond"
  | "ellipsis"
  | "file-text"
  | "list"
  | "list-filter"
  | "play"
  | "search"
  | "triangle-alert"
  | "wrench";

const planning = "planning", text = "text", Thoughts = "Thoughts";

/** In the order of the filters. */
const TABLE = {
  state: { types: [], word: "Status", icon: "play" },
  stats: { types: [], word: "Progress", icon: "list-filter" },
  plan: { word: "Plan", icon: "list", tone: text, filter: "Plans", lane: planning },
  search: { word: "Search", icon: "search", tone: text, filter: "Searches", lane: "searching" },
  extract: { word: "Read", icon: "file-text", filter: "Read", lane: "reading" },
  result: {
    word: "Finding",
    icon: "diamond",
    tone: "finding",
    filter: "Findings",
    lane: "findings",
  },
  tool: {
    types: ["tool", "tool_call"],
    word: "Tool",
    icon: "wrench",
    filter: "Tools",
    lane: "tools",
  },
  exec: { types: ["exec_status"], word: "Step", icon: "chevron-right", lane: "other work" },
  reasoning: { word: "Thinking", icon: "brain", filter: Thoughts, lane: planning },
  analysis: { word: "Analysis", icon: "brain", filter: Thoughts, lane: planning },
  error: { types: [], word: "Error", icon: "triangle-alert", tone: "bad", filter: "Errors" },
  other: { types: [], word: "", icon: "ellipsis", filter: "Other", lane: "other work" },
} as const satisfies Readonly<Record<string, KindLook>>;

/** The kinds of event that the interface distinguishes. Types that the API adds later are `other`. */
export type EventKind = keyof typeof TABLE;

/** The table by kind. */
export const KINDS: Readonly<Record<EventKind, KindLook>> = TABLE;

/** The kinds in the table's order. */
export const EVENT_KINDS = Object.keys(TABLE) as [EventKind, ...EventKind[]];

const KIND_OF_TYPE: ReadonlyMap<string, EventKind> = new Map([
  ...EVENT_KINDS.flatMap((kind) =>
    (KINDS[kind].types ?? [kind]).map((type): [string, EventKind] => [
      `task_run.progress_msg.${type}`,
      kind,
    ])
  ),
  ["task_run.state", "state"],
  ["task_run.progress_stats", "stats"],
  ["error", "error"],
]);

/**
 * Returns the kind of an event type. Unknown types are `other`: the API adds subtypes without notice
 * (`extract` was never documented).
 */
export function kindOf(type: string): EventKind {
  return KIND_OF_TYPE.get(type) ?? "other";
}

/** The filters above a trace, in order: each with the kinds that it shows. */
export function kindFilters(): Map<string, EventKind[]> {
  const filters = new Map<string, EventKind[]>();
  for (const kind of EVENT_KINDS) {
    const { filter } = KINDS[kind];
    if (filter) filters.set(filter, [...filters.get(filter) ?? [], kind]);
  }
  return filters;
}
