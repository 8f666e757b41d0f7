import { listHref, listOf } from "./(_parts)/list_query.ts";
import type { Account } from "../../lib/accounts/mod.ts";
import { readOwnForm } from "../../lib/form_body.ts";
import { priceOf } from "../../lib/parallel/mod.ts";
import type { Services } from "../../lib/services.ts";
import { define } from "../../lib/state.ts";
import { chosenRequests, chosenRuns } from "../../lib/transfer/mod.ts";
import { runsDownload, runsFormat } from "./(_parts)/runs_download.ts";
import { budgetWarning } from "../(_parts)/submit_responses.ts";
import { signInAgain } from "../(_parts)/session_ended.ts";

/** The most tasks that one request acts on: a page, and those added while it was open. */
const MAX_SELECTED = 100;

/** The most tasks that one press runs again. */
const MAX_AGAIN = 20;

/** Applies one action to the tasks selected in a list. */
export const handler = define.handlers({
  async POST(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInAgain(new URL("/tasks", ctx.url));
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
      return runsDownload(
        services.views,
        { account: account.id, client: ctx.state.client },
        (to) => chosenRuns(services, to, ids),
        format,
        {
          requests: chosenRequests(services, account.id, ids),
          bom: form.get("bom") === "1",
        },
      );
    }
    if (action === "compare") {
      if (ids.length < 2 || ids.length > 4) {
        return back({ problem: "compare", ticked: ids.join(",") });
      }
      return ctx.redirect(`/compare?ids=${ids.map(encodeURIComponent).join(",")}`, 303);
    }
    if (action === "table") return ctx.redirect(`/tasks?view=table&ids=${ids.join(",")}`, 303);
    if (action === "rerun") {
      if (ids.length > MAX_AGAIN) return back({ problem: "again", ticked: ids.join(",") });
      if (!form.has("agreed")) return back({ again: ids.join(",") });
      const key = String(form.get("idempotency_key") || crypto.randomUUID());
      const problem = await runAgain(services, account, ids, { key, signal: ctx.req.signal });
      return problem === null ? ctx.redirect("/tasks", 303) : refuse(problem);
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
    return new Response("Unknown action.\n", { status: 400 });
  },
});

/** Runs tasks again. Returns the problem if not all were sent. */
async function runAgain(
  services: Services,
  account: Account,
  ids: readonly string[],
  { key, signal }: { readonly key: string; readonly signal: AbortSignal },
): Promise<string | null> {
  const found = await Promise.all(ids.map((id) => services.runs.basics(account.id, id)));
  const prices = found.flatMap((run) => run === null ? [] : priceOf(run.processor));
  const total = prices.includes(null)
    ? null
    : prices.reduce<number>((sum, price) => sum + (price ?? 0), 0);
  if (await budgetWarning(services, account, total) !== null) return "budget";
  let isSent = true;
  for (const id of ids) {
    const created = await services.runs.rerun(account, id, {
      idempotencyKey: `rerun ${key} ${id}`,
      signal,
    });
    if (created === null || created === "secrets" || !created.ok) isSent = false;
  }
  return isSent ? null : "sending";
}
