/** A batch's page: its progress, then its table. */
import type { ComponentChildren } from "preact";
import { Head } from "fresh/runtime";
import type { NotifyOfferProps } from "../../../../components/run/NotifyOffer.tsx";
import { BatchMenus } from "../../../../components/table/BatchMenus.tsx";
import { BatchTable } from "../../../../components/table/BatchTable.tsx";
import { CopyButton } from "../../../../components/ui/CopyButton.tsx";
import { SimulatedLine } from "../../../../components/ui/Simulated.tsx";
import BatchBoard from "../../../../islands/BatchBoard.tsx";
import { count } from "../../../../lib/base/mod.ts";
import type { ShownBatch } from "./batch_view.ts";

export interface BatchDetailsProps {
  readonly shown: ShownBatch;
  /** The share link; `null` if there is none, and for visitors who use it. */
  readonly link: string | null;
  readonly idleMs: number;
  readonly now: number;
  readonly awayNotice: string;
  /** Whether the owner will be notified when it ends; `null` once it has ended. */
  readonly offer?: NotifyOfferProps["offer"] | null;
  /** The name that was entered before signing in again. */
  readonly nameKept?: string | null;
  /** Where the batch came from. */
  readonly origin?: ComponentChildren;
}

export function BatchDetails(
  { shown, link, idleMs, now, awayNotice, offer = null, nameKept = null, origin = null }:
    BatchDetailsProps,
) {
  const { facts, fields, seed, table, menus, simulated } = shown;
  return (
    <>
      {simulated && <SimulatedLine />}
      <h1>
        {seed.name}{" "}
        <span class="font-normal text-soft inline-flex">
          {count(seed.rows)} {seed.rows === 1 ? "row" : "rows"}
          {fields > 0 && `, ${count(fields)} ${fields === 1 ? "field" : "fields"}`}
          , {facts.processor}
        </span>
      </h1>
      {origin}
      <div class="batch-top">
        <BatchBoard
          facts={facts}
          seed={seed}
          columns={table.columns}
          now={now}
          idleMs={idleMs}
          awayNotice={awayNotice}
        />
        {menus !== null && <BatchMenus {...menus} offer={offer} nameKept={nameKept} />}
      </div>
      {link !== null && <ShareLink base={facts.base} link={link} />}
      <div class={simulated ? "simulated mt-2" : "mt-2"}>
        <BatchTable {...table} />
      </div>
    </>
  );
}

/** Shows the link while the batch is shared. */
function ShareLink({ base, link }: { readonly base: string; readonly link: string }) {
  return (
    <section id="share" class="share-line print:hidden" aria-label="Share link">
      <span class="share-age">Shared</span>
      <a href={link} class="link cut">{link.replace(/^https?:\/\//, "")}</a>
      <CopyButton text={link} what="the link" />
      <form method="post" action={`${base}/unshare`}>
        <button type="submit" class="plain touch">Stop sharing</button>
      </form>
    </section>
  );
}

/** The page of a batch that was just deleted. */
export function BatchDeleted(
  { id, schedules }: { readonly id: string; readonly schedules: number },
) {
  return (
    <>
      <Head>
        <title>Deleted · Taskstream</title>
      </Head>
      <form
        method="post"
        action={`/batches/${encodeURIComponent(id)}/undelete`}
        class="notice calm flex flex-wrap items-center justify-between gap-x-4"
      >
        <div role="status">
          <p>The batch was deleted. You can undo this for ten minutes.</p>
          {schedules > 0 && (
            <p>
              <a href="/schedules">
                {schedules === 1 ? "A schedule repeats" : `${count(schedules)} schedules repeat`} it
              </a>: without it nothing is sent.
            </p>
          )}
        </div>
        <button type="submit" class="button">Undo</button>
      </form>
      <p class="mt-4">
        <a href="/tasks">All tasks</a> · <a href="/batches/new">New batch</a>
      </p>
    </>
  );
}
