import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { define } from "../../lib/state.ts";
import { signInFirst } from "../(_parts)/session_ended.ts";
import { NewWatch } from "./(_parts)/NewWatch.tsx";
import { ownerIn } from "./(_parts)/parts.tsx";

export const handler = define.handlers({
  async GET(ctx) {
    const account = ownerIn(ctx.state);
    if (account === null) return signInFirst(ctx.url);
    const runId = ctx.url.searchParams.get("run");
    if (runId === null) return ctx.redirect("/watches", 303);
    const request = await ctx.state.services.runs.request(account.id, runId);
    if (request === null) throw new HttpError(404);
    return page({
      runId,
      title: request.title,
      frequency: "1d",
      processor: "lite" as const,
      token: crypto.randomUUID(),
      simulated: account.sandbox,
      problem: request.status === "completed" ? null : "Only a completed task can be watched.",
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
