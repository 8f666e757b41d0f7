/** Streams a history, or some of its runs, as lines. Holds only the current run in memory. */
import { paced } from "../base/mod.ts";
import type { LargeViews, Spool } from "../limits/mod.ts";
import type { Histories, Runs } from "../runs/mod.ts";
import type { TaskRunInput } from "../parallel/mod.ts";
import type { RunPage, RunSummary } from "../runs/model/mod.ts";
import { endLine, extraLine, headLine, runLine } from "./format.ts";

/** The dependencies for exporting. */
export interface ExportTools {
  readonly runs: Pick<Runs, "page" | "request">;
  readonly histories: Pick<Histories, "list">;
  readonly views: Pick<LargeViews, "open">;
}

/** Whose runs are exported, and into which download. */
export interface Exporting {
  readonly account: string;
  readonly download: Pick<Spool, "taken">;
}

/** Runs whose lines are read at once. */
const PAGE = 100;

/** Yields the account's runs, newest first. */
export async function* everyRun(
  { runs, histories, views }: ExportTools,
  to: Exporting,
): AsyncGenerator<RunPage> {
  for await (const { run_id } of everyLine({ histories }, to.account)) {
    yield* chosenRuns({ runs, views }, to, [run_id]);
  }
}

async function* everyLine(
  { histories }: Pick<ExportTools, "histories">,
  account: string,
): AsyncGenerator<RunSummary> {
  for (let cursor: string | null = null, more = true; more;) {
    const page: Awaited<ReturnType<Histories["list"]>> = await histories.list(account, {
      cursor,
      limit: PAGE,
      rows: true,
    });
    yield* page.runs;
    cursor = page.next;
    more = cursor !== null;
  }
}

/**
 * Yields these runs of the account. Each has a turn of its own, which ends when the next run is requested. Skips
 * runs that the account does not have.
 */
export async function* chosenRuns(
  { runs, views }: Pick<ExportTools, "runs" | "views">,
  { account, download }: Exporting,
  ids: readonly string[],
): AsyncGenerator<RunPage> {
  for (const id of ids) {
    // For a slow reader, hold only the output of the run before.
    await download.taken();
    using view = views.open(account);
    const run = await runs.page(account, id, view.weigh);
    if (run !== null) yield run;
  }
}

/** Yields the requests of the account's runs that have an output schema, newest first. */
export async function* everyRequest(
  { runs, histories, views }: ExportTools,
  account: string,
): AsyncGenerator<TaskRunInput> {
  for await (const line of everyLine({ histories }, account)) {
    if (line.output_type === "json") yield* chosenRequests({ runs, views }, account, [line.run_id]);
  }
}

/** Yields the requests of these runs of the account, each in a turn as in {@linkcode chosenRuns}. */
export async function* chosenRequests(
  { runs, views }: Pick<ExportTools, "runs" | "views">,
  account: string,
  ids: readonly string[],
): AsyncGenerator<TaskRunInput> {
  for (const id of ids) {
    using view = views.open(account);
    const request = await runs.request(account, id, view.weigh);
    if (request !== null) yield request.run.input;
  }
}

/** Yields a file of runs that another Taskstream can import. `further` are values for lines before the runs. */
export async function* historyLines(
  runs: AsyncIterable<RunPage>,
  nowMs: number,
  about: Readonly<Record<string, unknown>> = {},
  further: AsyncIterable<Readonly<Record<string, unknown>>> | null = null,
): AsyncGenerator<string> {
  let count = 0;
  yield headLine(nowMs, about);
  // An import passes these lines over.
  for await (const value of further ?? []) yield* paced(extraLine(value));
  for await (const run of runs) {
    count++;
    yield* paced(runLine(run));
  }
  yield endLine(count);
}
