/** The monthly budget: the amount, how much of it is used, and the field to set it. */
import type { BudgetState } from "../../../lib/runs/model/mod.ts";
import { count, dollars } from "../../../lib/base/mod.ts";
import { listHref, type ListQuery } from "./list_query.ts";

export interface BudgetFormProps {
  /** The list's filters, to be preserved. */
  readonly query: ListQuery;
  readonly budget: BudgetState | null;
  /** The invalid budget that was entered. */
  readonly problem: string | null;
  /** The budget that was entered before signing in again. */
  readonly kept: string | null;
}

export function BudgetForm({ query, budget, problem, kept }: BudgetFormProps) {
  const wrong = problem !== null;
  return (
    <form method="post" action="/tasks/budget" id="budget">
      <input type="hidden" name="list" value={listHref(query)} />
      <h3>Monthly budget</h3>
      {kept !== null && <p role="status">What you typed is back. Nothing was changed yet.</p>}
      <div id="taken">{budget !== null && <Taken budget={budget} />}</div>
      <label for="budget_usd" class="sr-only">Monthly budget in US dollars</label>
      <div class="flex items-center gap-2 mt-1">
        <span>$</span>
        <input
          id="budget_usd"
          name="budget_usd"
          inputMode="decimal"
          autocomplete="off"
          value={problem ?? kept ?? budget?.budget_usd ?? ""}
          class="w-28"
          aria-invalid={wrong ? "true" : undefined}
          aria-describedby={wrong ? "budget_usd-error" : "budget_usd-hint"}
        />
        <button type="submit" class="button">Set</button>
      </div>
      {wrong && (
        <p id="budget_usd-error" class="error-text">
          A budget is a number of dollars from 0 to 1,000,000, such as 25 or 7.50. Leave it empty
          for no budget.
        </p>
      )}
      <p id="budget_usd-hint" class="text-sm text-soft mt-1">
        The app asks before a task would exceed it. Calls to /api are not blocked. Leave empty for
        no budget.
      </p>
    </form>
  );
}

function Taken({ budget }: { budget: BudgetState }) {
  const { budget_usd, spent_usd, open_usd, unpriced } = budget;
  return (
    <p class="text-sm">
      {dollars(spent_usd)} of {dollars(budget_usd)} spent this month (UTC)
      {open_usd > 0 && `, ${dollars(open_usd)} in progress`}
      {unpriced > 0 && `, ${count(unpriced)} runs of unknown price`}
      {spent_usd + open_usd > budget_usd && <strong class="bad">, which is over it</strong>}.
    </p>
  );
}
