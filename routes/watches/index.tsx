import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { Ago } from "../../components/ui/Ago.tsx";
import { Icon } from "../../components/ui/Icon.tsx";
import { readForm } from "../../lib/form_body.ts";
import { isStillSignedIn } from "../../lib/middleware/mod.ts";
import { FREQUENCIES, type Watch, type WatchList } from "../../lib/schedules/mod.ts";
import { define } from "../../lib/state.ts";
import { sessionEnded, signInFirst, textFields } from "../(_parts)/session_ended.ts";
import { NewWatch, type NewWatchProps } from "./(_parts)/NewWatch.tsx";
import {
  Billing,
  failureWords,
  frequencyWords,
  ownerIn,
  problemWords,
  SimulatedWatch,
  webhookUrlOf,
} from "./(_parts)/parts.tsx";

export const handler = define.handlers({
  async GET(ctx) {
    const account = ownerIn(ctx.state);
    if (account === null) return signInFirst(ctx.url);
    const cursor = ctx.url.searchParams.get("cursor");
    const list = await ctx.state.services.watches.list(account, cursor);
    return page<Shown>({ list, simulated: account.sandbox, now: Date.now() });
  },

  /** Has Parallel watch a run: 303 to the watch. */
  async POST(ctx) {
    const form = await readForm(ctx.req);
    const field = (name: string) => String(form.get(name) ?? "");
    const runId = field("run");
    const account = ownerIn(ctx.state);
    // The session may have ended while the form was on its way.
    if (account === null || !await isStillSignedIn(ctx.state)) {
      const path = `/watches/new?${new URLSearchParams({ run: runId.slice(0, 100) })}`;
      return await sessionEnded(ctx.state, textFields(form), path);
    }
    const { services } = ctx.state;
    const frequency = field("frequency"), token = field("token");
    const isKnown = FREQUENCIES.some(([each]) => each === frequency);
    if (!isKnown || !/^[\w-]{8,100}$/.test(token)) throw new HttpError(400);
    const request = await services.runs.request(account.id, runId);
    if (request === null) throw new HttpError(404);
    const processor = field("processor") === "base" ? "base" : "lite";
    const webhookUrl = await webhookUrlOf(ctx);
    const settings = { runId, token, webhookUrl, frequency, processor } as const;
    const outcome = await services.watches.create(account, settings);
    if (outcome.ok) return ctx.redirect(`/watches/${encodeURIComponent(outcome.id)}`, 303);
    const refused: NewWatchProps = {
      runId,
      title: request.title,
      frequency,
      processor,
      token,
      simulated: account.sandbox,
      problem: problemWords(outcome.problem),
      note: null,
    };
    const status = typeof outcome.problem === "string" ? 422 : 502;
    return page<Shown>({ refused }, { status });
  },
});

type Shown =
  | { readonly list: WatchList; readonly simulated: boolean; readonly now: number }
  | { readonly refused: NewWatchProps };

export default define.page<typeof handler>(function WatchesPage({ data }) {
  return (
    <>
      <Head>
        <title>{"list" in data ? "Watches" : "Error: Watch for changes"} · Taskstream</title>
      </Head>
      {"list" in data ? <List {...data} /> : <NewWatch {...data.refused} />}
    </>
  );
});

function List({ list, simulated, now }: Extract<Shown, { list: WatchList }>) {
  const { failure, next, watches } = list;
  return (
    <>
      <SimulatedWatch simulated={simulated} />
      <h1>Watches</h1>
      {watches.length > 0 && <Billing />}
      {failure !== null && (
        <p class="notice mt-4" role="alert">
          Parallel did not list your watches: {failureWords(failure)}{" "}
          The list shows what Taskstream knows.
        </p>
      )}
      {watches.length === 0
        ? (
          <div class="max-w-[60ch] my-6">
            <p>No watches yet.</p>
            <p class="text-sm text-soft mb-4">
              Open a task that is done and choose <strong>Watch for changes</strong>{" "}
              in its menu. Parallel then checks for changes and bills each check.
            </p>
            <a href="/tasks?status=completed" class="button go">Choose a task</a>
          </div>
        )
        : (
          <ul class="timetable mt-4">
            {watches.map((watch) => <Line key={watch.id} watch={watch} now={now} />)}
          </ul>
        )}
      {next !== null && (
        <nav aria-label="Pages" class="flex mt-4">
          <a rel="next" class="ml-auto" href={`/watches?cursor=${encodeURIComponent(next)}`}>
            Older →
          </a>
        </nav>
      )}
      <p class="mt-8 text-sm">
        <a href="/schedules">Schedules</a>{" "}
        <span class="text-soft">are run by Taskstream, which repeats a task or batch.</span>
      </p>
    </>
  );
}

function Line({ watch, now }: { readonly watch: Watch; readonly now: number }) {
  const { frequency, id, last_run_ms, processor, status, title } = watch;
  return (
    <li>
      <span class="mark">
        <Icon name={status === "active" ? "eye" : "x"} />
      </span>
      <div>
        <a href={`/watches/${encodeURIComponent(id)}`} class="row-link" dir="auto">{title}</a>
        <p class="text-sm text-soft">
          {status}
          {frequency !== "" && ` · ${frequencyWords(frequency)} · ${processor}`}
        </p>
      </div>
      <p class="text-sm text-soft">
        {last_run_ms !== null && (
          <>
            checked <Ago ms={last_run_ms} now={now} />
          </>
        )}
      </p>
      <p></p>
    </li>
  );
}
