import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { idleAfterMs, STORE_AWAY_NOTICE } from "../../../lib/runs/mod.ts";
import { define } from "../../../lib/state.ts";
import { ownPlace, shownBatch } from "./(_parts)/batch_view.ts";
import { repeating, ScheduledBy, scheduleOf } from "../../(_parts)/ScheduledBy.tsx";
import { keptFields } from "../../(_parts)/session_ended.ts";
import { wordOf } from "../../../components/table/BatchHead.tsx";
import { BatchDeleted, BatchDetails } from "./(_parts)/BatchDetails.tsx";
import { GroupNotice, statusOf } from "./(_parts)/GroupNotice.tsx";
import { openBatch, RENAME } from "./(_parts)/own_batch.ts";

export const handler = define.handlers({
  async GET(ctx) {
    let batch;
    try {
      batch = await openBatch(ctx);
    } catch (error) {
      // The redirect after a deletion: the batch is gone.
      const isGone = error instanceof HttpError && error.status === 404;
      if (isGone && ctx.url.searchParams.has("deleted")) {
        const { account, services } = ctx.state;
        const repeated = await repeating(services, account, ctx.params.id ?? "");
        return page({ deleted: repeated }, { status: 404 });
      }
      throw error;
    }
    if (batch instanceof Response) return batch;
    if ("state" in batch) return page({ problem: batch }, { status: statusOf(batch) });
    const { account, services } = ctx.state;
    const { config, notifications } = services;
    const { id, created_ms } = batch.batch;
    const offer = account === null || batch.view.state === "done"
      ? null
      : await notifications.offer(account.id, "batch", id);
    return page({
      offer,
      scheduled: await scheduleOf(services, account, { kind: "batch", id, created_ms }),
      nameKept: (await keptFields(ctx))?.[RENAME] ?? null,
      shown: await shownBatch(batch, ctx.url.searchParams, ownPlace(batch)),
      link: batch.share === null ? null : `${config.publicUrl ?? ctx.url.origin}/s/${batch.share}`,
      idleMs: idleAfterMs(config.sseHeartbeatMs),
      now: Date.now(),
    });
  },
});

export default define.page<typeof handler>(function BatchRoute({ data, params }) {
  if ("deleted" in data) return <BatchDeleted id={params.id ?? ""} schedules={data.deleted} />;
  if ("problem" in data) return <GroupNotice problem={data.problem} />;
  const { shown, link, idleMs, nameKept, now, offer, scheduled } = data;
  return (
    <>
      <Head>
        {/* The live page puts how far the batch is before the colon. */}
        <title>{`${wordOf(shown.seed)}: ${shown.seed.name} · Taskstream`}</title>
      </Head>
      <BatchDetails
        shown={shown}
        link={link}
        offer={offer}
        nameKept={nameKept}
        origin={scheduled && <ScheduledBy {...scheduled} />}
        idleMs={idleMs}
        now={now}
        awayNotice={STORE_AWAY_NOTICE}
      />
    </>
  );
});
