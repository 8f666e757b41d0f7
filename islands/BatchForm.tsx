/**
 * The last line of a new batch: what it costs as the processor changes, and the buttons that spend it. The
 * fields are plain HTML that this island never renders.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { watchFields } from "../components/form/watch_fields.ts";
import { PlanLine } from "../components/form/PlanLine.tsx";
import { watchSending } from "../components/form/sending.ts";
import { watchTools } from "../components/form/tools.ts";
import { grouped, type Plan, planOf, showChoice, valuesOf } from "../components/form/values.ts";
import { dollars } from "../lib/base/mod.ts";
import { priceOf } from "../lib/parallel/mod.ts";

export interface BatchFormProps {
  readonly rows: number;
  /** Rows that a trial sends. */
  readonly trial: number;
  /** What the form was rendered with. */
  readonly plan: Plan;
  /** Nothing is billed: the price is the real API's. */
  readonly sandbox: boolean;
  /** What is left of the monthly budget (US dollars); `null` if none is set. */
  readonly leftUsd: number | null;
}

export default function BatchForm({ rows, trial, sandbox, leftUsd, ...rendered }: BatchFormProps) {
  const [plan, setPlan] = useState(rendered.plan);
  const [isSending, setSending] = useState(false);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    const form = button.current?.form;
    if (!form) return;
    const left = new AbortController();
    const { signal } = left;
    const readForm = () => {
      const values = valuesOf(form);
      setPlan(planOf(values));
      showChoice(values.processor);
    };
    // A browser that restores the form after Back has already chosen.
    readForm();
    watchTools(form, ["change"], signal);
    watchFields(form, signal);
    watchSending(form, setSending, signal);
    // Added columns have no table of their own to be kept with.
    if (form.elements.namedItem("draft")) {
      import("../components/form/live/keep_batch.ts").then(({ keepBatch }) => {
        if (!signal.aborted) keepBatch(form, signal);
      }, () => {});
    }
    for (const event of ["input", "change"]) form.addEventListener(event, readForm, { signal });
    return () => left.abort();
  }, []);

  const price = priceOf(plan.processor);
  const cost = (runs: number) => dollars(price === null ? null : runs * price);
  const hasTrial = rows > trial;
  const isOver = leftUsd !== null && price !== null && !sandbox && rows * price > leftUsd;
  return (
    <div class="send">
      {hasTrial && (
        <button
          ref={button}
          type="submit"
          name="trial"
          value={trial}
          class="button go big"
          aria-busy={isSending}
        >
          Try {trial} rows first · {cost(trial)}
        </button>
      )}
      <button
        ref={hasTrial ? undefined : button}
        type="submit"
        name="trial"
        value=""
        class={hasTrial ? "button big" : "button go big"}
        aria-busy={isSending}
      >
        Run {rows === 1 ? "the row" : `all ${grouped(rows)} rows`} · {cost(rows)}
      </button>
      <PlanLine plan={plan}>
        <span>
          {grouped(rows)} × {dollars(price)} = <b>{cost(rows)}</b>
        </span>
        {leftUsd !== null && (
          <span class={isOver ? "bad" : ""}>
            {dollars(Math.max(leftUsd, 0))} left of this month’s budget
          </span>
        )}
      </PlanLine>
    </div>
  );
}
