/** The owner's actions for a run: plain links and forms. What is not needed daily is in a menu. */
import type { ComponentChildren } from "preact";
import type { RunPage } from "../../lib/runs/model/mod.ts";
import { priceOf } from "../../lib/parallel/mod.ts";
import { dollars } from "../../lib/base/mod.ts";
import { EXPORT_FORMATS } from "../../lib/exports/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { Menu } from "../ui/Menu.tsx";
import { OtherProcessors } from "./OtherProcessors.tsx";
import { type ShareLink, ShareOffer } from "./SharePanel.tsx";

export interface ActionBarProps {
  readonly page: RunPage;
  readonly share: ShareLink | null;
  /** The run's path. */
  readonly base: string;
  /** More items of the menu, as `li`s, before the exports. */
  readonly children?: ComponentChildren;
}

export function ActionBar({ page, share, base, children }: ActionBarProps) {
  const { run } = page;
  const id = encodeURIComponent(run.run_id);
  const price = priceOf(run.processor);
  const again = (
    <form method="post" action={`${base}/rerun`}>
      <input type="hidden" name="idempotency_key" value={crypto.randomUUID()} />
      <button
        type="submit"
        class={page.ended ? "button" : ""}
        title={run.simulated ? "The price on the real API. The sandbox is free." : undefined}
      >
        <Icon name="rotate-cw" /> Run again
        {price !== null && <small class="price">{dollars(price)}</small>}
      </button>
    </form>
  );
  return (
    <div class="run-actions" role="group" aria-label="Actions">
      {page.ended && again}
      <a href={`/?edit=${id}`} class="button ghost">
        <Icon name="pencil" /> Edit
      </a>
      {share === null ? <ShareOffer base={base} /> : (
        <a href="#share" class="button ghost">
          <Icon name="share-2" /> Share
        </a>
      )}
      <Menu label="More actions" icon="ellipsis" iconOnly>
        {page.view.status === "completed" && (
          <li>
            <a href={`/?follow=${id}`}>
              <Icon name="corner-down-right" /> Follow up
            </a>
          </li>
        )}
        {!page.ended && <li>{again}</li>}
        <li>
          <OtherProcessors run={run} />
        </li>
        {children}
        <RepeatActions run={page} />
        <Exports base={base} page={page} />
        <li>
          <form method="post" action={`${base}/delete`}>
            <button type="submit" title="Can be undone for ten minutes">
              <Icon name="trash-2" /> Delete
              {!page.ended && <small class="text-soft">does not stop the run</small>}
            </button>
          </form>
        </li>
      </Menu>
    </div>
  );
}

function Exports({ base, page }: { readonly base: string; readonly page: RunPage }) {
  return (
    <>
      {EXPORT_FORMATS.filter(({ needsResult }) => page.output !== null || !needsResult).map(
        ({ file, query, label, note }) => (
          <li key={file}>
            <a href={`${base}/${file}${query}`}>
              <Icon name="download" /> {label} <small class="text-soft">{note}</small>
            </a>
          </li>
        ),
      )}
    </>
  );
}

/** Items that repeat the run: by a schedule here, or by a watch at Parallel. */
function RepeatActions({ run: { run, view } }: { readonly run: RunPage }) {
  const id = encodeURIComponent(run.run_id);
  return (
    <>
      <li>
        <a href={`/schedules/new?run=${id}`}>
          <Icon name="calendar-clock" /> Run every …
        </a>
      </li>
      {view.status === "completed" && (
        <li>
          <a href={`/watches/new?run=${id}`}>
            <Icon name="eye" /> Watch for changes
          </a>
        </li>
      )}
    </>
  );
}
