import { readForm } from "../../lib/form_body.ts";
import { MAX_BUDGET_USD } from "../../lib/runs/history/budget.ts";
import { define } from "../../lib/state.ts";
import { signInFirst } from "../(_pages)/sign_in_first.ts";

/** Sets the account's monthly budget; an empty one takes it away. */
export const handler = define.handlers({
  async POST(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(new URL("/tasks", ctx.url));
    const text = String((await readForm(ctx.req)).get("budget_usd") ?? "").trim();
    const usd = Number(text);
    if (text !== "" && !(/^\d{1,7}(\.\d{1,6})?$/.test(text) && usd <= MAX_BUDGET_USD)) {
      const query = new URLSearchParams({ budget: text.slice(0, 40) });
      return ctx.redirect(`/tasks?${query}#budget`, 303);
    }
    await services.histories.budgets.set(account.id, text === "" ? null : usd);
    return ctx.redirect("/tasks#budget", 303);
  },
});
