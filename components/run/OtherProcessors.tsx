/** Runs a task on other processors: which, and what each costs, before anything is sent. */
import type { ComponentChildren } from "preact";
import { dollars } from "../../lib/base/mod.ts";
import { PROCESSORS } from "../../lib/parallel/mod.ts";
import type { StoredRun } from "../../lib/runs/model/mod.ts";
import { NoEnter } from "../form/Field.tsx";
import { Icon } from "../ui/Icon.tsx";

export interface ProcessorPricesProps {
  readonly chosen?: readonly string[];
}

/** The processors with price and usual time: a row for each, with its fast variant. */
export function ProcessorPrices({ chosen = [] }: ProcessorPricesProps) {
  return (
    <table class="processor-prices">
      <thead>
        <tr>
          <th scope="col">Processor</th>
          <th scope="col" class="number">Price</th>
          <th scope="col">Usual time</th>
          <th scope="col">Fast</th>
        </tr>
      </thead>
      <tbody>
        {PROCESSORS.filter(({ fast }) => !fast).map(({ name, price, latency }) => (
          <tr key={name}>
            <th scope="row">
              <Choice name={name} chosen={chosen}>{name}</Choice>
            </th>
            <td class="number">{dollars(price)}</td>
            <td class="text-xs text-soft">{latency}</td>
            <td class="text-xs">
              <Choice name={`${name}-fast`} chosen={chosen}>
                <span class="sr-only">{name}-fast,</span>
                {PROCESSORS.find((each) => each.name === `${name}-fast`)?.latency}
              </Choice>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly chosen: readonly string[];
  readonly children: ComponentChildren;
}

function Choice({ name, chosen, children }: ChoiceProps) {
  return (
    <label>
      <input type="checkbox" name="processor" value={name} checked={chosen.includes(name)} />
      {children}
    </label>
  );
}

/**
 * A button that opens the choice in place, without script: a dialog that is a popover. Where popovers are
 * not known, a link leads to the page of the comparison, which has the same choice.
 */
export function OtherProcessors({ run }: { readonly run: StoredRun }) {
  const id = encodeURIComponent(run.run_id);
  return (
    <>
      <button type="button" popovertarget="other-processors" class="with-popover">
        <Icon name="columns-2" /> Other processors
      </button>
      <a href={`/compare?ids=${id}`} class="without-popover">Other processors</a>
      <dialog
        popover="auto"
        id="other-processors"
        class="popover on-processors"
        aria-labelledby="other-processors-title"
      >
        <form method="post" action={`/tasks/${id}/rerun`}>
          <NoEnter />
          <input type="hidden" name="compare" value="on" />
          <input type="hidden" name="idempotency_key" value={crypto.randomUUID()} />
          <h2 id="other-processors-title">Run this task on other processors</h2>
          <p class="text-sm text-soft my-2">
            It ran on {run.processor}. Choose up to three, and compare the results.
            {run.simulated &&
              " Prices and times are the real API’s: the sandbox is free, and faster."}
          </p>
          <ProcessorPrices />
          <p class="flex gap-2 mt-3">
            <button type="submit" class="button go">Run and compare</button>
            <button
              type="button"
              class="button ghost"
              popovertarget="other-processors"
              popovertargetaction="hide"
            >
              Cancel
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}
