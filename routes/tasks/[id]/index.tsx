import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { RunDetails, termsOf } from "../../../components/RunDetails.tsx";
import { signInFirst } from "../../(_pages)/sign_in_first.ts";
import { statusWord } from "../../../components/Status.tsx";
import RunFeed from "../../../islands/RunFeed.tsx";
import { define } from "../../../lib/state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(ctx.url);
    const run = await services.runs.open(account, ctx.params.id ?? "");
    if (run === null) throw new HttpError(404);
    return page({ run, now: Date.now() });
  },
});

export default define.page<typeof handler>(function Run({ data: { run, now } }) {
  const terms = termsOf(run);
  return (
    <>
      <Head>
        <title>{`${statusWord(run.view.status)}: ${run.title} · Taskstream`}</title>
      </Head>
      <RunDetails
        page={run}
        now={now}
        terms={terms}
        feed={
          <RunFeed
            runId={run.run.run_id}
            view={run.view}
            startMs={run.run.created_ms}
            nowMs={now}
            usual={terms.usual}
            cost={terms.cost}
          />
        }
      />
    </>
  );
});
