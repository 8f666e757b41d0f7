import { HttpError } from "fresh";
import { define } from "../../../lib/state.ts";
import { signInAgain } from "../../(_parts)/session_ended.ts";

/** Asks the API again about a run whose log stopped before its end: 303 to the run's page. */
export const handler = define.handlers({
  async POST(ctx) {
    const { account, services } = ctx.state;
    const id = ctx.params.id ?? "";
    const base = `/tasks/${encodeURIComponent(id)}`;
    if (account === null) return signInAgain(new URL(base, ctx.url));
    const asked = await services.runs.recheck(account, id);
    if (asked === null) throw new HttpError(404);
    const outcome = asked === "limited"
      ? asked
      : asked.state === "refused"
      ? String(asked.failure.status ?? asked.failure.kind)
      : null;
    return ctx.redirect(outcome === null ? base : `${base}?asked=${outcome}`, 303);
  },
});
