/** A run's page. Live: figures and feed. Finished: the answer first, then how it came about. */
import type { ComponentChildren } from "preact";
import { processor } from "../lib/parallel/processors.ts";
import { appraise } from "../lib/results/appraise.ts";
import type { RunPage } from "../lib/runs/model.ts";
import { Ago } from "./Ago.tsx";
import { cx } from "./cx.ts";
import { CopyButton } from "./CopyButton.tsx";
import { Figures, Totals } from "./Figures.tsx";
import { count, dollars } from "./format.ts";
import { InputView } from "./InputView.tsx";
import { Outcome } from "./Outcome.tsx";
import { ResultView } from "./result/ResultView.tsx";
import { SampledSources } from "./SampledSources.tsx";
import { SimulatedStamp, SimulatedTape } from "./Simulated.tsx";
import { Trace, TracePicks } from "./Trace.tsx";

/** How often a page without script looks again (s). */
const REFRESH_SECONDS = 5;

export interface RunDetailsProps {
  readonly page: RunPage;
  readonly now: number;
  readonly terms: RunTerms;
  /** While it runs: the figures that move, an island. */
  readonly feed: ComponentChildren;
}

/** What was known of a run before it began. */
export interface RunTerms {
  /** `pro · $0.10` */
  readonly cost: string;
  /** How long the processor usually takes; `null` for one that we do not know. */
  readonly usual: string | null;
}

/** The terms of a run. */
export function termsOf({ run, view }: RunPage): RunTerms {
  const price = dollars(run.price_usd);
  const cost = view.status === "failed"
    ? "not billed"
    : run.simulated && run.price_usd !== null
    ? `${price} on the real API`
    : price;
  return {
    cost: `${run.processor} · ${cost}`,
    usual: processor(run.processor)?.latency ?? null,
  };
}

export function RunDetails({ page, now, terms, feed }: RunDetailsProps) {
  const { run } = page;
  return (
    <>
      {run.simulated && <SimulatedTape />}
      <div class="flex flex-wrap items-baseline justify-between gap-x-8 mt-6">
        <h1 class="min-w-0 max-w-[60ch]">{page.title}</h1>
        <p class="text-sm text-muted min-w-0">
          <code class="break-all">{run.run_id}</code>{" "}
          <CopyButton text={run.run_id} what="the run id" />
          {" · "}
          <Ago ms={run.created_ms} now={now} />
        </p>
      </div>
      {page.ended ? <Finished page={page} terms={terms} /> : <Live page={page}>{feed}</Live>}
    </>
  );
}

function Live({ page, children }: { page: RunPage; children: ComponentChildren }) {
  const { run, view, events } = page;
  return (
    <>
      <noscript>
        <meta http-equiv="refresh" content={String(REFRESH_SECONDS)} />
        <p class="text-sm text-muted">This page looks again every {REFRESH_SECONDS} s.</p>
      </noscript>
      <details class="fold">
        <summary>Input</summary>
        <InputView input={run.input} />
      </details>
      <div class={cx(run.simulated && "simulated")}>
        {children}
        <Outcome view={view} ended={false} />
        <h2 class="sr-only">Feed</h2>
        <Trace events={events} startMs={run.created_ms} />
        <p class="waiting">Waiting for Parallel to start the run. What it does appears here.</p>
      </div>
    </>
  );
}

function Finished({ page, terms }: { page: RunPage; terms: RunTerms }) {
  const { run, view, output, events } = page;
  const jsonHref = `/tasks/${encodeURIComponent(run.run_id)}/result.json`;
  return (
    <>
      <div class="py-3 border-b">
        <Figures
          view={view}
          ended
          tookMs={page.ended_ms === null ? null : page.ended_ms - run.created_ms}
          usual={terms.usual}
        >
          <Totals view={view} cost={terms.cost} />
        </Figures>
        <SampledSources urls={view.sources} show={12} />
      </div>
      <Outcome view={view} ended />
      {output !== null && (
        <section class={`mt-8 ${run.simulated ? "simulated" : ""}`} aria-labelledby="result-title">
          <div class="ruled flex flex-wrap items-baseline justify-between gap-x-8">
            <h2 id="result-title">
              Result {run.simulated && <SimulatedStamp />}
            </h2>
            <a href={jsonHref}>result.json</a>
          </div>
          <div class="result">
            <ResultView
              input={run.input}
              output={output}
              {...appraise(run.input, output)}
              jsonHref={jsonHref}
            />
          </div>
        </section>
      )}
      <section class="mt-8">
        <h2 class="ruled">Input as sent</h2>
        <InputView input={run.input} />
      </section>
      <details class="fold ruled mt-8" open={output === null}>
        <summary>
          <h2 class="inline">Trace</h2> {count(events.length)} events
        </summary>
        <TracePicks counts={view.counts} />
        <Trace events={events} startMs={run.created_ms} />
      </details>
    </>
  );
}
