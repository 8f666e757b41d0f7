/** A run's page. Live: figures and feed. Finished: the result first, then sources, timeline and trace. */
import type { ComponentChildren } from "preact";
import { processor } from "../../lib/parallel/mod.ts";
import type { RunPage, TracedPage } from "../../lib/runs/model/mod.ts";
import { dollars } from "../../lib/base/mod.ts";
import type { ResultMode } from "../result/reading.ts";
import { type Access, SharePanel } from "./SharePanel.tsx";
import { ActionBar } from "./ActionBar.tsx";
import { Finished } from "./Finished.tsx";
import { Live } from "./Live.tsx";
import { NotifyOffer } from "./NotifyOffer.tsx";
import { RunId, RunTitle } from "./RunHead.tsx";
import { SimulatedLine } from "../ui/Simulated.tsx";

export interface RunDetailsProps {
  readonly page: TracedPage;
  readonly now: number;
  readonly terms: RunTerms;
  readonly access: Access;
  /** How the result is shown. */
  readonly mode?: ResultMode;
  /** How the run came to be, under its title. */
  readonly origin?: ComponentChildren;
  /** The changing figures of a live run: an island. */
  readonly feed: ComponentChildren;
}

/** The facts known before a run began. */
export interface RunTerms {
  /** `$0.10`, or why there is none. */
  readonly cost: string;
  readonly processor: string;
  /** The processor's usual duration; `null` for an unknown processor, and for the sandbox, which is faster. */
  readonly usual: string | null;
}

/** Builds these facts. */
export function termsOf({ run, view }: RunPage): RunTerms {
  return {
    cost: view.status === "failed" ? "not billed" : dollars(run.price_usd),
    processor: run.processor,
    usual: run.simulated ? null : processor(run.processor)?.latency ?? null,
  };
}

/** Reads how a result is to be shown from the page's URL. */
export function resultMode(search: URLSearchParams): ResultMode {
  const view = search.get("view");
  return view === "all" || view === "raw" ? view : "read";
}

export function RunDetails(props: RunDetailsProps) {
  const { page, now, access, mode = "read", origin, feed } = props;
  const { run } = page;
  const own = access.kind === "owner";
  const actions = own && (
    <ActionBar page={page} share={access.share} base={access.base}>
      {access.offer && (
        <li>
          <NotifyOffer offer={access.offer} base={access.base} />
        </li>
      )}
    </ActionBar>
  );
  const shared = own && access.share !== null && (
    <SharePanel share={access.share} base={access.base} now={now} />
  );
  return (
    <>
      {run.simulated && <SimulatedLine live={!page.ended} />}
      <RunTitle title={page.title} input={run.input} />
      {origin}
      {page.ended
        ? (
          <Finished
            page={page}
            now={now}
            access={access}
            mode={mode}
            actions={actions}
            shared={shared}
          />
        )
        : (
          <>
            <div class="run-facts">
              {actions}
              <RunId page={page} now={now} own={own} />
            </div>
            {shared}
            <Live page={page} exportHref={own ? `${access.base}/trace.ndjson` : null}>
              {feed}
            </Live>
          </>
        )}
    </>
  );
}
