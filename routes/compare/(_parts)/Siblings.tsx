/** Runs the same task on other processors and opens the comparison. */
import { NoEnter } from "../../../components/form/Field.tsx";
import { ProcessorPrices } from "../../../components/run/OtherProcessors.tsx";
import type { BudgetState, RunPage } from "../../../lib/runs/model/mod.ts";
import { dollars } from "../../../lib/base/mod.ts";

/** The runs being compared. */
export const MAX_COMPARED = 4;

export interface SiblingsProps {
  readonly run: RunPage;
  readonly budget: BudgetState | null;
  /** The chosen tasks would exceed the budget: ask for confirmation. */
  readonly overBudget: boolean;
  /** The processors chosen before. */
  readonly chosen: readonly string[];
  readonly idempotencyKey: string;
  /** The runs that it is already compared with. */
  readonly others: readonly RunPage[];
}

export function Siblings(props: SiblingsProps) {
  const { run: { run }, budget, overBudget, chosen, idempotencyKey, others } = props;
  const room = MAX_COMPARED - 1 - others.length;
  return (
    <section aria-labelledby="siblings" class="mt-3">
      <h2 id="siblings" class="sr-only">Run this task on other processors</h2>
      <form method="post" action={`/tasks/${encodeURIComponent(run.run_id)}/rerun`}>
        <NoEnter />
        <input type="hidden" name="compare" value="on" />
        <input type="hidden" name="idempotency_key" value={idempotencyKey} />
        {others.map(({ run: { run_id } }) => (
          <input key={run_id} type="hidden" name="with" value={run_id} />
        ))}
        <fieldset>
          <legend class="text-sm text-soft font-normal">
            It ran on {run.processor}. Choose {room === 1 ? "one" : `up to ${room}`}.
            {run.simulated ? " Prices are the real API’s: the sandbox is free." : ""}
          </legend>
          <ProcessorPrices chosen={chosen} />
        </fieldset>
        {budget !== null && !run.simulated && (
          <p class="text-sm">
            {dollars(Math.max(0, budget.budget_usd - budget.spent_usd - budget.open_usd))}{" "}
            are left of this month’s budget.
          </p>
        )}
        {overBudget && (
          <label class="choice">
            <input type="checkbox" name="over_budget" value="on" />
            Run them anyway
          </label>
        )}
        <button type="submit" class="button mt-2">Run and compare</button>
      </form>
    </section>
  );
}
