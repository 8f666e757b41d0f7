import { HttpError, page } from "fresh";
import { MAX_COMPARED } from "../../compare/(_parts)/Siblings.tsx";
import { readOwnForm } from "../../../lib/form_body.ts";
import { formValuesFrom } from "../../../lib/tasks/fields/mod.ts";
import { priceOf, processor } from "../../../lib/parallel/mod.ts";
import type { CreateOutcome, RerunOptions, Runs } from "../../../lib/runs/mod.ts";
import type { StoredRun } from "../../../lib/runs/model/mod.ts";
import type { Account } from "../../../lib/accounts/mod.ts";
import { define } from "../../../lib/state.ts";
import { budgetWarning, failureResponse } from "../../(_parts)/submit_responses.ts";
import { formPage } from "../../(_parts)/form_page.ts";
import { NewTaskPage } from "../../(_parts)/NewTaskPage.tsx";
import { signInAgain } from "../../(_parts)/session_ended.ts";

/** The URL of a comparison. */
function compareHref(ids: readonly string[], more: Readonly<Record<string, string>> = {}): string {
  const parameters = Object.entries(more).map(([name, value]) => `&${name}=${value}`);
  return `/compare?ids=${ids.map(encodeURIComponent).join(",")}${parameters.join("")}`;
}

/**
 * Runs a task again unchanged: 303 to the new run. With `processor` fields, runs it once on each of these
 * instead: 303 to a comparison of all of them and the runs named in `with` fields.
 */
export const handler = define.handlers({
  /** There is no page to view: the component is for a rejected repeat. */
  GET() {
    throw new HttpError(404);
  },

  async POST(ctx) {
    const { account, services } = ctx.state;
    const id = ctx.params.id ?? "";
    const base = `/tasks/${encodeURIComponent(id)}`;
    if (account === null) return signInAgain(new URL(base, ctx.url));
    const form = await readOwnForm(ctx);
    const names = [...new Set(form.getAll("processor").map(String))];
    const compares = form.has("compare") || names.length > 0;
    const compared = [...new Set([id, ...form.getAll("with").map(String)])].slice(0, MAX_COMPARED);
    if (compares && (names.length < 1 || names.length > MAX_COMPARED - compared.length)) {
      return ctx.redirect(compareHref(compared, { problem: "processors" }), 303);
    }
    if (names.some((name) => processor(name) === null)) {
      throw new HttpError(400, "Unknown processor.");
    }
    const request = await services.runs.request(account.id, id, ctx.state.view.weigh);
    if (request === null) throw new HttpError(404);
    const values = formValuesFrom(request.run.input);
    const key = form.get("idempotency_key");
    const submits = (names.length === 0 ? [undefined] : names).map((name) => ({
      ...(name === undefined ? {} : { processor: name }),
      idempotencyKey: typeof key === "string" && key !== "" ? `rerun ${key} ${name ?? ""}` : null,
      signal: ctx.req.signal,
    }));
    const overBudget = form.has("over_budget") ? null : await budgetWarning(
      services,
      account,
      await priceOfNew(services.runs, account, request.run, submits),
    );
    if (overBudget !== null && compares) {
      const chosen = names.map(encodeURIComponent).join(",");
      return ctx.redirect(compareHref(compared, { on: chosen, problem: "budget" }), 303);
    }
    if (overBudget !== null) {
      const content = { values, rerunOf: id, overBudget };
      return page(await formPage(account, services, content), { status: 409 });
    }
    const made: string[] = [];
    let failed: Extract<CreateOutcome, { ok: false }> | null = null;
    for (const submit of submits) {
      const created = await services.runs.rerun(account, id, submit);
      if (created === null) throw new HttpError(404);
      // The form asks for the header values, which only their owner may send.
      if (created === "secrets") return ctx.redirect(`/?edit=${encodeURIComponent(id)}`, 303);
      if (!created.ok) {
        failed = created;
        break;
      }
      made.push(created.runId);
    }
    // Created runs are billed, so show them even if the rest failed.
    const [first] = made;
    if (compares && first !== undefined) {
      const ids = [...compared, ...made];
      const href = failed === null ? compareHref(ids) : compareHref(ids, { problem: "siblings" });
      return ctx.redirect(href, 303);
    }
    if (first !== undefined) return ctx.redirect(`/tasks/${encodeURIComponent(first)}`, 303);
    if (failed === null) throw new HttpError(404);
    const { failure } = failed;
    const content = { values, rerunOf: id, failure };
    return page(await formPage(account, services, content), failureResponse(failure));
  },
});

/**
 * Returns the total cost (USD) of the tasks that a submit creates. A second click creates none, so its price
 * does not count. Returns `null` if it creates none, or one with an unknown price.
 */
async function priceOfNew(
  runs: Pick<Runs, "isRepeatedRerun">,
  account: Account,
  run: StoredRun,
  submits: readonly RerunOptions[],
): Promise<number | null> {
  let total: number | null = null;
  for (const submit of submits) {
    if (await runs.isRepeatedRerun(account, run.run_id, submit)) continue;
    const price = priceOf(submit.processor ?? run.processor);
    if (price === null) return null;
    total = (total ?? 0) + price;
  }
  return total;
}

export default define.page<typeof handler>(function NotRunAgain({ data }) {
  return <NewTaskPage {...data} />;
});
