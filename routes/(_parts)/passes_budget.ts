/** Whether tasks would pass their account's monthly budget. */
import type { OverBudgetProps } from "../../components/form/Outcome.tsx";
import type { Services } from "../../lib/services.ts";
import type { Account } from "../../lib/accounts/mod.ts";

/**
 * What to say before they are created, for what they cost together (USD, `null`: not known); `null` where
 * they pass nothing. The sandbox charges nothing.
 */
export async function passesBudget(
  { histories }: Services,
  { id, sandbox }: Account,
  price: number | null,
): Promise<OverBudgetProps | null> {
  const budget = sandbox ? null : await histories.budgets.check(id, price);
  return budget === null || price === null ? null : { budget, price };
}
