/** A whole history, or some runs of it, as a stream of lines: nothing is held but the run at hand. */
import type { Histories } from "../runs/history/histories.ts";
import type { Runs } from "../runs/mod.ts";
import type { RunPage } from "../runs/model.ts";
import { endLine, headLine, runLine } from "./format.ts";

/** What exporting works with. */
export interface ExportTools {
  readonly runs: Pick<Runs, "page">;
  readonly histories: Pick<Histories, "list">;
}

/** Runs whose lines are read at once. */
const PAGE = 100;

/** The account's runs, newest first. */
export async function* everyRun(
  { runs, histories }: ExportTools,
  account: string,
): AsyncGenerator<RunPage> {
  for (let cursor: string | null = null, more = true; more;) {
    const page: Awaited<ReturnType<Histories["list"]>> = await histories.list(account, {
      cursor,
      limit: PAGE,
    });
    yield* theseRuns({ runs }, account, page.runs.map(({ run_id }) => run_id));
    cursor = page.next;
    more = cursor !== null;
  }
}

/** These runs of the account; what it does not have is left out. */
export async function* theseRuns(
  { runs }: Pick<ExportTools, "runs">,
  account: string,
  ids: readonly string[],
): AsyncGenerator<RunPage> {
  for (const id of ids) {
    const run = await runs.page(account, id);
    if (run !== null) yield run;
  }
}

/** The file of runs, as another Taskstream takes it in. */
export async function* historyLines(
  runs: AsyncIterable<RunPage>,
  nowMs: number,
  about: Readonly<Record<string, unknown>> = {},
): AsyncGenerator<string> {
  let count = 0;
  yield headLine(nowMs, about);
  for await (const run of runs) {
    count++;
    yield runLine(run);
  }
  yield endLine(count);
}
