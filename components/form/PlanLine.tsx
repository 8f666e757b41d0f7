/** The line beside the button: what the run will be, and what it costs. */
import type { ComponentChildren } from "preact";
import type { Plan } from "./values.ts";

/** `pro · JSON, 6 fields · about 2 to 10 min · $0.10`. `children` are the cost. */
export function PlanLine({ plan, children }: { plan: Plan; children: ComponentChildren }) {
  return (
    // Without script it would not change with the choice.
    <output for="processor output_type" class="scripted dots">
      <span>{plan.processor}</span>
      <span>{plan.output}</span>
      {plan.latency !== null && <span>about {plan.latency}</span>}
      {children}
    </output>
  );
}
