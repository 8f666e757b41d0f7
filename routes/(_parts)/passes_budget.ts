/** Checks whether tasks would exceed their account's monthly budget. */
import type { OverBudgetProps } from "../../components/form/Outcome.tsx";
import type { Services } from "../../lib/services.ts";
import type { Account } from "../../lib/accounts/mod.ts";

/**
 * Returns the warning to show before the tasks are created, from their total cost (USD, `null`: unknown), or
 * `null` if they stay within the budget. The sandbox is free.
 */
export async function passesBudget(
  { histories }: Services,
  { id, sandbox }: Account,
  price: number | null,
): Promise<OverBudgetProps | null> {
  const budget = sandbox ? null : await histories.budgets.check(id, price);
  return budget === null || price === null ? null : { budget, price };
}
