/** A live run: its feed, complete so far and refreshed even without script. */
import type { ComponentChildren } from "preact";
import type { RunPage } from "../../lib/runs/model/mod.ts";
import { cx } from "../ui/cx.ts";
import { InputView } from "./InputView.tsx";
import { Outcome } from "./Outcome.tsx";
import { Trace } from "./Trace.tsx";
import { Gaps } from "./FoldedTrace.tsx";
import { matching } from "./matching.ts";
import { NothingFound, TraceTools } from "./TraceTools.tsx";

/** How often a page without script reloads (s). */
const REFRESH_SECONDS = 5;

export interface LiveProps {
  readonly page: RunPage;
  readonly exportHref: string | null;
  /** The search text for the trace. */
  readonly find: string;
  /** The changing figures. */
  readonly children: ComponentChildren;
}

export function Live({ page, exportHref, find, children }: LiveProps) {
  const { run, view, events } = page;
  const found = matching(events, find);
  return (
    <>
      <noscript>
        <meta http-equiv="refresh" content={String(REFRESH_SECONDS)} />
        <p class="text-sm text-soft">This page refreshes every {REFRESH_SECONDS} s.</p>
      </noscript>
      <details class="fold">
        <summary>Input</summary>
        <InputView input={run.input} />
      </details>
      <div class={cx(run.simulated && "simulated")}>
        {children}
        <Outcome view={view} ended={false} />
        <h2 class="sr-only">Feed</h2>
        <Gaps gaps={page.gaps} />
        <div class="trace-tools">
          <TraceTools find={find} found={found.length} of={events.length} />
        </div>
        <Trace events={found} startMs={run.created_ms} exportHref={exportHref} />
        {find === "" && (
          <p class="waiting">Waiting for Parallel to start the run. Its steps will appear here.</p>
        )}
        <NothingFound find={find} found={found.length} />
      </div>
    </>
  );
}
