import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { define } from "../../lib/state.ts";
import { keptNote } from "../(_parts)/KeptNote.tsx";
import { keptFields, signInFirst } from "../(_parts)/session_ended.ts";
import { NewWatch } from "./(_parts)/NewWatch.tsx";
import { ownerIn } from "./(_parts)/parts.tsx";

export const handler = define.handlers({
  async GET(ctx) {
    const account = ownerIn(ctx.state);
    if (account === null) return signInFirst(ctx.url);
    const kept = await keptFields(ctx);
    const runId = ctx.url.searchParams.get("run");
    if (runId === null) return ctx.redirect("/watches", 303);
    const request = await ctx.state.services.runs.request(account.id, runId);
    if (request === null) throw new HttpError(404);
    return page({
      runId,
      title: request.title,
      frequency: kept?.frequency ?? "1d",
      processor: kept?.processor === "base" ? "base" as const : "lite" as const,
      token: kept?.token ?? crypto.randomUUID(),
      simulated: account.sandbox,
      problem: request.status === "completed" ? null : "Only a completed task can be watched.",
      note: keptNote(ctx.url, kept),
    });
  },
});

export default define.page<typeof handler>(function New({ data }) {
  return (
    <>
      <Head>
        <title>Watch for changes · Taskstream</title>
      </Head>
      <NewWatch {...data} />
    </>
  );
});
