import { beginning } from "../../lib/base/mod.ts";
import { listHref, listOf } from "./(_parts)/list_query.ts";
import { MAX_BUDGET_USD } from "../../lib/runs/mod.ts";
import { define } from "../../lib/state.ts";
import { ownForm } from "../(_parts)/session_ended.ts";

/** Sets the account's monthly budget. An empty one removes it. */
export const handler = define.handlers({
  async POST(ctx) {
    const { services } = ctx.state;
    const own = await ownForm(ctx, (form) => listHref(listOf(form, ctx.url)));
    if (own instanceof Response) return own;
    const { account, form } = own;
    const back = (more: Readonly<Record<string, string>> = {}) =>
      ctx.redirect(`${listHref(listOf(form, ctx.url), {}, more)}#budget`, 303);
    const text = String(form.get("budget_usd") ?? "").trim();
    const usd = Number(text);
    if (text !== "" && !(/^\d{1,7}(\.\d{1,6})?$/.test(text) && usd <= MAX_BUDGET_USD)) {
      return back({ budget: beginning(text, 40) });
    }
    await services.histories.budgets.set(account.id, text === "" ? null : usd);
    await services.accountRemoval.removeLate(account.id);
    return back();
  },
});
