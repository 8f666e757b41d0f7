/** A run that goes on: its feed, complete up to now and refreshed even without script. */
import type { ComponentChildren } from "preact";
import type { RunPage } from "../../lib/runs/model.ts";
import { cx } from "../cx.ts";
import { InputView } from "../InputView.tsx";
import { Outcome } from "../Outcome.tsx";
import { Trace } from "../Trace.tsx";
import { Gaps } from "./Gaps.tsx";

/** How often a page without script looks again (s). */
const REFRESH_SECONDS = 5;

/** `children`: the figures that move. */
export function Live({ page, children }: { page: RunPage; children: ComponentChildren }) {
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
        <Gaps gaps={page.gaps} />
        <Trace events={events} startMs={run.created_ms} />
        <p class="waiting">Waiting for Parallel to start the run. What it does appears here.</p>
      </div>
    </>
  );
}
