/** Asks for confirmation before rows exceed the monthly budget. */
import { Head } from "fresh/runtime";
import type { OverBudgetProps } from "../../../../components/form/Outcome.tsx";
import { dollars } from "../../../../lib/base/mod.ts";

export interface OverBatchBudgetProps {
  readonly over: OverBudgetProps;
  /** The action of the form that was held back. */
  readonly action: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export function OverBatchBudget({ over, action, fields }: OverBatchBudgetProps) {
  const { budget_usd, spent_usd, open_usd } = over.budget;
  return (
    <>
      <Head>
        <title>Not sent: over your monthly budget · Taskstream</title>
      </Head>
      <form method="post" action={action} class="notice caution">
        <h1>These rows would exceed your monthly budget</h1>
        <p>
          They cost {dollars(over.price)}. Of {dollars(budget_usd)}, {dollars(spent_usd)}{" "}
          are spent this month (UTC){open_usd > 0 && ` and ${dollars(open_usd)} in progress`}.
          Nothing was sent.
        </p>
        {fields.map(([name, value], at) => (
          <input key={at} type="hidden" name={name} value={value} />
        ))}
        <p class="mt-2 flex flex-wrap items-center gap-x-4">
          <button type="submit" name="over_budget" value="on" class="button go">
            Run them anyway
          </button>
          <a href={action.replace(/\/[^/]*$/, "")}>Back to the batch</a>
          <a href="/tasks#budget">Change the budget</a>
        </p>
      </form>
    </>
  );
}
