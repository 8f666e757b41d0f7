/** A task would pass the account's monthly budget: what is taken of it, and how to create it anyway. */
import type { BudgetState } from "../../lib/runs/model/mod.ts";
import { dollars } from "../../lib/base/mod.ts";
import { Summary, WrongFields } from "./ErrorSummary.tsx";
import type { FormState } from "./Field.tsx";

export interface OverBudgetProps {
  readonly budget: BudgetState;
  /** Of the task as the form has it (US dollars). */
  readonly price: number;
}

export function OverBudget({ budget, price, form }: OverBudgetProps & { form: FormState }) {
  const { budget_usd, spent_usd, open_usd } = budget;
  return (
    <Summary caution>
      <h2>This task would exceed your monthly budget</h2>
      <p>
        It costs {dollars(price)}. Of {dollars(budget_usd)}, {dollars(spent_usd)}{" "}
        are spent this month (UTC){open_usd > 0 && ` and ${dollars(open_usd)} in progress`}. Nothing
        was sent.
      </p>
      <WrongFields form={form} />
      <label class="choice">
        <input type="checkbox" name="over_budget" value="on" />
        Create it anyway
      </label>
      <p class="text-sm">
        <a href="/tasks#budget">Change the budget</a>
      </p>
    </Summary>
  );
}
