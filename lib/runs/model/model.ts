/** The run data that the store keeps and pages read. Pure types: run in a browser. */
import type { TaskRunInput, TaskRunOutput } from "../../parallel/mod.ts";
import type { LogEvent } from "./event.ts";
import type { TimelineFold } from "./timeline.ts";
import type { RunView } from "./view.ts";

/** How a run came to be here. */
export type RunSource = "form" | "api" | "adopted" | "import" | "schedule";

/** The immutable part of a run, written once on creation. */
export interface StoredRun {
  readonly run_id: string;
  readonly interaction_id: string;
  /** The request as sent, with MCP header values masked. */
  readonly input: TaskRunInput;
  readonly processor: string;
  /** US dollars per run at creation. `null` for an unknown processor. */
  readonly price_usd: number | null;
  readonly source: RunSource;
  readonly rerun_of: string | null;
  readonly follows: string | null;
  readonly group_id: string | null;
  readonly created_ms: number;
  /** Created by the sandbox: none of it is real, and every page says so. */
  readonly simulated: boolean;
}

/** The requested output type. */
export type OutputType = "auto" | "text" | "json";

/** A field of a result as a list shows it. A text is one field without a name. */
export interface AnswerField {
  readonly name: string;
  /** Short, and written as people read it. */
  readonly text: string;
  /** As the API words it; `null` if it gave none. */
  readonly confidence: string | null;
}

/** The row of a batch that a run answers. */
export interface BatchPlace {
  /** The batch's id. */
  readonly id: string;
  /** From 1. */
  readonly row: number;
}

/** One line of the history: everything a list needs without further reads. */
export interface RunSummary {
  readonly run_id: string;
  /** The first line of the input, or the owner's title. */
  readonly title: string;
  readonly status: string;
  readonly processor: string;
  readonly price_usd: number | null;
  readonly output_type: OutputType;
  readonly progress: number | null;
  readonly sources_considered: number | null;
  readonly sources_read: number | null;
  readonly created_ms: number;
  readonly ended_ms: number | null;
  readonly simulated: boolean;
  /** The beginning of the result. The indexer adds it soon after the run has completed. */
  readonly answer?: readonly AnswerField[];
  /** Names the fields of the requested schema: runs with the same ones fit one table. Added with the answer. */
  readonly schema?: string;
  /** Why the run failed, or what the API warned of. */
  readonly notice?: string;
  /** For a row of a batch, which is listed as one line instead. */
  readonly batch?: BatchPlace;
}

/** A page of the history, newest first. Cursors are opaque; `null` if there is no such page. */
export interface HistoryPage {
  readonly runs: readonly RunSummary[];
  readonly next: string | null;
  readonly prev: string | null;
}

/** One processor's figures for a period. */
export interface ProcessorFigures {
  readonly processor: string;
  readonly completed: number;
  /** Time from creation to end of completed runs (ms). `null` if unknown. */
  readonly mean_ms: number | null;
}

/**
 * A period's figures. A run counts on the day it was created, with everything that happened to it since.
 */
export interface PeriodFigures {
  readonly runs: number;
  readonly completed: number;
  readonly failed: number;
  /** Completed runs as a share of completed and failed ones, 0 to 1. `null` if there are none. */
  readonly success: number | null;
  /** Spend on completed runs in the history (US dollars). Failed runs are not billed. */
  readonly spent_usd: number;
  /** Spend on deleted runs that were completed, or active when they were purged. */
  readonly deleted_usd: number;
  /** What completed sandbox runs would have cost. */
  readonly simulated_usd: number;
  /** Completed runs with an unknown price. They are not part of any sum. */
  readonly unpriced: number;
  readonly processors: readonly ProcessorFigures[];
}

/** A day of the chart. */
export interface DayFigures {
  readonly day_ms: number;
  readonly runs: number;
  readonly spent_usd: number;
  readonly simulated_usd: number;
}

/** An account's figures, by UTC days. */
export interface Figures {
  readonly today: PeriodFigures;
  readonly week: PeriodFigures;
  readonly month: PeriodFigures;
  /** The last 30 days, oldest first. */
  readonly days: readonly DayFigures[];
}

/** A monthly budget and how much of it is used (US dollars). */
export interface BudgetState {
  readonly budget_usd: number;
  /** Spend in this calendar month (UTC) on completed runs, including deleted ones. */
  readonly spent_usd: number;
  /** The expected cost of active runs. */
  readonly open_usd: number;
  /** This month's completed runs with an unknown price. */
  readonly unpriced: number;
}

/** A run's request, for editing, running again and following up. */
export interface RunRequest {
  readonly run: StoredRun;
  readonly title: string;
  readonly status: string;
  /** The ID of the last event of its log. */
  readonly last_id: number;
  /** No more events will come. */
  readonly ended: boolean;
}

/** Where a search matched in a run, with the surrounding text. */
export interface Excerpt {
  readonly place: "input" | "metadata" | "result";
  /** In order. `hit` marks the matches. */
  readonly pieces: readonly { readonly text: string; readonly hit: boolean }[];
}

/** A page of search results. */
export interface SearchPage extends HistoryPage {
  /** By run ID. A run has none if its match lies beyond the stored text. */
  readonly excerpts: Readonly<Record<string, Excerpt>>;
  /** The search stopped at its read limit. The next page continues. */
  readonly partial: boolean;
  /** The query contains no word, so it finds nothing. */
  readonly wordless: boolean;
}

/** Runs that a search cannot find by their latest text: up to 100 of each kind. */
export interface Unsearched {
  /** Their text is not indexed yet. */
  readonly waiting: number;
  /** Their text could not be read. */
  readonly aside: number;
}

/**
 * A time when a run was not recorded and whose events the API did not replay later. Events may be
 * missing from the trace.
 */
export interface RecordingGap {
  /** The ID of the last event before it. */
  readonly after: number;
  /** Unix ms. */
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Everything a run's page shows: the folded view, its trace, and the result. */
export interface RunPage {
  readonly run: StoredRun;
  readonly title: string;
  readonly view: RunView;
  readonly events: readonly LogEvent[];
  /** Times when the run was not recorded and the API did not replay its events. */
  readonly gaps?: readonly RecordingGap[];
  readonly output: TaskRunOutput | null;
  /** The result's original JSON text, for exports. Visitors do not get it. */
  readonly output_text?: string | null;
  /** No more events will come. */
  readonly ended: boolean;
  readonly ended_ms: number | null;
}

/** Which events of a trace to show. */
export interface TraceQuery {
  /** The first or last ID to show. With neither, an active run's newest events, else the first ones. */
  readonly from: number | null;
  readonly to: number | null;
  /** The search text; empty for everything. */
  readonly find: string;
  /** The name of a filter by kind; empty for everything. */
  readonly kind: string;
  /** The event to show as raw JSON too; its part is shown. `null` for none. */
  readonly raw: number | null;
}

/** Where the shown events are in their trace. */
export interface TracePart {
  readonly query: TraceQuery;
  /** The events of the whole trace, and those that the search and the filter let pass. */
  readonly total: number;
  readonly found: number;
  /** The ID up to which this part shows everything: live events follow it. */
  readonly upTo: number;
  /** Where the events before and after it are: the `to` and `from` of another part. `null` if there are none. */
  readonly earlier: number | null;
  readonly later: number | null;
}

/** A run's page with a part of its trace: `events` are those of the part. */
export interface TracedPage extends RunPage {
  readonly part: TracePart;
  /** Of the whole trace, as `view` is. */
  readonly timeline: TimelineFold;
}
