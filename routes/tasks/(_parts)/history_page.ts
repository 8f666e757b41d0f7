/** Loads the history page for a URL. */
import type { FiltersProps } from "./Filters.tsx";
import type { HistoryProps } from "./History.tsx";
import { datesOf, isSound, type ListQuery, MAX_SEARCH, readListQuery } from "./list_query.ts";
import { batchFits, presetsOf } from "./presets.ts";
import { utcDay } from "../../../lib/base/mod.ts";
import type { BatchSummary } from "../../../lib/batches/mod.ts";
import { priceOf } from "../../../lib/parallel/mod.ts";
import {
  eachFacet,
  type Excerpt,
  type HistoryPage,
  type RunSummary,
} from "../../../lib/runs/model/mod.ts";
import {
  comparePositions,
  idleAfterMs,
  KEPT,
  pageOf,
  readCursor,
  STORE_AWAY_NOTICE,
} from "../../../lib/runs/mod.ts";
import type { Services } from "../../../lib/services.ts";
import type { Account } from "../../../lib/accounts/mod.ts";
import type { LiveListProps } from "../../../islands/LiveList.tsx";

export interface HistoryPageProps {
  readonly history: Omit<HistoryProps, "list">;
  readonly list: LiveListProps;
}

/** The most runs in a URL: deletions of one action that the bar can undo. */
const MAX_NAMED = 100;
const PAGE_SIZE = 25;
/** Batches that the presets count. */
const BATCHES_COUNTED = 100;

const PROBLEMS = new Map([
  ["none", "Tick at least one task first."],
  ["compare", "Tick two to four tasks to compare."],
  ["late", "Too late to undo: the tasks have been erased."],
  ["many", "Tick at most 100 tasks."],
  ["again", "Tick at most 20 tasks to run again."],
  ["budget", "These tasks would exceed your monthly budget. Nothing was sent."],
  ["sending", "The API rejected some of these tasks. Those it accepted are listed."],
]);

/** The lines of a page. */
interface Lines {
  readonly runs: readonly RunSummary[];
  readonly batches: readonly BatchSummary[];
  readonly next: string | null;
  readonly prev: string | null;
  readonly excerpts: Readonly<Record<string, Excerpt>>;
  readonly partial: boolean;
  readonly wordless: boolean;
}

/** Reads the page that the URL asks for. */
export async function historyPage(
  account: Account,
  services: Services,
  { url, listId, budgetKept }: {
    readonly url: URL;
    readonly listId: string;
    /** The budget that was entered before signing in again. */
    readonly budgetKept: string | null;
  },
): Promise<HistoryPageProps> {
  const { histories } = services;
  const query = readListQuery(url.searchParams);
  const now = Date.now();
  const again = idsOf(url.searchParams.get("again"));
  const [lines, unsearched, figures, budget, deleted, purging, counts, listed, repeated] =
    await Promise.all([
      linesOf(services, account, query),
      query.q === "" ? null : histories.unsearched(account.id),
      histories.figures(account.id),
      histories.budgets.state(account.id),
      histories.deleted(account.id, idsOf(url.searchParams.get("deleted"))),
      histories.purging(account.id),
      histories.lineCounts(account.id),
      services.batches.list(account.id, { limit: BATCHES_COUNTED }),
      Promise.all(again.map((id) => services.runs.basics(account.id, id))),
    ]);
  const { runs, batches, excerpts } = lines;
  const asked = repeated.filter((run) => run !== null);
  const prices = asked.map(({ processor }) => priceOf(processor));
  return {
    history: {
      query,
      pages: lines,
      isEmpty: runs.length + batches.length === 0,
      sharedFields: sharedFields(runs),
      batches: JSON.stringify(batches),
      figures,
      budget,
      deleted,
      purging,
      presets: presetsOf({
        query,
        counts,
        batches: listed.batches.filter((batch) => isShown(account, batch)),
        today: utcDay(now),
      }),
      search: {
        kept: KEPT,
        unsearched,
        wordless: lines.wordless,
        cut: query.q.length > MAX_SEARCH,
      },
      partial: lines.partial,
      budgetKept,
      budgetProblem: url.searchParams.get("budget"),
      sandbox: account.sandbox,
      now,
      problem: PROBLEMS.get(url.searchParams.get("problem") ?? "") ?? null,
      idempotencyKey: crypto.randomUUID(),
      again: asked.length === 0 ? null : {
        ids: asked.map(({ run_id }) => run_id),
        price_usd: prices.includes(null)
          ? null
          : prices.reduce<number>((sum, price) => sum + (price ?? 0), 0),
      },
    },
    list: {
      runs,
      batches,
      excerpts,
      batchNames: await batchNames(services, account, runs),
      allSimulated: account.sandbox,
      ticked: idsOf(url.searchParams.get("ticked")),
      query,
      hasOlder: lines.next !== null,
      lastId: listId,
      idleMs: idleAfterMs(services.config.sseHeartbeatMs),
      awayNotice: STORE_AWAY_NOTICE,
      now,
    },
  };
}

/** A page of runs and batches. The rows of batches are among them only in a search. */
async function linesOf(services: Services, account: Account, query: ListQuery): Promise<Lines> {
  // With dates that no task can match.
  const none: HistoryPage = { runs: [], next: null, prev: null };
  const orNull = (text: string) => text === "" ? null : text;
  const search = { excerpts: {}, partial: false, wordless: false };
  const at = readCursor(orNull(query.cursor));
  const newer = at?.direction === "newer";
  const fits = (batch: BatchSummary) => isShown(account, batch) && batchFits(query, batch);
  const [page, batches] = await Promise.all([
    !isSound(query) ? none : services.histories.list(account.id, {
      query: query.q === "" ? null : query.q.slice(0, MAX_SEARCH),
      schema: orNull(query.schema),
      cursor: orNull(query.cursor),
      limit: PAGE_SIZE,
      filter: { ...eachFacet((name) => orNull(query[name])), ...datesOf(query) },
    }),
    !isSound(query) || query.q !== "" || query.schema !== ""
      ? []
      : services.batches.listing.beside(account.id, at, { newer, limit: PAGE_SIZE + 1, fits }),
  ]);
  if (batches.length === 0) return { ...search, ...page, batches };
  const merged = [
    ...page.runs.map((run) => ({ run, batch: null, ...placeOf(run.created_ms, run.run_id) })),
    ...batches.map((batch) => ({ run: null, batch, ...placeOf(batch.created_ms, batch.id) })),
  ].sort(comparePositions);
  if (!newer) merged.reverse();
  const shown = merged.slice(0, PAGE_SIZE);
  const more = merged.length > PAGE_SIZE || (newer ? page.prev : page.next) !== null;
  const { next, prev } = pageOf(shown, { at, more });
  return {
    ...search,
    next,
    prev,
    runs: page.runs.filter((run) => shown.some((line) => line.run === run)),
    batches: batches.filter((batch) => shown.some((line) => line.batch === batch)),
  };
}

function placeOf(created_ms: number, run_id: string) {
  return { created_ms, run_id };
}

/** Returns the fields that most of the runs ask for, if two or more ask for the same. */
function sharedFields(runs: readonly RunSummary[]): FiltersProps["sharedFields"] {
  const counts = new Map<string, number>();
  for (const { schema } of runs) if (schema) counts.set(schema, (counts.get(schema) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most === undefined || most[1] < 2 ? null : { schema: most[0], runs: most[1] };
}

/** A session whose key is refused sees only runs created before. */
function isShown({ refusedMs }: Account, { created_ms }: BatchSummary): boolean {
  return created_ms < (refusedMs ?? Infinity);
}

/** The names of the batches that runs are rows of. */
async function batchNames(
  { batches }: Services,
  account: Account,
  runs: readonly RunSummary[],
): Promise<Record<string, string>> {
  const ids = new Set(runs.flatMap(({ batch }) => batch?.id ?? []));
  const lines = ids.size === 0 ? [] : await batches.listing.lines(account.id, [...ids]);
  return Object.fromEntries(lines.map(({ id, name }) => [id, name]));
}

export function idsOf(text: string | null): string[] {
  return [...new Set((text ?? "").split(",").filter((id) => /^[\w-]{1,100}$/.test(id)))]
    .slice(0, MAX_NAMED);
}
