import { listHref, listOf } from "./(_parts)/list_query.ts";
import { readOwnForm } from "../../lib/form_body.ts";
import { define } from "../../lib/state.ts";
import { theseRequests, theseRuns } from "../../lib/transfer/mod.ts";
import { runsDownload, runsFormat } from "./(_parts)/runs_download.ts";
import { signInFirst } from "../(_parts)/sign_in_first.ts";

/** The most tasks that one request acts on: a page, and those added while it was open. */
const MAX_SELECTED = 100;

/** Applies one action to the tasks selected in a list. */
export const handler = define.handlers({
  async POST(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(new URL("/tasks", ctx.url));
    const form = await readOwnForm(ctx);
    const ids = [...new Set(form.getAll("id").map(String))];
    // Return to the same list with its filters.
    const list = listOf(form, ctx.url);
    const back = (more: Readonly<Record<string, string>> = {}) =>
      ctx.redirect(listHref(list, {}, more), 303);
    const refuse = (problem: string) => back({ problem });
    if (ids.length === 0) return refuse("none");
    if (ids.length > MAX_SELECTED) return refuse("many");
    const action = form.get("action");
    const format = runsFormat(action);
    if (format !== null) {
      return runsDownload(theseRuns(services, account.id, ids), format, {
        requests: theseRequests(services, account.id, ids),
        bom: form.get("bom") === "1",
      });
    }
    if (action === "compare") {
      if (ids.length < 2 || ids.length > 4) {
        return back({ problem: "compare", ticked: ids.join(",") });
      }
      return ctx.redirect(`/compare?ids=${ids.map(encodeURIComponent).join(",")}`, 303);
    }
    if (action === "undelete") {
      const outcomes: string[] = [];
      for (const id of ids) outcomes.push(await services.runs.restore(account.id, id));
      return outcomes.includes("restored") ? back() : refuse("late");
    }
    if (action === "delete") {
      const deleted: string[] = [];
      for (const id of ids) if (await services.runs.remove(account.id, id)) deleted.push(id);
      return back({ deleted: deleted.join(",") });
    }
    return new Response("There is no such action.\n", { status: 400 });
  },
});
