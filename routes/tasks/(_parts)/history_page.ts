/** Loads the history page for a URL. */
import type { HistoryProps } from "./History.tsx";
import { datesOf, isSound, MAX_SEARCH, readListQuery } from "./list_query.ts";
import type { HistoryPage } from "../../../lib/runs/model/mod.ts";
import { idleAfterMs, KEPT, STORE_AWAY_NOTICE } from "../../../lib/runs/mod.ts";
import type { Services } from "../../../lib/services.ts";
import type { Account } from "../../../lib/accounts/mod.ts";
import type { LiveListProps } from "../../../islands/LiveList.tsx";

export interface HistoryPageProps {
  readonly history: Omit<HistoryProps, "list">;
  readonly list: LiveListProps;
}

/** The most runs in a URL: deletions of one action that the bar can undo. */
const MAX_NAMED = 100;

const PROBLEMS = new Map([
  ["none", "Select at least one task first."],
  ["compare", "Select two to four tasks to compare."],
  ["late", "Too late to undo: the tasks have been erased."],
  ["many", "Select at most 100 tasks."],
]);

/** The problem with dates that no task can match. */
const NOTHING: HistoryPage = { runs: [], next: null, prev: null };

/** Reads the page that the URL asks for. */
export async function historyPage(
  account: Account,
  services: Services,
  url: URL,
): Promise<HistoryPageProps> {
  const { histories } = services;
  const query = readListQuery(url.searchParams);
  const any = (text: string) => text === "" ? null : text;
  // Read this before the list: a change in between is then sent twice rather than never.
  const lastId = await histories.streams.latestId(account.id);
  const [history, unsearched, figures, budget, deleted, purging] = await Promise.all([
    isSound(query)
      ? histories.list(account.id, {
        query: query.q === "" ? null : query.q.slice(0, MAX_SEARCH),
        cursor: any(query.cursor),
        filter: {
          status: any(query.status),
          processor: any(query.processor),
          output: any(query.output),
          ...datesOf(query),
        },
      })
      : NOTHING,
    query.q === "" ? null : histories.unsearched(account.id),
    histories.figures(account.id),
    histories.budgets.state(account.id),
    histories.deleted(account.id, idsOf(url.searchParams.get("deleted"))),
    histories.purging(account.id),
  ]);
  const excerpts = "excerpts" in history ? history.excerpts : {};
  return {
    history: {
      history,
      query,
      figures,
      budget,
      deleted,
      purging,
      search: {
        kept: KEPT,
        unsearched,
        wordless: "wordless" in history && history.wordless,
        cut: query.q.length > MAX_SEARCH,
      },
      partial: "partial" in history && history.partial,
      budgetProblem: url.searchParams.get("budget"),
      sandbox: account.sandbox,
      problem: PROBLEMS.get(url.searchParams.get("problem") ?? "") ?? null,
    },
    list: {
      runs: history.runs,
      excerpts,
      ticked: idsOf(url.searchParams.get("ticked")),
      query,
      hasOlder: history.next !== null,
      lastId,
      idleMs: idleAfterMs(services.config.sseHeartbeatMs),
      awayNotice: STORE_AWAY_NOTICE,
      now: Date.now(),
    },
  };
}

function idsOf(text: string | null): string[] {
  return [...new Set((text ?? "").split(",").filter((id) => /^[\w-]{1,100}$/.test(id)))]
    .slice(0, MAX_NAMED);
}
