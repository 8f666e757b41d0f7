/** A live run: its feed, refreshed even without script. */
import type { ComponentChildren } from "preact";
import type { TracedPage } from "../../lib/runs/model/mod.ts";
import { Gaps } from "./FoldedTrace.tsx";
import { InputFold } from "./InputFold.tsx";
import { Outcome } from "./Outcome.tsx";
import { Trace } from "./Trace.tsx";
import { TraceTools } from "./TraceTools.tsx";
import { FindingRow } from "../feed/row.tsx";
import { Icon } from "../ui/Icon.tsx";

/** How often a page without script reloads (s). */
const REFRESH_SECONDS = 5;

export interface LiveProps {
  readonly page: TracedPage;
  /** The URL of the whole trace as a file; `null` for visitors with a share link. */
  readonly exportHref: string | null;
  /** The bar: an island. */
  readonly children: ComponentChildren;
}

export function Live({ page, exportHref, children }: LiveProps) {
  const { find, kind, from, to, raw } = page.part.query;
  // Do not reload a page while its reader looks at an earlier part.
  const isNewest = find === "" && kind === "" && from === null && to === null && raw === null;
  return (
    <>
      {isNewest && (
        <noscript>
          <meta http-equiv="refresh" content={String(REFRESH_SECONDS)} />
          <p class="text-sm text-soft">This page refreshes every {REFRESH_SECONDS} s.</p>
        </noscript>
      )}
      <Outcome view={page.view} ended={false} />
      {/* Above what grows: below it, each event would push it on. */}
      <InputFold input={page.run.input} />
      <div class="watch">
        {children}
        <TraceTools view={page.view} query={page.part.query} exportHref={exportHref} live />
        <FoundSoFar page={page} />
        <h2 class="sr-only">Trace</h2>
        <Gaps gaps={page.gaps} />
        <Trace page={page} />
      </div>
    </>
  );
}

/**
 * What the run has found, beside its trace. On a narrow page it is a menu above the trace: open, it lies over the
 * trace and moves nothing of it. The island appends to it.
 */
function FoundSoFar({ page: { run, view } }: { page: TracedPage }) {
  return (
    <details class="so-far menu">
      <summary>
        <Icon name="diamond" /> Found so far
        <Icon name="chevron-right" small />
        {/* Last, so that a growing count moves nothing. */}
        <small id="found-count">{view.findings.length || ""}</small>
      </summary>
      <div>
        {/* Above the list, which grows. */}
        <p>Findings are not verified yet. Confidence comes with the result.</p>
        <ol id="found">
          {view.findings.map(({ id, at_ms, text }) => (
            <FindingRow key={id} id={id} at={at_ms ?? 0} text={text} startMs={run.created_ms} />
          ))}
        </ol>
      </div>
    </details>
  );
}
