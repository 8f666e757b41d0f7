import { page } from "fresh";
import { Head } from "fresh/runtime";
import { resultMode, RunDetails, termsOf } from "../../../components/run/RunDetails.tsx";
import { statusWord } from "../../../components/ui/Status.tsx";
import { isRunId } from "../../../lib/runs/model/mod.ts";
import { define } from "../../../lib/state.ts";
import { LiveFeed } from "./(_parts)/LiveFeed.tsx";
import { shareLink, tracedRun } from "./(_parts)/own_run.ts";
import { ScheduledBy, scheduleOf } from "../../(_parts)/ScheduledBy.tsx";

export const handler = define.handlers({
  async GET(ctx) {
    const id = ctx.params.id ?? "";
    const { services, account } = ctx.state;
    const { config, histories, notifications } = services;
    const found = tracedRun(ctx);
    const isRow = async () => {
      const run = await found;
      return !(run instanceof Response) && run.run.group_id !== null;
    };
    const [run, share, newest, offered] = await Promise.all([
      found,
      shareLink(ctx, id),
      account === null ? null : histories.list(account.id, { limit: 2, rows: true }),
      account === null || !isRunId(id) ? null : notifications.offer(account.id, "run", id, isRow),
    ]);
    if (run instanceof Response) return run;
    const { source, created_ms } = run.run;
    const scheduled = source === "schedule"
      ? await scheduleOf(services, account, { kind: "task", id, created_ms })
      : null;
    const offer = run.ended ? null : offered;
    const isFirst = newest?.runs.length === 1 && newest.runs[0]?.run_id === id;
    const asked = ctx.url.searchParams.get("asked") ?? "";
    const heartbeatMs = config.sseHeartbeatMs;
    const mode = resultMode(ctx.url.searchParams);
    const now = Date.now();
    return page({ run, share, offer, scheduled, isFirst, mode, asked, heartbeatMs, now });
  },
});

export default define.page<typeof handler>(function Run({ data }) {
  const { run, share, offer, scheduled, isFirst, mode, asked, heartbeatMs, now } = data;
  const terms = termsOf(run);
  const id = encodeURIComponent(run.run.run_id);
  return (
    <>
      <Head>
        <title>{`${statusWord(run.view.status)}: ${run.title} · Taskstream`}</title>
      </Head>
      <RunDetails
        page={run}
        now={now}
        terms={terms}
        access={{ kind: "owner", share, offer, base: `/tasks/${id}`, asked, isFirst }}
        mode={mode}
        origin={scheduled && <ScheduledBy {...scheduled} />}
        feed={
          <LiveFeed
            page={run}
            terms={terms}
            eventsUrl={`/api/v1/tasks/runs/${id}/events`}
            heartbeatMs={heartbeatMs}
            now={now}
          />
        }
      />
    </>
  );
});
