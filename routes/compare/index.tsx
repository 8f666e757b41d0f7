import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { Compare, labelsOf } from "./(_parts)/Compare.tsx";
import type { ComparedRun } from "./(_parts)/ComparedFields.tsx";
import { MAX_COMPARED } from "./(_parts)/Siblings.tsx";
import CompareHeads from "../../islands/CompareHeads.tsx";
import { type ConfidenceSegment, MAX_SEGMENTS } from "../../components/ui/Confidence.tsx";
import { statusWord } from "../../components/ui/Status.tsx";
import { ago, cut, inTurns, isObject } from "../../lib/base/mod.ts";
import { confidenceByPath, indexingBasis } from "../../lib/results/mod.ts";
import { type Histories, idleAfterMs, STORE_AWAY_NOTICE } from "../../lib/runs/mod.ts";
import type { RunPage } from "../../lib/runs/model/mod.ts";
import { define } from "../../lib/state.ts";
import { signInFirst } from "../(_parts)/session_ended.ts";

/** How often the page reloads without script (s). */
const REFRESH_SECONDS = 5;

const PROBLEMS = new Map([
  ["many", "At most four tasks can be compared. These are the first four."],
  ["processors", "Choose one to three processors, for four tasks in all."],
  [
    "missing",
    "Some of these tasks were deleted or belong to another account. The others are shown.",
  ],
  [
    "budget",
    "These tasks would exceed your monthly budget. Nothing was sent. Tick the box to run them anyway.",
  ],
  ["siblings", "Not all of the processors accepted the task. Those that did are shown."],
]);

export const handler = define.handlers({
  async GET(ctx) {
    const { account, listId, services } = ctx.state;
    if (account === null || listId === null) return signInFirst(ctx.url);
    const query = ctx.url.searchParams;
    const ids = [...new Set((query.get("ids") ?? "").split(",").filter((id) => id !== ""))];
    const [budget, ...found] = await Promise.all([
      services.histories.budgets.state(account.id),
      ...ids.slice(0, MAX_COMPARED).map((id) =>
        services.runs.page(account.id, id, ctx.state.view.weigh)
      ),
    ]);
    const runs: ComparedRun[] = [];
    for (const run of found) {
      if (run === null) continue;
      // A basis may cite 50,000 pages.
      runs.push({ ...run, basisIndex: await inTurns(indexingBasis(run.output?.basis ?? [])) });
    }
    if (runs.length === 0 && found.length > 0) throw new HttpError(404);
    const summaries = await services.histories.summaries(
      account.id,
      runs.map(({ run }) => run),
    );
    const [only] = runs.length === 1 ? runs : [];
    const related = only === undefined
      ? []
      : await relatedRuns(services.histories, account.id, only);
    const problem = ids.length > MAX_COMPARED
      ? "many"
      : runs.length < found.length
      ? "missing"
      : query.get("problem") ?? "";
    return page({
      runs,
      related,
      asAsked: query.get("order") === "asked",
      summaries,
      lastId: listId,
      idleMs: idleAfterMs(services.config.sseHeartbeatMs),
      problem: PROBLEMS.get(problem) ?? null,
      overBudget: problem === "budget",
      chosen: (query.get("on") ?? "").split(","),
      budget,
      now: Date.now(),
    });
  },
});

/** The most runs that are offered. */
const RELATED = 5;

/** Other runs of a task: those with the same title. */
async function relatedRuns(
  histories: Histories,
  account: string,
  { title, run }: RunPage,
): Promise<{ readonly run_id: string; readonly words: string }[]> {
  const now = Date.now();
  const { runs } = await histories.list(account, { query: title, limit: 25 });
  return runs.filter((other) => other.title === title && other.run_id !== run.run_id)
    .slice(0, RELATED)
    .map(({ run_id, processor, status, created_ms }) => ({
      run_id,
      words: `${processor}, ${statusWord(status)}, ${ago(now - created_ms)}`,
    }));
}

/** The longest name of a field in the bar (characters). The page sends each name twice. */
const NAME_CHARS = 200;

/** The fields of a run's result with their confidence, for the bar; none if it is not drawn. */
function fieldsOf({ output }: RunPage): ConfidenceSegment[] {
  if (output === null || output.type === "text" || !isObject(output.content)) return [];
  const names = Object.keys(output.content);
  if (names.length > MAX_SEGMENTS) return [];
  const level = confidenceByPath(output.basis);
  return names.map((name) => ({ name: cut(name, NAME_CHARS), level: level([name]) }));
}

export default define.page<typeof handler>(function ComparePage({ data }) {
  const { runs, summaries, now, lastId, idleMs } = data;
  const awaited = runs.filter(({ ended }) => !ended).map(({ run }) => run.run_id);
  return (
    <>
      <Head>
        <title>Compare · Taskstream</title>
        {awaited.length > 0 && (
          <noscript>
            <meta http-equiv="refresh" content={String(REFRESH_SECONDS)} />
          </noscript>
        )}
      </Head>
      <Compare
        runs={runs}
        related={data.related}
        asAsked={data.asAsked}
        problem={data.problem}
        budget={data.budget}
        overBudget={data.overBudget}
        chosen={data.chosen}
        idempotencyKey={crypto.randomUUID()}
        heads={
          <CompareHeads
            runs={summaries}
            awaited={awaited}
            labels={labelsOf(runs)}
            fields={runs.map(fieldsOf)}
            now={now}
            lastId={lastId}
            idleMs={idleMs}
            awayNotice={STORE_AWAY_NOTICE}
          />
        }
      />
    </>
  );
});
