/** The owner's actions for a run: plain links and forms. */
import type { RunPage } from "../../lib/runs/model/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { NotifyOffer, type NotifyOfferProps } from "./NotifyOffer.tsx";
import { type ShareLink, ShareOffer } from "./SharePanel.tsx";

export interface ActionBarProps {
  readonly page: RunPage;
  readonly share: ShareLink | null;
  /** Whether its owner will be told of its end; `null` once it has ended. */
  readonly offer: NotifyOfferProps["offer"] | null;
  /** The run's path. */
  readonly base: string;
}

export function ActionBar({ page, share, offer, base }: ActionBarProps) {
  const id = encodeURIComponent(page.run.run_id);
  return (
    <ul class="actions print:hidden" aria-label="Actions">
      <li>
        <form method="post" action={`${base}/rerun`}>
          <input type="hidden" name="idempotency_key" value={crypto.randomUUID()} />
          <button type="submit" class="plain touch">Run again</button>
        </form>
      </li>
      <li>
        <a href={`/?edit=${id}`}>Edit and run</a>
      </li>
      {page.view.status === "completed" && (
        <li>
          <a href={`/?follow=${id}`}>Follow up</a>
        </li>
      )}
      <li>
        <a href={`/compare?ids=${id}`}>Other processors</a>
      </li>
      {offer !== null && (
        <li>
          <NotifyOffer offer={offer} base={base} />
        </li>
      )}
      {share === null && (
        <li>
          <ShareOffer base={base} />
        </li>
      )}
      <li>
        <Exports base={base} hasResult={page.output !== null} />
      </li>
      <li>
        <form method="post" action={`${base}/delete`}>
          <button type="submit" class="plain touch" title="Can be undone for ten minutes">
            Delete
          </button>
        </form>
      </li>
    </ul>
  );
}

/** Menus with a shared name: opening one closes the others, also without script. */
function Exports({ base, hasResult }: { base: string; hasResult: boolean }) {
  return (
    <details class="menu start" name="action">
      <summary>
        Export <Icon name="chevron-down" small />
      </summary>
      <ul>
        <Export href={`${base}/report.md`} name="Markdown">a report with footnotes</Export>
        {hasResult && (
          <Export href={`${base}/table.csv?bom=1`} name="CSV">the result as a table</Export>
        )}
        <Export href={`${base}/result.json`} name="JSON">everything</Export>
        <Export href={`${base}/trace.ndjson`} name="Trace">events for the inspector</Export>
      </ul>
    </details>
  );
}

function Export({ href, name, children }: { href: string; name: string; children: string }) {
  return (
    <li>
      <a href={href}>{name}</a> <span class="text-soft">{children}</span>
    </li>
  );
}
