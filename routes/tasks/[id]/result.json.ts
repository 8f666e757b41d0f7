import { HttpError } from "fresh";
import { resultJson } from "../../(_pages)/result_json.ts";
import { signInFirst } from "../../(_pages)/sign_in_first.ts";
import { define } from "../../../lib/state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(ctx.url);
    const run = await services.runs.page(account.id, ctx.params.id ?? "");
    if (run === null) throw new HttpError(404);
    return ctx.json(resultJson(run));
  },
});
