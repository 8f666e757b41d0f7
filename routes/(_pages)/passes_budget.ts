/** Whether a task would pass its account's monthly budget. */
import type { OverBudgetProps } from "../../components/form/OverBudget.tsx";
import { priceOf } from "../../lib/parallel/processors.ts";
import type { Services } from "../../lib/services.ts";
import type { Account } from "../../lib/state.ts";

/** What to say before it is created; `null` where it passes nothing. The sandbox charges nothing. */
export async function passesBudget(
  { histories }: Services,
  { id, sandbox }: Account,
  processor: string,
): Promise<OverBudgetProps | null> {
  const price = priceOf(processor);
  const budget = sandbox ? null : await histories.budgets.check(id, price);
  return budget === null || price === null ? null : { budget, price };
}
