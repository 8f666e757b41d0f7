/** A run's page. Live: figures and feed. Finished: the result first, then the trace. */
import type { ComponentChildren } from "preact";
import { processor } from "../../lib/parallel/mod.ts";
import type { RunPage } from "../../lib/runs/model/mod.ts";
import { Ago } from "../ui/Ago.tsx";
import { CopyButton } from "../ui/CopyButton.tsx";
import { dollars, exact } from "../../lib/base/mod.ts";
import { type Access, SharePanel } from "./SharePanel.tsx";
import { ActionBar } from "./ActionBar.tsx";
import { Finished } from "./Finished.tsx";
import { Live } from "./Live.tsx";
import { SimulatedLine } from "../ui/Simulated.tsx";

export interface RunDetailsProps {
  readonly page: RunPage;
  readonly now: number;
  readonly terms: RunTerms;
  readonly access: Access;
  /** The search text for the trace. */
  readonly find?: string;
  /** The changing figures of a live run: an island. */
  readonly feed: ComponentChildren;
}

/** The facts known before a run began. */
export interface RunTerms {
  /** `pro · $0.10` */
  readonly cost: string;
  /** The processor's usual duration; `null` for an unknown processor. */
  readonly usual: string | null;
}

/** Builds these facts. */
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

export function RunDetails({ page, now, terms, access, find = "", feed }: RunDetailsProps) {
  const { run } = page;
  const traceHref = access.kind === "owner" ? `${access.base}/trace.ndjson` : null;
  return (
    <>
      {run.simulated && <SimulatedLine />}
      <div class="flex flex-wrap items-baseline justify-between gap-x-8 mt-6">
        <h1 class="min-w-0 max-w-[60ch]" dir="auto">{page.title}</h1>
        {access.kind === "owner"
          ? (
            <p class="text-sm text-soft min-w-0">
              <code class="break-all">{run.run_id}</code>{" "}
              <CopyButton text={run.run_id} what="the run id" />
              {" · "}
              <Ago ms={run.created_ms} now={now} />
            </p>
          )
          : (
            <p class="text-sm text-soft">
              {/* An age would change the page, which is confirmed by its content. */}
              Shared, read only · {exact(run.created_ms)}
            </p>
          )}
      </div>
      {access.kind === "owner" && (
        <>
          <ActionBar
            page={page}
            share={access.share}
            offer={access.offer ?? null}
            base={access.base}
          />
          {access.share && <SharePanel share={access.share} base={access.base} now={now} />}
        </>
      )}
      {page.ended
        ? <Finished page={page} {...terms} access={access} find={find} />
        : <Live page={page} exportHref={traceHref} find={find}>{feed}</Live>}
    </>
  );
}
