/**
 * The last line of a new batch: what it costs as the processor changes, and the buttons that spend it. The
 * fields are plain HTML that this island never renders.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { watchTools } from "../components/form/tools.ts";
import { dollars } from "../lib/base/mod.ts";
import { priceOf, processor as processorOf } from "../lib/parallel/mod.ts";

export interface BatchFormProps {
  readonly rows: number;
  /** Rows that a trial sends. */
  readonly trial: number;
  readonly processor: string;
  /** Nothing is billed: the price is the real API's. */
  readonly sandbox: boolean;
  /** What is left of the monthly budget (US dollars); `null` where none is set. */
  readonly leftUsd: number | null;
}

export default function BatchForm({ rows, trial, processor, sandbox, leftUsd }: BatchFormProps) {
  const [chosen, setChosen] = useState(processor);
  const [isSending, setSending] = useState(false);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    const form = button.current?.form;
    if (!form) return;
    const left = new AbortController();
    const { signal } = left;
    const readProcessor = () => setChosen(String(new FormData(form).get("processor") ?? ""));
    // A browser that restores the form after Back has already chosen.
    readProcessor();
    watchTools(form, ["change"], signal);
    form.addEventListener("change", readProcessor, { signal });
    let sending = false;
    form.addEventListener("submit", (event) => {
      if (sending) event.preventDefault();
      setSending(sending = true);
    }, { signal });
    // The page comes back when the browser goes back to it.
    addEventListener("pageshow", () => setSending(sending = false), { signal });
    return () => left.abort();
  }, []);

  const price = priceOf(chosen);
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
        Run {rows === 1 ? "the row" : `all ${rows.toLocaleString("en-US")} rows`} · {cost(rows)}
      </button>
      <output for="processor">
        {rows.toLocaleString("en-US")} × {dollars(price)} = <b>{cost(rows)}</b>
        {sandbox && " on the real API; free here"}. A run usually takes{" "}
        {processorOf(chosen)?.latency ?? "an unknown time"}, and rows run side by side.
        {leftUsd !== null && (
          <span class={isOver ? "bad" : ""}>
            {" "}
            {dollars(Math.max(leftUsd, 0))} left of this month’s budget.
          </span>
        )}
      </output>
    </div>
  );
}
