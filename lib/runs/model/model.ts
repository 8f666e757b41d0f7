/**
 * What the store keeps about a run and what pages read of it. Pure types: runs in a browser.
 */
import type { TaskRunInput, TaskRunOutput } from "../../parallel/mod.ts";
import type { LogEvent } from "./event.ts";
import type { RunView } from "./view.ts";

/** Where a run came from. */
export type RunSource = "form" | "api" | "adopted" | "import";

/** The immutable part of a run, written once when it is created. */
export interface StoredRun {
  readonly run_id: string;
  readonly interaction_id: string;
  /** The request as sent; MCP header values are masked. */
  readonly input: TaskRunInput;
  readonly processor: string;
  /** US dollars per run when it was created; `null` for a processor we do not know. */
  readonly price_usd: number | null;
  readonly source: RunSource;
  readonly rerun_of: string | null;
  readonly follows: string | null;
  readonly group_id: string | null;
  readonly created_ms: number;
  /** Made by the sandbox: nothing in it is real, and every page says so. */
  readonly simulated: boolean;
}

/** The kind of output that was asked for. */
export type OutputType = "auto" | "text" | "json";

/** One line of the history: everything a list needs, nothing to look up. */
export interface RunSummary {
  readonly run_id: string;
  /** The first line of the input, or the title its owner gave it. */
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
}

/** A page of the history, newest first. Cursors are opaque; `null` where there is no such page. */
export interface HistoryPage {
  readonly runs: readonly RunSummary[];
  readonly next: string | null;
  readonly prev: string | null;
}

/** What one processor did in a period. */
export interface ProcessorFigures {
  readonly processor: string;
  readonly completed: number;
  /** From creation to the end, of completed runs (ms); `null` where none is known. */
  readonly mean_ms: number | null;
}

/** What a period came to. A run counts on the day it was created, with all that it came to since. */
export interface PeriodFigures {
  readonly runs: number;
  readonly completed: number;
  readonly failed: number;
  /** Completed among completed and failed, 0 to 1; `null` where there is neither. */
  readonly success: number | null;
  /** By completed runs that are in the history: failed ones are not billed (US dollars). */
  readonly spent_usd: number;
  /** By runs that were deleted since: completed, or under way when they were removed for good. */
  readonly deleted_usd: number;
  /** What completed runs of the sandbox would have cost. */
  readonly simulated_usd: number;
  /** Completed runs whose price is not known: no part of any sum. */
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

/** A monthly budget and how much of it is taken (US dollars). */
export interface BudgetState {
  readonly budget_usd: number;
  /** This calendar month (UTC), by completed runs, deleted ones included. */
  readonly spent_usd: number;
  /** What runs under way will cost. */
  readonly open_usd: number;
  /** Completed runs of this month whose price is not known. */
  readonly unpriced: number;
}

/** What a run was asked: to edit and run again, and to follow up. */
export interface RunRequest {
  readonly run: StoredRun;
  readonly title: string;
  readonly status: string;
  /** Id of the last event of its log. */
  readonly last_id: number;
  /** No more events will come. */
  readonly ended: boolean;
}

/** Where a search found its words in a run, with what stands around them. */
export interface Excerpt {
  readonly place: "input" | "metadata" | "result";
  /** In order; `hit` is what was found. */
  readonly pieces: readonly { readonly text: string; readonly hit: boolean }[];
}

/** A page of what a search finds. */
export interface SearchPage extends HistoryPage {
  /** By run id; a run whose words lie past what is kept for showing has none. */
  readonly excerpts: Readonly<Record<string, Excerpt>>;
  /** The search stopped for having read enough; the page that follows goes on. */
  readonly partial: boolean;
  /** There is no word in the query, so it finds nothing. */
  readonly wordless: boolean;
}

/** Runs that a search does not find by their latest text: up to 100 of each kind. */
export interface Unsearched {
  /** Their text is not indexed yet. */
  readonly waiting: number;
  /** Their text could not be read. */
  readonly aside: number;
}

/**
 * A time in which nobody recorded a run, and of which the API repeated nothing later: what the run did
 * then may be missing from the trace.
 */
export interface RecordingGap {
  /** Id of the last event before it. */
  readonly after: number;
  /** Unix ms. */
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Everything a run's page shows: the folded view, the trace it was folded from, and the result. */
export interface RunPage {
  readonly run: StoredRun;
  readonly title: string;
  readonly view: RunView;
  readonly events: readonly LogEvent[];
  /** When nobody recorded, and the API did not repeat what the run did. */
  readonly gaps?: readonly RecordingGap[];
  readonly output: TaskRunOutput | null;
  /** The JSON text of the result as it came, for exports; a visitor gets none. */
  readonly output_text?: string | null;
  /** No more events will come. */
  readonly ended: boolean;
  readonly ended_ms: number | null;
}
