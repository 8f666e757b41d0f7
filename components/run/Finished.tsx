/** An ended run: how it went, then its result with its sources, then how it came about. */
import type { ComponentChildren } from "preact";
import { asset } from "fresh/runtime";
import { appraise, FIRST_ROOM, WHOLE_ROOM } from "../../lib/results/mod.ts";
import type { RunPage, TracedPage } from "../../lib/runs/model/mod.ts";
import { duration } from "../../lib/base/mod.ts";
import { CitationCard } from "../result/CitationCard.tsx";
import type { ResultMode } from "../result/reading.ts";
import { ResultView } from "../result/ResultView.tsx";
import { drawable, Timeline } from "../timeline/Timeline.tsx";
import { Icon } from "../ui/Icon.tsx";
import { statusWord } from "../ui/Status.tsx";
import { AskAgain } from "./AskAgain.tsx";
import { FoldedTrace, Gaps, GroupNote } from "./FoldedTrace.tsx";
import { InputFold } from "./InputFold.tsx";
import { Outcome } from "./Outcome.tsx";
import { RunBar, RunFacts, segmentsOf } from "./RunHead.tsx";
import type { Access } from "./SharePanel.tsx";

export interface FinishedProps {
  readonly page: TracedPage;
  readonly now: number;
  readonly access: Access;
  readonly mode: ResultMode;
  readonly actions: ComponentChildren;
  /** The line of a shared run. */
  readonly shared: ComponentChildren;
}

export function Finished({ page, now, access, mode, actions, shared }: FinishedProps) {
  const { run, view, output } = page;
  const base = access.kind === "owner" ? access.base : null;
  const room = mode === "all" ? WHOLE_ROOM : FIRST_ROOM;
  const appraisal = output === null ? null : appraise(run.input, output, room);
  const fields = output?.type === "json" ? segmentsOf(output.basis, output.content) : [];
  const timeline = drawable(page.timeline, run.created_ms, page.ended_ms);
  return (
    <>
      <RunFacts page={page} appraisal={appraisal} now={now} own={access.kind === "owner"} />
      <RunBar
        page={page}
        fields={fields}
        sources={appraisal && appraisal.basisIndex.sources.length}
        hasTimeline={timeline !== null}
      >
        {actions}
      </RunBar>
      {shared}
      <Outcome view={view} ended />
      {access.kind === "owner" && (
        <AskAgain page={page} base={access.base} asked={access.asked ?? ""} />
      )}
      {output !== null && appraisal !== null && (
        <section
          class={run.simulated ? "run-result simulated" : "run-result"}
          aria-labelledby="result-title"
        >
          <ResultView
            input={run.input}
            output={output}
            {...appraisal}
            room={room}
            mode={mode}
            base={base}
            read={view.sourcesRead}
          />
          <CitationCard />
        </section>
      )}
      {access.kind === "owner" && access.isFirst && appraisal !== null && (
        <FirstResult sources={appraisal.basisIndex.sources.length} />
      )}
      {timeline && <Timeline shape={timeline} folded={output?.type === "text"} />}
      <Gaps gaps={page.gaps} />
      <GroupNote run={run} view={view} />
      <FoldedTrace
        page={page}
        exportHref={base && `${base}/trace.ndjson`}
        open={output === null}
      />
      <InputFold input={run.input} />
      <Arrival page={page} />
      <script type="module" src={asset("/run.js")}></script>
      {output !== null && <script type="module" src={asset("/cite.js")}></script>}
    </>
  );
}

/** Says what to do next to those who see their first result. */
function FirstResult({ sources }: { readonly sources: number }) {
  return (
    <p class="notice calm mt-4 print:hidden" id="first-result">
      <b>Your first result.</b> {sources > 0
        ? "Press a number beside a value to read its source."
        : <a href="/">Ask your next question</a>}
    </p>
  );
}

/** Tells a reader in the middle of the trace that the run has ended. The script shows it. */
function Arrival({ page: { run, view, output, ended_ms } }: { page: RunPage }) {
  const word = statusWord(view.status);
  const isDone = view.status === "completed";
  const took = ended_ms === null
    ? ""
    : ` ${isDone ? "in" : "after"} ${duration(ended_ms - run.created_ms)}`;
  const [href, what] = output !== null ? ["#result-title", "Read result"] : [
    isDone ? "#main" : "#outcome",
    view.status === "action_required" ? "See why" : "See what was kept",
  ];
  const isBad = view.status === "failed" || view.status === "lost";
  return (
    <p class="news print:hidden" id="arrival" hidden>
      <a class={isBad ? "pill failed" : "pill done"} href={href}>
        {isBad ? <Icon name="x" /> : isDone && <Icon name="check" />}
        {`${word.charAt(0).toUpperCase()}${word.slice(1)}${took} · ${what}`}
        <Icon name="arrow-up" />
      </a>
    </p>
  );
}
