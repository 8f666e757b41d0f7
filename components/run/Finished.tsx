/** An ended run: its outcome, then its result, then its trace. */
import { asset } from "fresh/runtime";
import { appraise } from "../../lib/results/mod.ts";
import type { RunPage } from "../../lib/runs/model/mod.ts";
import { EndedFigures, SampledSources } from "./Figures.tsx";
import { duration } from "../../lib/base/mod.ts";
import { InputView } from "./InputView.tsx";
import { Outcome } from "./Outcome.tsx";
import { ResultView } from "../result/ResultView.tsx";
import { SimulatedStamp } from "../ui/Simulated.tsx";
import { statusWord } from "../ui/Status.tsx";
import { Timeline } from "../timeline/Timeline.tsx";
import type { Access } from "./SharePanel.tsx";
import { AskAgain } from "./AskAgain.tsx";
import { FoldedTrace, Gaps, GroupNote } from "./FoldedTrace.tsx";
import { newestEvents, TRACE_BYTES } from "./matching.ts";
import { Scorecard } from "./Scorecard.tsx";

export interface FinishedProps {
  readonly page: RunPage;
  /** `pro · $0.10` */
  readonly cost: string;
  /** The processor's usual duration. */
  readonly usual: string | null;
  readonly access: Access;
  /** The search text for the trace. */
  readonly find: string;
}

/** The share of a page for the trace and the basis of a result (bytes). */
const TRACE_AND_BASIS_BYTES = 2_500_000;

export function Finished({ page, cost, usual, access, find }: FinishedProps) {
  const { run, view, output, events } = page;
  const base = access.kind === "owner" ? access.base : null;
  const appraisal = output === null ? null : appraise(run.input, output);
  return (
    <>
      <div class="py-3 border-b">
        <EndedFigures
          view={view}
          tookMs={page.ended_ms === null ? null : page.ended_ms - run.created_ms}
          usual={usual}
        />
        <Scorecard view={view} cost={cost} appraisal={appraisal} />
        <SampledSources urls={view.sources} show={12} />
      </div>
      <Outcome view={view} ended />
      {access.kind === "owner" && (
        <AskAgain page={page} base={access.base} asked={access.asked ?? ""} />
      )}
      {output !== null && appraisal !== null && (
        <section class={`mt-8 ${run.simulated ? "simulated" : ""}`} aria-labelledby="result-title">
          <div class="ruled flex flex-wrap items-baseline justify-between gap-x-8">
            <h2 id="result-title">
              Result {run.simulated && <SimulatedStamp />}
            </h2>
            <CopyResult base={base} />
          </div>
          <div class="result" id="result">
            <ResultView
              input={run.input}
              output={output}
              {...appraisal}
              jsonHref={base && `${base}/result.json`}
            />
          </div>
        </section>
      )}
      <Timeline events={newestEvents(events)} startMs={run.created_ms} endMs={page.ended_ms} />
      <Gaps gaps={page.gaps} />
      <GroupNote run={run} view={view} />
      <FoldedTrace
        events={events}
        counts={view.counts}
        startMs={run.created_ms}
        exportHref={base && `${base}/trace.ndjson`}
        room={Math.min(TRACE_BYTES, TRACE_AND_BASIS_BYTES - (appraisal?.shown.bytes ?? 0))}
        find={find}
        open={output === null}
      />
      <section class="mt-8">
        <h2 class="ruled">Input as sent</h2>
        <InputView input={run.input} />
      </section>
      <Arrival page={page} />
      <script type="module" src={asset("/run.js")}></script>
    </>
  );
}

/** Tells a reader in the middle of the trace that the run has ended. The script shows it. */
function Arrival({ page: { run, view, output, ended_ms } }: { page: RunPage }) {
  const word = statusWord(view.status);
  const took = ended_ms === null
    ? ""
    : ` ${view.status === "completed" ? "in" : "after"} ${duration(ended_ms - run.created_ms)}`;
  const [href, what] = output !== null
    ? ["#result-title", "Read result"]
    : [view.status === "completed" ? "#main" : "#outcome", "See why"];
  const isBad = view.status === "failed" || view.status === "lost";
  return (
    <p class="news print:hidden" id="arrival" hidden>
      <a class={isBad ? "pill failed" : "pill done"} href={href}>
        {`${word.charAt(0).toUpperCase()}${word.slice(1)}${took} · ${what} ↑`}
      </a>
    </p>
  );
}

/** One click each. A visitor has no export to copy from. */
function CopyResult({ base }: { base: string | null }) {
  return (
    <p class="scripted">
      <span class="text-sm flex flex-wrap gap-x-4">
        {base !== null && (
          <button type="button" class="plain touch" data-copy-url={`${base}/report.md`}>
            copy as Markdown
          </button>
        )}
        <button type="button" class="plain touch" data-copy-rich="result">copy as rich text</button>
      </span>
    </p>
  );
}
