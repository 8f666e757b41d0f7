import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { define } from "../../../lib/state.ts";
import { signInFirst } from "../../(_parts)/session_ended.ts";
import { ownerIn } from "../(_parts)/parts.tsx";
import { WatchPage } from "../(_parts)/WatchPage.tsx";

export const handler = define.handlers({
  async GET(ctx) {
    const account = ownerIn(ctx.state);
    if (account === null) return signInFirst(ctx.url);
    const { watches } = ctx.state.services;
    const query = ctx.url.searchParams, id = ctx.params.id ?? "";
    const watch = await watches.get(account, id);
    if (watch === null) throw new HttpError(404);
    if ("kind" in watch) {
      throw new HttpError(502, `Parallel did not show this watch: ${watch.message}`);
    }
    const completions = query.has("all");
    const found = await watches.events(account, id, { completions, cursor: query.get("cursor") });
    const events = "kind" in found ? { items: [], next: null } : found;
    return page({
      watch,
      events: events.items,
      next: events.next,
      completions,
      failure: "kind" in found ? found : null,
      problem: query.get("problem") === "cancel",
      simulated: account.sandbox,
      now: Date.now(),
    });
  },
});

export default define.page<typeof handler>(function OneWatch({ data }) {
  return (
    <>
      <Head>
        <title>{data.watch.title} · Watch · Taskstream</title>
      </Head>
      <WatchPage {...data} />
    </>
  );
});
